"""The drawings of the leader's page; every figure of them stands beside its mark."""

from __future__ import annotations

from shuzhuan.apps.reports.queries.overview import Overview
from shuzhuan.apps.reports.queries.pace import Stay
from shuzhuan.apps.reports.queries.waiting import SHOWN
from shuzhuan.engine import charts
from shuzhuan.engine.charts import Chart

FEN_PER_WAN = 1_000_000
_SOURCE = "项目办理记录"


def goals(seen: Overview) -> Chart | None:
    """What has been reached of each goal that something tells."""
    known = seen.known_goals
    if not known:
        return None
    reached = sum(goal.reached for goal in known)
    title = f"{len(known)}个目标，{reached}个已达到"
    if enough := sum(not goal.reached and not goal.lacking for goal in known):
        title += f"，{enough}个在办够数"
    rows = [(g.text, float(g.done or 0), g.wanted) for g in known]
    columns = ("目标", "已完成", "目标数")
    return charts.fills("goals", title, "家", rows, columns=columns, source=_SOURCE)


def way(seen: Overview) -> Chart | None:
    """How many have come how far."""
    filed = float(seen.now.total)
    if not filed:
        return None
    come = {name: count for _, name, count in seen.way}
    told = "，".join(f"{come[name]:,}家{name}" for name in ("入库", "验收通过", "兑付"))
    rows = [(name, float(count), filed) for _, name, count in seen.way]
    return charts.fills(
        "way", f"{seen.now.total:,}家申报，{told}", "家", rows,
        columns=("步骤", "走到这一步", "申报"), source=_SOURCE,
    )  # fmt: skip


def money(seen: Overview) -> Chart | None:
    """Where the money is that arrived."""
    books = seen.books
    parts = (
        ("已兑付", books.net_paid_fen),
        ("已锁定", books.reserved_fen),
        ("可用", books.available_fen),
        ("待安排", books.waiting_fen),
    )
    drawn = [(name, round(fen / FEN_PER_WAN, 2)) for name, fen in parts if fen > 0]
    if books.appropriated_fen <= 0 or not drawn:
        return None
    told = "，".join(f"{name}{amount:,.2f}" for name, amount in drawn)
    title = f"到账{books.appropriated_fen / FEN_PER_WAN:,.2f}：{told}"
    return charts.shares("money", title, "万元", drawn, source="资金总账")


def late(seen: Overview) -> Chart | None:
    """With whom the late ones lie, where the list beside it cannot tell all of them."""
    lanes = seen.waiting.late_by_lane
    if seen.waiting.late_count <= SHOWN or len(lanes) < 2:  # noqa: PLR2004 - nothing to compare
        return None
    most = next(iter(lanes))
    title = f"逾期的{lanes[most] * 100 // seen.waiting.late_count}%在{most.label}"
    rows = [(lane.label, float(count)) for lane, count in lanes.items()]
    return charts.bars("late", title, "家", rows, source=_SOURCE)


def pace(stays: list[Stay]) -> Chart | None:
    """Half and nine in ten of the stays that took a day or more, in the order of the way."""
    rows = [
        (f"{stay.state.label}（{stay.lane.label}）", float(stay.median), float(stay.ninth))
        for stay in stays
        if stay.median is not None and stay.ninth
    ]
    if not rows:
        return None
    name, _, longest = max(rows, key=lambda row: row[2])
    title = f"最慢的是{name}：九成在{longest:g}个工作日以内"
    return charts.pairs(
        "pace", title, "个工作日", ("一半不超过", "九成不超过"), rows, source=_SOURCE
    )
