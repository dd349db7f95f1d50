"""The findings item by item, with the numbers of their evidence."""

from __future__ import annotations

from collections.abc import Mapping

from shuzhuan.apps.assessments.queries.sheet import label_of
from shuzhuan.apps.assessments.reports.material import Material
from shuzhuan.apps.assessments.reports.model import (
    ChangePart,
    ChangeRow,
    EvidenceRow,
    Item,
    Note,
    ScenarioRow,
)
from shuzhuan.apps.assessments.reports.words import (
    NONE,
    answer_lines,
    day_text,
    level_word,
    levels_change,
    plain,
    points_change,
    scenario_lines,
)
from shuzhuan.engine.grading import (
    Comparison,
    DifferentSetsError,
    GradingError,
    IndicatorSet,
    Result,
    compare,
    grade,
    same_figures,
    show_milli,
)

SHA256_SHOWN = 12
NO_BEFORE = "没有可以比较的改造前评测。"


def kind_word(binding: bool) -> str:
    return "约束性" if binding else "指导性"


def evidence_of(material: Material) -> tuple[dict[str, str], tuple[EvidenceRow, ...]]:
    """``证据1、证据2`` by item, and the list behind the numbers; a version has one number."""
    numbers: dict[int, int] = {}
    users: dict[int, list[str]] = {}
    by_item: dict[str, list[str]] = {}
    for use in material.uses:
        number = numbers.setdefault(use.version_id, len(numbers) + 1)
        users.setdefault(number, []).append(
            label_of(material.indicators, use.item).partition(" ")[0]
        )
        by_item.setdefault(use.item, []).append(f"证据{number}")
    firsts = {numbers[use.version_id]: use for use in reversed(material.uses)}
    rows = tuple(
        EvidenceRow(
            label=f"证据{number}",
            title=plain(use.title),
            sha256=use.sha256[:SHA256_SHOWN],
            date=day_text(use.day),
            used="、".join(users[number]),
        )
        for number, use in sorted(firsts.items())
    )
    return {item: "、".join(labels) for item, labels in by_item.items()}, rows


def question_items(
    material: Material, result: Result, evidence: Mapping[str, str], change: Comparison | None
) -> tuple[Item, ...]:
    """The scored questions in the order of the set."""
    indicators = material.indicators
    titles = {one.id: one.title for one in indicators.dimensions}
    changes = {one.after.id: one for one in change.questions} if change else {}
    items = []
    for number, found in enumerate(result.questions, start=1):
        question = indicators.question[found.id]
        finding, remark = material.remarks.get(found.id, ("", ""))
        points = show_milli(found.points_milli.low)
        moved = changes.get(found.id)
        items.append(
            Item(
                number=f"第{number}题",
                title=plain(question.title),
                group=f"{plain(titles[question.dimension])} · {plain(question.topic)}",
                ask=plain(question.ask),
                answer=tuple(map(plain, answer_lines(question, found.answer, found.keys))),
                result=f"{points} / {show_milli(found.max_milli)} 分",
                finding=plain(finding),
                remark=plain(remark),
                evidence=evidence.get(found.id, ""),
                before=f"{show_milli(moved.before.points_milli.low)} 分" if moved else "",
                change=points_change(moved.change_milli) if moved else "",
            )
        )
    return tuple(items)


def scenario_items(
    material: Material, result: Result, evidence: Mapping[str, str], change: Comparison | None
) -> tuple[Item, ...]:
    """The scenarios in the order of the set."""
    changes = {one.after.id: one for one in change.scenarios} if change else {}
    items = []
    for number, found in enumerate(result.scenarios, start=1):
        scenario = material.indicators.scenario[found.id]
        finding, remark = material.remarks.get(found.id, ("", ""))
        moved = changes.get(found.id)
        items.append(
            Item(
                number=f"场景{number}",
                title=plain(scenario.name),
                group=f"{plain(scenario.area)} · {kind_word(scenario.binding)}场景",
                ask="",
                answer=tuple(map(plain, scenario_lines(scenario, found.level))),
                result=level_word(found.level),
                finding=plain(finding),
                remark=plain(remark),
                evidence=evidence.get(found.id, ""),
                before=level_word(moved.before.level) if moved else "",
                change=levels_change(moved.change) if moved else "",
            )
        )
    return tuple(items)


def scenario_rows(
    indicators: IndicatorSet, result: Result, change: Comparison | None
) -> tuple[ScenarioRow, ...]:
    """The list of scenarios, each with what its next level asks for."""
    befores = {one.after.id: one.before.level for one in change.scenarios} if change else {}
    rows = []
    for number, found in enumerate(result.scenarios, start=1):
        scenario, now = indicators.scenario[found.id], found.level or 0
        above = scenario.levels.get(now + 1)
        rows.append(
            ScenarioRow(
                number=str(number),
                name=plain(found.name),
                area=plain(found.area),
                kind=kind_word(found.binding),
                level=level_word(found.level),
                before=level_word(befores.get(found.id)),
                next_step=plain(above) if above else "已是最高一级",
            )
        )
    return tuple(rows)


def notes_of(material: Material, kind: str) -> tuple[Note, ...]:
    """The problems, the needs or the proposed scenarios."""
    found = [(item, text) for one, item, text in material.findings if one == kind]
    return tuple(
        Note(str(at), plain(text), label_of(material.indicators, item) if item else NONE)
        for at, (item, text) in enumerate(found, start=1)
    )


def compared(material: Material, result: Result) -> tuple[Comparison | None, Result | None, str]:
    """The comparison with the earlier result, that result, and what to say when there is none.

    Different figures are never compared; two wordings of the same figures are, and it is said.
    """
    before = material.before
    if before is None:
        return None, None, NO_BEFORE
    earlier = grade(before.indicators, before.answers)
    said = f"改造前评测由{plain(before.body)}于{day_text(before.visited_on)}到现场进行。"
    try:
        return compare(earlier, result), earlier, said
    except DifferentSetsError:
        pass
    try:
        mapping = same_figures(before.indicators, material.indicators)
    except GradingError as error:
        return None, None, f"{said}两次评测所用的指标集不能直接比较：{error}。"
    said += f"两次所用指标集的措辞不同（{earlier.ref} 与 {result.ref}），分值、选项和等级条件相同。"
    return compare(earlier, result, mapping), earlier, said


def change_part(change: Comparison | None, said: str) -> ChangePart:
    """Before and after, item by item."""
    if change is None:
        return ChangePart(said)
    questions = tuple(
        ChangeRow(
            number=f"第{number}题",
            title=plain(one.after.title),
            before=show_milli(one.before.points_milli.low),
            after=f"{show_milli(one.after.points_milli.low)} / {show_milli(one.after.max_milli)}",
            change=points_change(one.change_milli),
        )
        for number, one in enumerate(change.questions, start=1)
    )
    scenarios = tuple(
        ChangeRow(
            number=f"场景{number}",
            title=plain(one.after.name),
            before=level_word(one.before.level),
            after=level_word(one.after.level),
            change=levels_change(one.change),
        )
        for number, one in enumerate(change.scenarios, start=1)
    )
    points = points_change(change.points_change_milli)
    better = sum((one.change or 0) > 0 for one in change.scenarios)
    worse = sum((one.change or 0) < 0 for one in change.scenarios)
    said += f"总分{points if points == '不变' else f'变化 {points} 分'}，等级{levels_change(change.level_change)}；"
    said += f"{better} 个场景提升，{worse} 个场景下降，其余不变。"
    return ChangePart(said, questions, scenarios)
