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
        ("已兑付", now.paid_fen - now.returned_fen),
        ("已锁定", now.reserved_fen),
        ("已安排可用", now.available_fen),
        ("到账待安排", now.waiting_fen),
    )
    total = now.appropriated_fen / FEN_PER_WAN
    held = now.paid_fen - now.returned_fen + now.reserved_fen
    title = f"到账{total:,.2f}万元，兑付和锁定用去{100 * held // now.appropriated_fen}%"
    return Plot(title, "万元", tuple((name, round(fen / FEN_PER_WAN, 2)) for name, fen in parts))
