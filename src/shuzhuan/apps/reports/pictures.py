"""The drawings of the leader's page; every figure of them stands beside its mark."""

from __future__ import annotations

from shuzhuan.apps.reports.queries.overview import Overview
from shuzhuan.apps.reports.queries.pace import Stay
from shuzhuan.engine import charts
from shuzhuan.engine.charts import Chart

FEN_PER_WAN = 1_000_000
_SOURCE = "项目办理记录"


def goals(seen: Overview) -> Chart | None:
    """What has been reached of each goal that something tells."""
    rows = [(g.text, float(g.done or 0), g.wanted) for g in seen.known_goals]
    if not rows:
        return None
    return charts.fills(
        "goals", "目标完成多少", "家", rows, columns=("目标", "已完成", "目标数"), source=_SOURCE
    )


def way(seen: Overview) -> Chart | None:
    """How many have come how far."""
    filed = float(seen.now.total)
    if not filed:
        return None
    rows = [(name, float(count), filed) for name, count in seen.way]
    return charts.fills(
        "way", "项目走到哪一步", "家", rows, columns=("步骤", "走到这一步", "申报"), source=_SOURCE
    )


def money(seen: Overview) -> Chart | None:
    """Where the money is that arrived."""
    books = seen.books
    parts = (
        ("已兑付", books.net_paid_fen),
        ("已锁定", books.reserved_fen),
        ("可用", books.available_fen),
        ("待安排", books.waiting_fen),
    )
    drawn = [(name, fen / FEN_PER_WAN) for name, fen in parts if fen > 0]
    if books.appropriated_fen <= 0 or not drawn:
        return None
    return charts.shares("money", "到账资金现在在哪里", "万元", drawn, source="资金总账")


def late(seen: Overview) -> Chart | None:
    """With whom the late ones lie, where there is something to compare."""
    rows = [(lane.label, float(count)) for lane, count in seen.waiting.late_by_lane.items()]
    if len(rows) < 2:  # noqa: PLR2004 - one bar compares nothing
        return None
    return charts.bars("late", "逾期的在谁手里", "家", rows, source=_SOURCE)


def pace(stays: list[Stay]) -> Chart | None:
    """Half and nine in ten of the stays, by state, in the order of the way."""
    rows = [
        (f"{stay.state.label}（{stay.lane.label}）", float(stay.median), float(stay.ninth))
        for stay in stays
        if stay.median is not None and stay.ninth is not None
    ]
    if not rows:
        return None
    return charts.pairs(
        "pace", "每一步用多少个工作日", "个工作日", ("中位数", "九成在"), rows, source=_SOURCE
    )
