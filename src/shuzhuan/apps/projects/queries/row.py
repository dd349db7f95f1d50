"""One project as the queue draws it: a plain tuple, for a page of fifty needs no models."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from shuzhuan.engine.process import TABLE, Lane, State

# What comes next in a state, by the table.
_NEXT: dict[str, str] = {}
for _row in TABLE:
    if _row.main:
        _NEXT |= {str(state): _row.label for state in _row.sources}
_NEXT |= {
    str(State.RETURNED): "提交补正",
    str(State.RECTIFICATION): "提交整改",
    str(State.CLAW_BACK): "确认退清",
}
_SUBSIDY = (
    ("paid_fen", "已兑付"), ("determined_fen", "核定"), ("proposed_fen", "拟补助"),
    ("ceiling_fen", "上限"),
)  # fmt: skip


class Row(NamedTuple):
    """One project as the list draws it: exactly these columns are read. Money in fen."""

    pk: int
    firm: str
    number: str
    title: str
    place_id: int
    state: str
    lane: str
    due_on: date | None
    due_provisional: bool
    objections_open: int
    suspended: bool
    planned_fen: int
    ceiling_fen: int
    proposed_fen: int
    determined_fen: int
    paid_fen: int
    updated_at: datetime

    @property
    def at(self) -> State:
        return State(self.state)

    @property
    def waits_for(self) -> str:
        """Whose move it is, in words; empty when it is nobody's."""
        return Lane(self.lane).label if self.lane != Lane.NOBODY else ""

    @property
    def next(self) -> str:
        """The action of the main line that comes next."""
        return _NEXT.get(self.state, "")

    @property
    def subsidy(self) -> tuple[str, int] | None:
        """The surest figure so far: what it is, and the amount."""
        amounts = ((what, getattr(self, name)) for name, what in _SUBSIDY)
        return next(((what, fen) for what, fen in amounts if fen), None)


COLUMNS = tuple({"firm": "enterprise__name"}.get(name, name) for name in Row._fields)
