"""Where the apps above react to what happens to a batch, inside the same transaction."""

from __future__ import annotations

from collections.abc import Callable

from shuzhuan.apps.pilots.models import Batch

BatchRule = Callable[[Batch], None]
_closings: list[BatchRule] = []


def on_close(rule: BatchRule) -> BatchRule:
    """Register what happens when a batch receives no more filings."""
    _closings.append(rule)
    return rule


def closed(batch: Batch) -> None:
    """Call the rules; an exception in one undoes the closing."""
    for rule in _closings:
        rule(batch)
