"""What the index of an exported bundle tells of levels, visits and plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentState,
    Finding,
    Plan,
    PlanState,
)
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.entries import told
from shuzhuan.apps.assessments.queries.plans import measure_lines, plans
from shuzhuan.apps.evidence.bundle import Sheet, in_bundle
from shuzhuan.engine.grading import show_milli
from shuzhuan.engine.money import format_plain

_LEVELS = (
    "编号", "类别", "状态", "等级", "得分", "指标集", "版本", "评测单位", "现场日期", "提交时间",
    "承诺人", "撤销原因", "答卷指纹",
)  # fmt: skip
_ITEMS = ("评测编号", "类别", "题目", "答案", "现场发现", "备注", "得分", "场景等级")
_FINDINGS = ("评测编号", "清单", "序号", "对应题目", "内容")
_PLANS = (
    "编号", "版次", "状态", "编制单位", "提交时间", "预期等级", "预计投入（元）",
    "预计补助上限（元）", "总体思路", "退回原因",
)  # fmt: skip
_MEASURES = (
    "方案编号",
    "序号",
    "产品或服务",
    "类别",
    "供应单位",
    "场景或题目",
    "目标",
    "费用（元）",
)


@in_bundle
def sheets(actor: Actor, party: Party) -> Iterator[Sheet]:
    """Every submitted assessment with its items, the lists of visits, the plans handed over."""
    with opened("the names of the bodies that visited an enterprise, for its bundle"):
        rows = list(
            reading.sheets(actor)
            .filter(enterprise__party=party)
            .exclude(state=AssessmentState.DRAFT)
            .order_by("submitted_at", "pk")
        )
        found = list(
            plans(actor)
            .filter(enterprise__party=party)
            .exclude(state=PlanState.DRAFT)
            .order_by("submitted_at", "pk")
        )
    if not rows:
        return
    yield Sheet("数字化水平评测", _LEVELS, [_level(row) for row in rows])
    by_pk = {row.pk: row for row in rows}
    answers = visible(actor, Answer).filter(assessment__in=by_pk).order_by("assessment_id", "pk")
    yield Sheet("评测逐项", _ITEMS, [_item(by_pk[a.assessment_id], a) for a in answers])
    lists = visible(actor, Finding).filter(diagnosis__in=by_pk)
    lists = lists.order_by("diagnosis_id", "kind", "position")
    yield Sheet("问题需求场景", _FINDINGS, [_finding(by_pk[f.diagnosis_id], f) for f in lists])
    yield Sheet("一企一策方案", _PLANS, [_plan(row) for row in found])
    measures = [(row, line) for row in found for line in measure_lines(row)]
    yield Sheet(
        "改造内容",
        _MEASURES,
        [
            (
                plan.pk, line.row.position, line.row.product, line.row.get_kind_display(),
                line.row.supplier, line.label, line.target, format_plain(line.row.cost_fen),
            )
            for plan, line in measures
        ],
    )  # fmt: skip


def _level(row: Assessment) -> tuple[Any, ...]:
    return (
        row.pk, row.get_kind_display(), row.get_state_display(), row.level,
        show_milli(row.points_milli or 0), row.indicators.title, row.indicators.version,
        row.party.name, _day(row.visited_on), _time(row.submitted_at), row.committed_name,
        row.withdrawn_reason, row.answers_sha256,
    )  # fmt: skip


def _item(sheet: Assessment, row: Answer) -> tuple[Any, ...]:
    indicators = reading.indicator_set(sheet)
    points = "" if row.points_milli is None else show_milli(row.points_milli)
    return (
        sheet.pk, sheet.get_kind_display(), reading.label_of(indicators, row.item),
        told(indicators, row.item, row.value), row.finding, row.remark, points, row.reached,
    )  # fmt: skip


def _finding(sheet: Assessment, row: Finding) -> tuple[Any, ...]:
    label = reading.label_of(reading.indicator_set(sheet), row.item) if row.item else ""
    return (sheet.pk, row.get_kind_display(), row.position, label, row.text)


def _plan(row: Plan) -> tuple[Any, ...]:
    subsidy = row.expected_subsidy_fen
    return (
        row.pk, row.number, row.get_state_display(), row.party.name, _time(row.submitted_at),
        row.expected_level, format_plain(row.cost_fen),
        "" if subsidy is None else format_plain(subsidy), row.summary, row.returned_reason,
    )  # fmt: skip


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _time(at: datetime | None) -> str:
    return "" if at is None else timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
