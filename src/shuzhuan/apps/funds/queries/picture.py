"""Where the appropriated money is: what the parts of one sum are."""

from __future__ import annotations

from dataclasses import dataclass

from shuzhuan.apps.funds.queries.balances import Balances

FEN_PER_WAN = 1_000_000


@dataclass(frozen=True, slots=True)
class Plot:
    """Figures by name, drawn by the shell."""

    title: str
    unit: str
    values: tuple[tuple[str, float], ...]
    source: str = "资金台账"


def where_the_money_is(now: Balances) -> Plot | None:
    """Paid (less what came back), reserved, free on a line, and not yet on a line: 万元."""
    if now.appropriated_fen <= 0:
        return None
    parts = (
        ("已拨付", now.paid_fen - now.returned_fen),
        ("冻结待拨", now.reserved_fen),
        ("已安排可用", now.available_fen),
        ("到账待安排", now.waiting_fen),
    )
    return Plot(
        "到账资金现在在哪里", "万元", tuple((name, fen / FEN_PER_WAN) for name, fen in parts)
    )
