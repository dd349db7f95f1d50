"""From one submitted assessment to everything that its report says.

``report_data`` reads the rows; ``report_of`` is pure, so that a test or a benchmark can make a
report of any sheet without a database.
"""

from __future__ import annotations

from dataclasses import dataclass

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments import drawings
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, FindingKind
from shuzhuan.apps.assessments.reports import items, plan
from shuzhuan.apps.assessments.reports.material import Material, gather
from shuzhuan.apps.assessments.reports.model import (
    ConditionRow,
    Line,
    ReportData,
    Signature,
    WayPart,
)
from shuzhuan.apps.assessments.reports.words import (
    conditions_sentence,
    day_text,
    file_name,
    found_text,
    level_name,
    plain,
    short_of,
    target_answer,
)
from shuzhuan.engine.charts import Chart
from shuzhuan.engine.grading import (
    Comparison,
    NoSuchLevelError,
    NoWay,
    Reached,
    Result,
    grade,
    shortest_way,
    show_milli,
)
from shuzhuan.engine.grading.wording import condition_text, told_way
from shuzhuan.engine.money import format_cn

SELF, DIAGNOSIS, ACCEPTANCE = (
    AssessmentKind.SELF,
    AssessmentKind.DIAGNOSIS,
    AssessmentKind.ACCEPTANCE,
)
TITLES = {
    SELF: "数字化水平自评结果",
    DIAGNOSIS: "数字化水平诊断报告",
    ACCEPTANCE: "数字化水平验收评测报告",
}
_PREFIXES = {SELF: "ZP", DIAGNOSIS: "ZD", ACCEPTANCE: "YS"}
_BODIES = {SELF: "自评企业", DIAGNOSIS: "诊断单位", ACCEPTANCE: "评测机构"}
_NOW = {SELF: "自评", DIAGNOSIS: "诊断", ACCEPTANCE: "改造后"}
UNVERIFIED_MARK = "待核对官方原文"
CHARTS_SHOWN = 4
_SIGN_LINES = ("单位（盖章）：", "负责人（签字）：", "日期：　　　　年　　月　　日")


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the parts of a report are written from."""

    material: Material
    result: Result
    change: Comparison | None
    earlier: Result | None
    said: str


def report_data(assessment: Assessment, actor: Actor) -> ReportData:
    """The report of a sheet that the actor may see. Raises ValueError for a draft."""
    return report_of(gather(assessment, actor))


def report_of(material: Material) -> ReportData:
    """Write every part. Pure: the same material gives an equal report."""
    result = grade(material.indicators, material.answers)
    change, earlier, said = items.compared(material, result)
    draft = _Draft(material, result, change, earlier, said)
    evidence, rows = items.evidence_of(material)
    accepted = material.kind == ACCEPTANCE
    indicators = material.indicators
    marks = _marks(draft)
    return ReportData(
        kind=str(material.kind),
        title=TITLES[material.kind],
        short_title=f"{plain(material.enterprise)} · {TITLES[material.kind]}",
        enterprise=plain(material.enterprise),
        number=_number(material),
        day=day_text(material.day),
        file_stem=_file_stem(material),
        timestamp=int(material.submitted_at.timestamp()),
        marks=marks,
        cover=_cover(material),
        level=result.level_text,
        points=show_milli(result.points_milli.low),
        sentences=tuple(_sentences(draft)),
        conditions=_conditions(result),
        charts=_charts(draft),
        questions=items.question_items(material, result, evidence, change),
        scenarios=items.scenario_items(material, result, evidence, change),
        problems=items.notes_of(material, FindingKind.PROBLEM),
        needs=items.notes_of(material, FindingKind.NEED),
        proposed=items.notes_of(material, FindingKind.SCENARIO),
        scenario_rows=items.scenario_rows(indicators, result, change),
        way=_way(draft),
        plan=plan.plan_part(material.plan, indicators, result) if material.plan else None,
        change=items.change_part(change, said) if accepted else None,
        declaration=_declaration(material),
        signatures=_signatures(material),
        evidence=rows,
        unverified=tuple(Line(plain(what), plain(mark)) for what, mark in result.unverified),
        basis=_basis(draft),
        notices=tuple(map(plain, result.notices)),
        has_before=change is not None,
    )


def _number(material: Material) -> str:
    """Stable for a sheet: kind, place, day of the visit, the sheet's own number."""
    prefix = _PREFIXES[material.kind]
    return f"{prefix}-{material.place_code}-{material.day:%Y%m%d}-{material.pk:06d}"


def _file_stem(material: Material) -> str:
    name = file_name(f"{material.enterprise}{TITLES[material.kind]}")
    return f"{name}-{material.day:%Y%m%d}"


def _marks(draft: _Draft) -> tuple[str, ...]:
    marks = list(draft.material.marks)
    if draft.result.unverified:
        marks.append(UNVERIFIED_MARK)
    if draft.material.withdrawn:
        marks.append(f"本次评测已撤销：{plain(draft.material.withdrawn)}")
    return tuple(map(plain, marks))


def _cover(material: Material) -> tuple[Line, ...]:
    indicators, kind = material.indicators, material.kind
    lines = [Line("企业名称", plain(material.enterprise)), Line("统一社会信用代码", material.uscc)]
    if material.industry:
        lines.append(Line("细分行业", plain(material.industry)))
    lines.append(Line("所在地", plain(material.place)))
    if kind != SELF:
        lines.append(Line(_BODIES[kind], plain(material.body)))
        lines.append(Line("现场日期", day_text(material.visited_on)))
    lines.append(
        Line("提交日期", day_text(material.day if kind == SELF else material.submitted_at))
    )
    lines.append(Line("指标集", f"{plain(indicators.title)}，版本 {indicators.version}"))
    lines.append(Line("报告编号", _number(material)))
    return tuple(lines)


def _sentences(draft: _Draft) -> list[str]:
    material, result = draft.material, draft.result
    document = material.indicators.document
    asked = f" {len(result.questions)} 道计分题"
    if result.scenarios:
        asked += f"和 {len(result.scenarios)} 个应用场景"
    basis = f"依据《{plain(document.title)}》（{plain(document.number)}）"
    if material.kind == SELF:
        first = f"企业于{day_text(material.day)}自行评价，{basis}，答完{asked}。"
    else:
        visited = day_text(material.visited_on)
        first = f"{plain(material.body)}于{visited}到企业现场，{basis}，逐项核对{asked}。"
    total = f"{show_milli(result.points_milli.low)} 分（满分 {show_milli(result.max_milli)} 分）"
    found = [first, f"总分 {total}，数字化水平为{result.level_text}。"]
    found += _why(result)
    if draft.change is not None and draft.earlier is not None:
        found.append(f"改造前为{draft.earlier.level_text}。")
    found.append(_way(draft).sentence)
    if material.plan is not None:
        found.append(_plan_sentence(draft))
    return [*found, *_nothing(material)]


def _nothing(material: Material) -> list[str]:
    """One sentence for what has no chapter because there is nothing in it."""
    if material.kind == SELF:
        return []
    told = (
        ("没有记录问题、需求和拟建场景", material.findings),
        ("没有附一企一策方案", material.plan or material.kind == ACCEPTANCE),
        ("没有附证据", material.uses),
    )
    words = [text for text, held in told if not held]
    return [f"本次{'，'.join(words)}，报告不列相应章节。"] if words else []


def _why(result: Result) -> list[str]:
    """Why this level and not the next one."""
    level, found = result.level.low, []
    if level:
        check = result.checks[level - 1]
        found.append(f"{level_name(result, level)}的条件全部满足：{conditions_sentence(check)}。")
    if level == len(result.checks):
        return [*found, "这是本套指标的最高等级。"]
    name = level_name(result, level + 1)
    return [*found, f"没有达到{name}，因为{short_of(result.checks[level])}。"]


def _plan_sentence(draft: _Draft) -> str:
    proposed = draft.material.plan
    assert proposed is not None
    text = f"一企一策方案列出 {len(proposed.measures)} 项改造内容，预计投入 {format_cn(proposed.cost_fen)}"
    if proposed.expected_level is not None:
        text += f"，预期达到{level_name(draft.result, proposed.expected_level)}"
    if proposed.subsidy_fen is not None:
        text += f"，预计补助上限 {format_cn(proposed.subsidy_fen)}（以主管部门核定为准）"
    return f"{text}。"


def _conditions(result: Result) -> tuple[ConditionRow, ...]:
    rows = []
    for check in result.checks:
        for at, one in enumerate(check.conditions):
            rows.append(
                ConditionRow(
                    level=level_name(result, check.level),
                    text=condition_text(one, check.at),
                    found=found_text(one),
                    state="满足" if one.state else "不满足",
                    verdict="达到" if check.state else "没有达到",
                    first=at == 0,
                )
            )
    return tuple(rows)


def _way(draft: _Draft) -> WayPart:
    material, result = draft.material, draft.result
    try:
        way = shortest_way(material.indicators, material.answers)
    except NoSuchLevelError:
        return WayPart(f"{result.level_text}已是最高等级，没有更高的等级要去达到。")
    name = level_name(result, way.level)
    if isinstance(way, NoWay):
        return WayPart(
            f"按这套指标还找不到达到{name}的办法：{'；'.join(map(plain, way.reasons))}。"
        )
    at_end = grade(material.indicators, way.after).checks[way.level - 1]
    return WayPart(
        plain(told_way(way, result.checks[way.level - 1], at_end)),
        tuple(plain(change.text) for change in way.changes),
    )


def _charts(draft: _Draft) -> tuple[Chart, ...]:
    """Four charts, the fewest words first; a set without scenarios has fewer."""
    material, result = draft.material, draft.result
    source = f"{_NOW[material.kind]}结果，{plain(material.indicators.title)} {material.indicators.version}"
    gap = drawings.best_check(result, material.indicators)
    found = [
        drawings.scenario_radar(result, _NOW[material.kind], _second(draft), source=source),
        drawings.dimension_bars(result, source=source),
        drawings.level_gap(gap, source=source),
    ]
    if draft.change is not None and draft.earlier is not None:
        found.append(drawings.before_after(draft.earlier, result, source="改造前后两次现场评测"))
    if material.plan is not None:
        costs = plan.costs_by_kind(material.plan)
        found.append(drawings.cost_shares(costs, source="一企一策方案"))
    found.append(drawings.level_counts(result, source=source))
    return tuple([chart for chart in found if chart is not None][:CHARTS_SHOWN])


def _second(draft: _Draft) -> tuple[str, list[int]] | None:
    """The outline to compare with: before the work, or what the plan aims at."""
    if draft.change is not None:
        befores = {one.after.id: one.before.level or 0 for one in draft.change.scenarios}
        if len(befores) == len(draft.result.scenarios):
            return "改造前", [befores[s.id] for s in draft.result.scenarios]
        return None
    proposed = draft.material.plan
    if proposed is None:
        return None
    aims = {one.item: _aim(draft, one.item, one.target) for one in proposed.measures}
    levels = [max(s.level or 0, aims.get(s.id, 0)) for s in draft.result.scenarios]
    same = levels == [s.level or 0 for s in draft.result.scenarios]
    return None if same else ("方案预期", levels)


def _aim(draft: _Draft, item: str, target: str) -> int:
    answer = target_answer(draft.material.indicators, item, target)
    return answer.level if isinstance(answer, Reached) else 0


def _basis(draft: _Draft) -> tuple[Line, ...]:
    """What a reader needs to check the figures: rules, versions and fingerprints."""
    material, result = draft.material, draft.result
    document, ref = material.indicators.document, result.ref
    rules = [
        f"{level_name(result, check.level)}："
        + "，".join(condition_text(one, check.at) for one in check.conditions)
        for check in result.checks
    ]
    lines = [
        Line("依据文件", f"《{plain(document.title)}》（{plain(document.number)}）"),
        Line("指标集", f"{ref.id} {ref.version}，内容指纹 {ref.digest[:16]}"),
        Line("答卷指纹", f"SHA-256 {material.answers_sha256}"),
        Line("等级条件", "；".join(rules) + "。各项同时满足才算达到。"),
        Line("计分办法", "多选题所选各项相加；单选题和比率题取一项。场景不计分，只按级别计个数。"),
        Line("本报告的数", "都由平台按上述答卷和指标集计算，同一份答卷任何时候重算结果相同。"),
    ]
    if material.kind == DIAGNOSIS:
        lines.append(Line("诊断的用途", "诊断结果供企业制定改造方案，不作为兑付补助的依据。"))
    return tuple(lines)


def _declaration(material: Material) -> tuple[str, ...]:
    person, day = plain(material.committed_name), day_text(material.submitted_at)
    body, firm = plain(material.body), plain(material.enterprise)
    said = f"{person}已于{day}在平台承诺所填内容属实。" if person else ""
    if material.kind == SELF:
        return tuple(one for one in ("本结果由企业自行填报，只供企业了解自己。", said) if one)
    work = "诊断" if material.kind == DIAGNOSIS else "评测"
    lines = [
        f"{body}派员到现场核对，对本报告所述现场情况、逐项结论和证据的真实性负责。",
        f"{firm}确认现场核对的时间、内容和所提供资料属实。对结论有不同意见的，可在收到报告后向委派单位书面提出。",
    ]
    if material.kind == ACCEPTANCE:
        lines.insert(
            1, f"{body}与承担改造的服务商、改造方案的编制单位没有隶属、投资和近三年的合同关系。"
        )
    return tuple(one for one in (*lines, said.replace("所填内容", f"本次{work}内容")) if one)


def _signatures(material: Material) -> tuple[Signature, ...]:
    if material.kind == SELF:
        return ()
    return (
        Signature(f"{_BODIES[material.kind]}　{plain(material.body)}", _SIGN_LINES),
        Signature(f"企业　{plain(material.enterprise)}", _SIGN_LINES),
    )
