"""Remove files that no row names: uploads that were cut off before their commit."""

from __future__ import annotations

from shuzhuan.apps.evidence.models import Blob
from shuzhuan.apps.evidence.store import ORPHAN_SECONDS, Missing, store


def sweep(older_than: float = ORPHAN_SECONDS) -> list[str]:
    """Remove old orphans and return their names. Runs beside uploads."""
    return store().sweep(_referenced, older_than)


def missing() -> list[str]:
    """Names that the database has and the store has not; always empty."""
    lost = []
    for sha256 in Blob.objects.values_list("sha256", flat=True).distinct().iterator():
        try:
            store().open(sha256).close()
        except Missing:
            lost.append(sha256)
    return lost


def _referenced(names: list[str]) -> set[str]:
    return set(Blob.objects.filter(sha256__in=names).values_list("sha256", flat=True))
