"""The shortest way to a level: the cheapest set of changes after which its conditions hold.

A step is one more option of a multi-choice question, one rung up in a single choice or a
rate, or one level up in a scenario. Without ``Costs`` every step costs 1, so the way has the
fewest steps; among equally cheap ways the one that touches the fewest items is taken.
Levels are nested (``checks``), so reaching one means meeting its own three conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .answers import Answer, Answers, GradingError, Picked, Rate, Reached, Scored
from .gaps import shortfalls, target_level
from .grade import grade
from .model import IndicatorSet, Question, numeral, show_milli
from .optimum import Alternative, cheapest_count, cheapest_gain, pareto, subsets
from .result import LevelCheck, QuestionResult, Result

MAX_COST = 10**12
_TOUCH = 1024
"""Costs are scaled by this so that the number of touched items breaks ties (a set has at most 400 items)."""


class CostError(GradingError):
    """A cost that cannot be used; the message is Chinese."""


@dataclass(frozen=True)
class Costs:
    """What each step costs, whole numbers from 0 on in any one unit; None: cannot be done.

    ``options[(question, key)]`` is the step that adds the option, or that climbs to this rung;
    ``scenarios[(scenario, level)]`` the step from the level below. Others cost ``default``.
    """

    options: Mapping[tuple[str, str], int | None] = field(default_factory=dict)
    scenarios: Mapping[tuple[str, int], int | None] = field(default_factory=dict)
    default: int | None = 1

    def without(self, indicators: IndicatorSet, items: Iterable[str]) -> Costs:
        """The same costs with some items left as they are, such as results nobody can order."""
        fixed = set(items)
        options = {(q.id, k): None for q in indicators.questions if q.id in fixed for k in q.worth}
        lifts = range(1, indicators.scenario_top + 1)
        scenarios = {(s.id, n): None for s in indicators.scenarios if s.id in fixed for n in lifts}
        return replace(
            self, options={**self.options, **options}, scenarios={**self.scenarios, **scenarios}
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One item to change. ``gain_milli`` is 0 for scenarios. ``text`` is what a reader sees."""

    item: str
    title: str
    before: Answer | None
    after: Picked | Reached
    gain_milli: int
    cost: int
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """A cheapest way. No changes: the level is reached already. ``after`` is the new sheet."""

    level: int
    level_name: str
    changes: tuple[Change, ...]
    cost: int
    points_before_milli: int
    points_after_milli: int
    after: Answers

    @property
    def gain_milli(self) -> int:
        return self.points_after_milli - self.points_before_milli


@dataclass(frozen=True, slots=True)
class NoWay:
    """The level cannot be reached with the steps allowed; ``reasons`` are Chinese."""

    level: int
    level_name: str
    reasons: tuple[str, ...]


def shortest_way(
    indicators: IndicatorSet,
    answers: Answers,
    target: int | None = None,
    costs: Costs | None = None,
) -> Way | NoWay:
    """The cheapest way to ``target`` (default: the next level), exactly.

    Unanswered items count as not done. Raises NoSuchLevelError, CostError, or
    DifferentSetsError for a sheet of another set.
    """
    price = costs or Costs()
    _check_costs(indicators, price)
    result = grade(indicators, answers)
    level = target_level(indicators, result, target)
    check = result.checks[level - 1]
    reasons: list[str] = []
    changes = _question_changes(indicators, result, check, price, reasons)
    changes += _scenario_changes(indicators, result, check, price, reasons)
    if reasons:
        return NoWay(level, check.name, tuple(reasons))
    after = _apply(indicators, answers, changes)
    before = result.points_milli.low
    return Way(
        level=level,
        level_name=check.name,
        changes=tuple(changes),
        cost=sum(change.cost for change in changes),
        points_before_milli=before,
        points_after_milli=before + sum(change.gain_milli for change in changes),
        after=after,
    )


def _check_costs(indicators: IndicatorSet, costs: Costs) -> None:
    for (item, key), cost in costs.options.items():
        if item not in indicators.question or key not in indicators.question[item].worth:
            raise CostError(f"成本表里的 {item} {key} 不是这套指标的选项")
        _check_cost(f"{item} {key}", cost)
    for (item, level), cost in costs.scenarios.items():
        if item not in indicators.scenario or not 1 <= level <= indicators.scenario_top:
            raise CostError(f"成本表里的 {item} {level} 级不是这套指标的场景级别")
        _check_cost(f"{item} {level}级", cost)
    _check_cost("默认成本", costs.default)


def _check_cost(name: str, cost: int | None) -> None:
    if cost is not None and (type(cost) is not int or not 0 <= cost <= MAX_COST):
        raise CostError(f"{name}的成本应当是 0 至 {MAX_COST} 的整数，做不到的写空")


def _question_changes(
    indicators: IndicatorSet,
    result: Result,
    check: LevelCheck,
    costs: Costs,
    reasons: list[str],
) -> list[Change]:
    needed = shortfalls(check)["points"]
    if not needed:
        return []
    pairs = list(zip(indicators.questions, result.questions, strict=True))
    groups = [_alternatives(question, found, costs) for question, found in pairs]
    picked = cheapest_gain(groups, needed)
    if picked is None:
        most = result.points_milli.low + sum(max((a.gain for a in g), default=0) for g in groups)
        wanted = show_milli(check.conditions[0].needed)
        reasons.append(f"总分最多能到 {show_milli(most)} 分，达不到 {wanted} 分")
        return []
    return [
        _question_change(question, found, one)
        for (question, found), one in zip(pairs, picked, strict=True)
        if one is not None
    ]


def _alternatives(question: Question, found: QuestionResult, costs: Costs) -> list[Alternative]:
    """The undominated ways to gain points in one question; costs scaled, one touch each."""
    if isinstance(found.answer, Scored) or question.kind == "points":
        return []
    ways = _additions(question, found, costs) if question.kind == "multi" else None
    if ways is None:
        ways = _climbs(question, found, costs)
    touched = [Alternative(a.gain, a.cost * _TOUCH + 1, a.picks) for a in ways]
    return pareto(touched)


def _additions(question: Question, found: QuestionResult, costs: Costs) -> list[Alternative]:
    options = []
    for key, gain in question.worth.items():
        cost = costs.options.get((question.id, key), costs.default)
        if gain and key not in found.keys and cost is not None:
            options.append(Alternative(gain, cost, (key,)))
    return subsets(options)


def _climbs(question: Question, found: QuestionResult, costs: Costs) -> list[Alternative]:
    """Rung by rung upwards; a rung that cannot be done closes everything above it."""
    start = found.points_milli.low
    total, climbs = 0, []
    for worth in sorted({points for points in question.worth.values() if points > start}):
        rungs = [
            (cost, key)
            for key, points in question.worth.items()
            if points == worth
            and (cost := costs.options.get((question.id, key), costs.default)) is not None
        ]
        if not rungs:
            break
        cost, key = min(rungs)
        total += cost
        climbs.append(Alternative(worth - start, total, (key,)))
    return climbs


def _question_change(question: Question, found: QuestionResult, one: Alternative) -> Change:
    gain = f"（+{show_milli(one.gain)} 分）"
    if question.kind == "multi":
        kept = [k for k in found.keys if k != question.none_key]
        keys = tuple(k for k in question.worth if k in kept or k in one.picks)
        added = "、".join(f"“{question.option_text(k)}”" for k in question.worth if k in one.picks)
        text = f"{question.title}：增加{added}{gain}"
    else:
        keys = one.picks
        before = f"由{_now(question, found)}" if found.answer else ""
        text = f"{question.title}：{before}{_rise(question, keys[0])}{gain}"
    return Change(
        question.id, question.title, found.answer, Picked(keys), one.gain, one.cost // _TOUCH, text
    )


def _now(question: Question, found: QuestionResult) -> str:
    if isinstance(found.answer, Rate):
        return found.answer.text
    return f"“{question.option_text(found.keys[0])}”"


def _rise(question: Question, key: str) -> str:
    if question.kind == "rate":
        return f"提高到{question.option_text(key).partition('、')[0]}"
    return f"变为“{question.option_text(key)}”"


def _scenario_changes(
    indicators: IndicatorSet,
    result: Result,
    check: LevelCheck,
    costs: Costs,
    reasons: list[str],
) -> list[Change]:
    short = shortfalls(check)
    needed, needed_binding = short["scenarios"], short["binding"]
    if not (needed or needed_binding):
        return []
    lifts = [
        (cost, index)
        for index, found in enumerate(result.scenarios)
        if (found.level or 0) < check.at
        and (cost := _lift_cost(found.id, found.level or 0, check.at, costs)) is not None
    ]
    binding = sorted(lift for lift in lifts if result.scenarios[lift[1]].binding)
    guiding = sorted(lift for lift in lifts if not result.scenarios[lift[1]].binding)
    # One touch each, as with questions, so that fewer scenarios win among equal costs.
    prices = [[cost * _TOUCH + 1 for cost, _ in kind] for kind in (binding, guiding)]
    count = cheapest_count(prices[0], prices[1], needed, needed_binding)
    if count is None:
        reasons.append(_too_few(check, len(lifts), len(binding)))
        return []
    chosen = sorted([*binding[: count[0]], *guiding[: count[1]]], key=lambda lift: lift[1])
    return [_scenario_change(indicators, result, check.at, *lift) for lift in chosen]


def _too_few(check: LevelCheck, liftable: int, liftable_binding: int) -> str:
    _, count, binding = check.conditions
    at = f"{numeral(check.at)}级及以上的场景"
    return (
        f"{at}最多能有 {count.found.low + liftable} 个（要 {count.needed} 个），"
        f"其中约束性 {binding.found.low + liftable_binding} 个（要 {binding.needed} 个）"
    )


def _lift_cost(scenario: str, now: int, at: int, costs: Costs) -> int | None:
    total = 0
    for level in range(now + 1, at + 1):
        cost = costs.scenarios.get((scenario, level), costs.default)
        if cost is None:
            return None
        total += cost
    return total


def _scenario_change(
    indicators: IndicatorSet, result: Result, at: int, cost: int, index: int
) -> Change:
    found = result.scenarios[index]
    scenario = indicators.scenario[found.id]
    before = None if found.level is None else Reached(found.level)
    now = f"由{numeral(found.level or 0)}级" if found.level is not None else ""
    kind = "约束性" if found.binding else "指导性"
    text = f"{found.name}（{kind}场景）：{now}提升到{numeral(at)}级——{scenario.levels[at]}"
    return Change(found.id, found.name, before, Reached(at), 0, cost, text)


def _apply(indicators: IndicatorSet, answers: Answers, changes: list[Change]) -> Answers:
    values = {**answers.values, **{change.item: change.after for change in changes}}
    order = (*indicators.question, *indicators.scenario)
    return Answers(answers.ref, {item: values[item] for item in order if item in values})
