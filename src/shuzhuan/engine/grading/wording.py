"""A result in Chinese that a clerk can read out: every figure with where it comes from."""

from __future__ import annotations

from .answers import Rate
from .model import numeral, show_milli
from .result import Bounds, Condition, LevelCheck, LevelCount, QuestionResult, Result
from .way import Way

_STATES = {True: "满足", False: "不满足", None: "尚不能确定"}


def explain(result: Result) -> list[str]:
    """The explanation, one sentence a line, in the order of the sum."""
    lines: list[str] = []
    for dimension in result.dimensions:
        full = show_milli(dimension.max_milli)
        lines.append(f"{dimension.title}：{points(dimension.points_milli)}（满分 {full} 分）")
        lines += [_question(q) for q in result.questions if q.dimension == dimension.id]
    full = show_milli(result.max_milli)
    lines.append(f"总分：{points(result.points_milli)}（满分 {full} 分）")
    if result.counts:
        lines.append("应用场景：" + "；".join(_count(count) for count in result.counts))
    lines += [_check(check) for check in result.checks]
    lines.append(_conclusion(result))
    if result.unanswered:
        lines.append(f"还有 {len(result.unanswered)} 项未答，以上按最低和最高两种可能计算")
    lines += [f"{what}：{mark}" for what, mark in result.unverified]
    return [*lines, *result.notices]


def points(bounds: Bounds) -> str:
    """``40 分``, or ``40 至 52.5 分`` while open."""
    low = show_milli(bounds.low)
    return f"{low} 分" if bounds.settled else f"{low} 至 {show_milli(bounds.high)} 分"


def number(bounds: Bounds) -> str:
    """``6 个``, or ``6 至 8 个`` while open."""
    return f"{bounds.low} 个" if bounds.settled else f"{bounds.low} 至 {bounds.high} 个"


def _question(question: QuestionResult) -> str:
    full = f"（满分 {show_milli(question.max_milli)} 分）"
    got = f"得 {points(question.points_milli)}{full}"
    if question.answer is None:
        return f"　{question.title}：未答，可{got}"
    if isinstance(question.answer, Rate):
        return f"　{question.title}：{question.answer.text}，属于 {question.keys[0]} 档，{got}"
    if question.keys:
        return f"　{question.title}：选 {'、'.join(question.keys)}，{got}"
    return f"　{question.title}：{got}"


def _count(count: LevelCount) -> str:
    level = f"{numeral(count.level)}级及以上"
    return f"{level} {number(count.count)}（约束性 {number(count.binding)}）"


def condition_text(condition: Condition, at: int) -> str:
    """``总分至少 40 分``, ``二级及以上场景至少 6 个``, ``其中约束性至少 3 个``."""
    if condition.kind == "points":
        return f"总分至少 {show_milli(condition.needed)} 分"
    if condition.kind == "scenarios":
        return f"{numeral(at)}级及以上场景至少 {condition.needed} 个"
    return f"其中约束性至少 {condition.needed} 个"


def told_way(way: Way, before: LevelCheck, after: LevelCheck) -> str:
    """How long a cheapest way is, and what it does to each condition of its level.

    ``before`` and ``after``: the conditions of that level now and at the end of the way.
    """
    pairs = zip(before.conditions, after.conditions, strict=True)
    moves = [_move(one, other, after.at) for one, other in pairs]
    return (
        f"达到{way.level_name}，最少 {way.cost} 步，涉及 {len(way.changes)} 项："
        f"{'，'.join(moves)}。"
    )


def _move(before: Condition, after: Condition, at: int) -> str:
    shown = points if before.kind == "points" else number
    name = {
        "points": "总分",
        "scenarios": f"{numeral(at)}级及以上场景",
        "binding": "其中约束性",
    }[before.kind]
    low, high = Bounds(before.found.low, before.found.low), Bounds(after.found.low, after.found.low)
    if low == high:
        return f"{name}已有 {shown(low)}，够了"
    return f"{name}由 {shown(low)}增到 {shown(high)}"


def _check(check: LevelCheck) -> str:
    parts = []
    for condition in check.conditions:
        is_points = condition.kind == "points"
        found = points(condition.found) if is_points else number(condition.found)
        text = condition_text(condition, check.at)
        parts.append(f"{text}，现有 {found}，{_STATES[condition.state]}")
    verdict = {True: "达到", False: "没有达到", None: "尚不能确定"}[check.state]
    return f"{check.name}：{'；'.join(parts)}。{verdict}"


def _conclusion(result: Result) -> str:
    if not result.level.settled:
        return f"等级：目前可以确定的是{result.level_text}"
    if result.level.low == 0:
        return f"等级：{result.level_text}，一级的条件没有全部满足"
    return f"等级：{result.level_text}，是各项条件同时满足的最高一级"
