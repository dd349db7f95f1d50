"""Mistakes inside a set that no single key shows: sums, references, order of levels.

Each is (path in the document, message, hint), the last two Chinese. A set without any
can be graded exactly: every option is a whole number of thousandths of a point, the full
marks can be reached, and the levels are nested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .model import FULL_MILLI, IndicatorSet, LevelRule, Question, ScenarioRule, show_milli

Path = tuple[str | int, ...]
Mistake = tuple[Path, str, str]


def mistakes(indicators: IndicatorSet) -> list[Mistake]:
    """Everything that is wrong, in document order."""
    return [
        *_repeated("dimensions", (d.id for d in indicators.dimensions)),
        *_repeated("questions", (q.id for q in indicators.questions)),
        *_repeated("scenarios", (s.id for s in indicators.scenarios)),
        *_shared_ids(indicators),
        *_dimension_sums(indicators),
        *_levels(indicators),
        *(m for i, q in enumerate(indicators.questions) for m in _question(("questions", i), q)),
        *_scenarios(indicators),
    ]


def _repeated(where: str, ids: Iterable[str]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, one in enumerate(ids):
        if one in seen:
            yield (where, index, "id"), f"id {one} 重复", "换一个没有用过的 id"
        seen.add(one)


def _shared_ids(indicators: IndicatorSet) -> Iterator[Mistake]:
    """Answers are keyed by id, so a question and a scenario may not share one."""
    for index, scenario in enumerate(indicators.scenarios):
        if scenario.id in indicators.question:
            yield ("scenarios", index, "id"), f"id {scenario.id} 已是题目的 id", "换一个 id"


def _dimension_sums(indicators: IndicatorSet) -> Iterator[Mistake]:
    sums = {dimension.id: 0 for dimension in indicators.dimensions}
    for index, question in enumerate(indicators.questions):
        if question.dimension in sums:
            sums[question.dimension] += question.points_milli
        else:
            known = "、".join(sums)
            path = ("questions", index, "dimension")
            yield path, f"没有维度 {question.dimension}", f"写其中之一：{known}"
    for index, dimension in enumerate(indicators.dimensions):
        total = sums[dimension.id]
        if total != dimension.points_milli:
            yield (
                ("dimensions", index, "points"),
                f"{dimension.title}满分写 {show_milli(dimension.points_milli)}，"
                f"其下各题之和是 {show_milli(total)}",
                "改成一致",
            )


def _levels(indicators: IndicatorSet) -> Iterator[Mistake]:
    binding = sum(scenario.binding for scenario in indicators.scenarios)
    previous: LevelRule | None = None
    for index, rule in enumerate(indicators.levels):
        path: Path = ("levels", index)
        if rule.level != index + 1:
            yield (*path, "level"), f"这里应当是 {index + 1} 级", "等级从 1 起依次写，不能跳"
        if rule.points_milli > indicators.top_milli:
            top = show_milli(indicators.top_milli)
            yield (*path, "points"), f"门槛高于总分 {top}", "改小，否则谁也达不到"
        if rule.scenarios:
            yield from _scenario_rule((*path, "scenarios"), indicators, rule.scenarios, binding)
        if previous and not _nested(previous, rule):
            hint = "高一级的总分、场景级别和个数都不能低于前一级"
            yield path, f"{rule.level}级的条件比 {previous.level}级宽", hint
        previous = rule


def _scenario_rule(
    path: Path, indicators: IndicatorSet, wanted: ScenarioRule, binding: int
) -> Iterator[Mistake]:
    limits = (
        ("at", wanted.at, indicators.scenario_top, "场景最高的级别"),
        ("count", wanted.count, len(indicators.scenarios), "场景总数"),
        ("binding", wanted.binding, binding, "约束性场景总数"),
        ("binding", wanted.binding, wanted.count, "本级要求的场景数"),
    )
    for key, value, limit, name in limits:
        if value > limit:
            yield (*path, key), f"{value} 大于{name} {limit}", "改小，否则谁也达不到"
    if wanted.binding < 0:
        yield (*path, "binding"), "个数不能小于零", "写 0 或更大的数"


def _nested(lower: LevelRule, higher: LevelRule) -> bool:
    """Whether reaching ``higher`` always reaches ``lower``: the shortest way relies on it."""
    if higher.points_milli < lower.points_milli:
        return False
    if lower.scenarios is None:
        return True
    if higher.scenarios is None:
        return False
    a, b = lower.scenarios, higher.scenarios
    return b.at >= a.at and b.count >= a.count and b.binding >= a.binding


def _question(path: Path, question: Question) -> Iterator[Mistake]:
    keys = [option.key for option in question.options]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            yield (*path, "options", index, "key"), f"选项 {key} 重复", "换一个字母"
    if question.kind == "points":
        if question.options:
            yield (*path, "options"), "直接填得分的题没有选项", "删去 options，或改 kind"
    elif not question.options:
        yield path, "没有选项", "写上 options，或把 kind 改为 points"
    else:
        yield from _options(path, question)
    if question.rate and question.kind != "rate":
        yield (*path, "rate"), "rate 只用于比率题", "删去 rate，或把 kind 改为 rate"


def _options(path: Path, question: Question) -> Iterator[Mistake]:
    for index, option in enumerate(question.options):
        here: Path = (*path, "options", index)
        if question.points_milli * option.percent_milli % FULL_MILLI:
            worth = f"{show_milli(question.points_milli)} 分的 {show_milli(option.percent_milli)}%"
            yield (*here, "percent"), f"{worth}除不尽到千分之一分", "调整分值或百分比"
        if question.kind == "rate":
            if option.text is not None:
                yield (*here, "text"), "比率题的区间不写文字", "删去 text，文字由 up_to 生成"
        else:
            if option.text is None:
                yield here, "缺少 text", "写上选项文字"
            if option.up_to_milli is not None:
                yield (*here, "up_to"), "up_to 只用于比率题", "删去 up_to，或改 kind"
        if option.excludes_others and question.kind != "multi":
            yield (*here, "excludes_others"), "只用于多选题", "删去这个键"
    percents = [option.percent_milli for option in question.options]
    if question.kind == "multi":
        yield from _multi(path, question, sum(percents))
    elif max(percents) != FULL_MILLI:
        yield (*path, "options"), "没有一个选项得满分", "最好的选项 percent 应当是 100"
    if question.kind == "rate":
        yield from _bands(path, question)


def _multi(path: Path, question: Question, total: int) -> Iterator[Mistake]:
    exclusive = [o for o in question.options if o.excludes_others]
    if len(exclusive) != 1:
        found = "没有" if not exclusive else "不止一个"
        hint = "给“无”写上 excludes_others: true，只有它能表示什么都没做"
        yield (*path, "options"), f"多选题{found}排斥其他的选项", hint
    elif exclusive[0].percent_milli:
        yield (*path, "options"), "排斥其他的选项不应得分", "它的 percent 写 0"
    if total != FULL_MILLI:
        message = f"各选项百分比之和是 {show_milli(total)}"
        yield (*path, "options"), message, "应当正好是 100，全选得满分"


def _bands(path: Path, question: Question) -> Iterator[Mistake]:
    previous = -1
    for index, option in enumerate(question.options):
        if option.up_to_milli is None:
            yield (*path, "options", index), "缺少 up_to", "写上区间上限，如 up_to: 20"
            return
        if option.up_to_milli <= previous:
            yield (*path, "options", index, "up_to"), "区间没有由小到大", "按上限由小到大排列"
        previous = option.up_to_milli
    if previous != FULL_MILLI:
        yield (*path, "options"), "最后一个区间没有到 100", "最后一个 up_to 写 100"


def _scenarios(indicators: IndicatorSet) -> Iterator[Mistake]:
    for index, scenario in enumerate(indicators.scenarios):
        path: Path = ("scenarios", index, "levels")
        if sorted(scenario.levels) != list(range(1, len(scenario.levels) + 1)):
            yield path, "级别不连续", "从 1 起依次写，0 级不写"
        elif len(scenario.levels) != indicators.scenario_top:
            yield path, "级别数与其他场景不同", f"都写到 {indicators.scenario_top} 级"
        elif not 1 <= len(scenario.levels) <= _MAX_SCENARIO_LEVELS:
            yield path, "级别太多或没有", f"写 1 至 {_MAX_SCENARIO_LEVELS} 级"


_MAX_SCENARIO_LEVELS = 9
