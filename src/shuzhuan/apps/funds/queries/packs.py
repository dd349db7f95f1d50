"""What the documents of a place say about its funds."""

from __future__ import annotations

from shuzhuan.apps.funds.models import Counts
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.policy.pack import Library, Pack


def packs_with_budget(place_id: int) -> list[Pack]:
    """Packs in force at the place whose document names sources and budget lines, own first."""
    path = Region.objects.get(pk=place_id).path
    codes = [code for code in path.split("/") if code]
    rows = Region.objects.filter(code__in=codes).exclude(pack="").order_by("-path")
    library = Library.load()
    packs = [library.get(row.pack) for row in rows if row.pack in library.ids]
    return [
        pack
        for pack in packs
        if (budget := pack.source.budget) is not None and budget.sources and budget.lines
    ]


def pack_with_budget(place_id: int, pack_id: str) -> Pack | None:
    """One of them by its id."""
    return next((pack for pack in packs_with_budget(place_id) if pack.id == pack_id), None)


def settled(pack: Pack) -> dict[str, str | None]:
    """By line id: the side of the ratio that the document itself says, or None to be decided.

    The document says it where the rule about the ratio uses the words of the line's group. Where
    there is no rule, nothing depends on it and every line counts for enterprises.
    """
    budget = pack.source.budget
    if budget is None:
        return {}
    found: dict[str, str | None] = {}
    for line in budget.lines:
        sides = {
            Counts.ENTERPRISE if rule.bound == "at_least" else Counts.SUPPORT
            for rule in budget.rules
            if line.group in rule.text
        }
        if not budget.rules:
            found[line.id] = Counts.ENTERPRISE
        else:
            found[line.id] = sides.pop() if len(sides) == 1 else None
    return found
