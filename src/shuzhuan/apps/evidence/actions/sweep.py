"""Remove files that no row names: uploads that were cut off before their commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from shuzhuan.apps.evidence.models import Blob
from shuzhuan.apps.evidence.store import ORPHAN_SECONDS, Missing, store

# Files that no document names: the apps above this one say which are theirs. Hashes to look for,
# or None for all → those that are named.
Named = Callable[[list[str] | None], Iterable[str]]
_named: list[Named] = []


def named_by(rule: Named) -> Named:
    """Register who else names files of the store. Rules add up."""
    _named.append(rule)
    return rule


@named_by
def documents(names: list[str] | None) -> Iterable[str]:
    """Files of documents."""
    rows = Blob.objects.all() if names is None else Blob.objects.filter(sha256__in=names)
    return rows.values_list("sha256", flat=True).distinct().iterator()


def sweep(older_than: float = ORPHAN_SECONDS) -> list[str]:
    """Remove old orphans and return their names. Runs beside uploads."""
    return store().sweep(_referenced, older_than)


def missing() -> list[str]:
    """Names that the database has and the store has not; always empty."""
    lost = []
    for sha256 in sorted({each for rule in _named for each in rule(None)}):
        try:
            store().open(sha256).close()
        except Missing:
            lost.append(sha256)
    return lost


def _referenced(names: list[str]) -> set[str]:
    return {each for rule in _named for each in rule(names)}
