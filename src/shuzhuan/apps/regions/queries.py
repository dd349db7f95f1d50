"""Reading the tree."""

from shuzhuan.apps.regions.models import Region


def ids_below(path: str) -> tuple[int, ...]:
    """Ids of the region with this path and of all below it; none for an empty path."""
    if not path:
        return ()
    rows = Region.objects.filter(path__startswith=path).values_list("id", flat=True)
    return tuple(rows.order_by("id"))
