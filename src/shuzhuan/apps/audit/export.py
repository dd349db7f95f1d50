"""A chain as JSON lines, for ``verifier.py``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from shuzhuan.apps.audit.checkpoints import checkpoint_json, row_json
from shuzhuan.apps.audit.models import Chain, Entry

ROWS_AT_ONCE = 2000


def lines(chain: Chain) -> Iterator[str]:
    """Every row of the chain in order, then its checkpoints; one JSON document per line."""
    entries = Entry.objects.filter(chain=chain).order_by("number")
    for entry in entries.iterator(chunk_size=ROWS_AT_ONCE):
        yield _line({"type": "row", "chain": chain.key, "row": row_json(entry), "leaf": entry.leaf})
    for point in chain.checkpoints.select_related("chain").order_by("size"):
        yield _line({"type": "checkpoint", **checkpoint_json(point)})


def _line(document: dict[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"
