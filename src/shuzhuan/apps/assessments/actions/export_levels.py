"""Take the figures of a place, or the list behind one of them, out as Excel."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import OFFICERS, Role
from shuzhuan.apps.assessments.level_book import Sheet, write_book
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind
from shuzhuan.apps.assessments.queries import level_list, levels
from shuzhuan.apps.assessments.queries.levels import Asked, Line
from shuzhuan.apps.assessments.templatetags.levels import level_text
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.grading import show_milli

ROWS_MAX = 20_000


@transaction.atomic
def export_levels(actor: Actor, query: Mapping[str, str]) -> bytes:
    """The tables of the levels page as a workbook; the log says who took what."""
    _require(actor)
    asked = levels.read(actor, query)
    if asked.version is None:
        raise ValidationError("还没有评测，没有可以导出的内容。")
    found = levels.overview(actor, asked)
    everything, trades = levels.weakest(actor, asked)
    head = ["", "已评（家）", *(f"{level_text(n)}（家）" for n in levels.LEVELS)]
    head += ["二级及以上（家）", "二级及以上占比（%）", "平均分"]
    parts = [
        ("按行业", found.industries),
        ("按规模", found.sizes),
        (found.places_title, found.places),
    ]
    sheets = [
        Sheet(
            title.replace("（", "").replace("）", ""),
            head,
            [_line(r) for r in [*rows, found.whole]],
        )
        for title, rows in parts
        if rows
    ]
    scenario_head = [
        "行业",
        "场景",
        "评测（份）",
        "平均级别",
        "低于二级（份）",
        "低于二级占比（%）",
    ]
    sheets.append(
        Sheet(
            "薄弱场景",
            scenario_head,
            [
                [t.name, s.name, s.sheets, s.average, s.below, s.below_share]
                for t in (everything, *trades)
                for s in t.scenarios
            ],
        )
    )
    if asked.kind == AssessmentKind.ACCEPTANCE:
        moved = levels.movement(actor)
        rows = [[level_text(old), *(n for n, _, _ in cells)] for old, cells in moved.rows]
        sheets.append(Sheet("等级变动", ["改造前＼验收", *map(level_text, levels.LEVELS)], rows))
    months = [["月份", "提交（份）", "二级及以上（份）"]]
    sheets.append(Sheet("按月", months[0], levels.trend(actor, asked)))
    data = write_book(_notes(actor, asked, "数字化水平"), sheets)
    record("export_levels", actor, None, place_id=actor.region_id, detail={"query": dict(query)})
    return data


@transaction.atomic
def export_list(actor: Actor, query: Mapping[str, str]) -> bytes:
    """The enterprises behind a figure. Raises ValidationError for too many."""
    _require(actor)
    asked = levels.read(actor, query)
    absent = level_list.missing(actor, query)
    rows: list[list[object]]
    if absent is not None:
        rows = [[f.name, f.uscc, f.place.name, f.industry] for f in absent[: ROWS_MAX + 1]]
        head = ["企业", "统一社会信用代码", "地区", "行业"]
        title = f"没有{AssessmentKind(query['missing']).label}的企业"
    else:
        narrowed = level_list.sheets(actor, asked, query)
        found = list(narrowed.rows[: ROWS_MAX + 1])
        names = level_list.bodies(found)
        rows = [_sheet(sheet, names) for sheet in found]
        head = [
            "企业", "统一社会信用代码", "地区", "行业", "类别", "等级", "得分", "评测单位", "提交日期",
            "指标版本", "依据",
        ]  # fmt: skip
        title = " · ".join(narrowed.words)
    if len(rows) > ROWS_MAX:
        raise ValidationError(f"一次最多导出{ROWS_MAX:,}家，请缩小范围。")
    data = write_book(_notes(actor, asked, title), [Sheet("名单", head, rows)])
    detail = {"query": dict(query), "rows": len(rows)}
    record("export_level_list", actor, None, place_id=actor.region_id, detail=detail)
    return data


def _require(actor: Actor) -> None:
    if actor.role not in OFFICERS and actor.role != Role.LEADER:
        raise PermissionDenied


def _line(line: Line) -> list[object]:
    counts = [line.counts.get(n, 0) for n in levels.LEVELS]
    return [line.name, line.total, *counts, line.good, line.good_share, line.average]


def _sheet(sheet: Assessment, names: Mapping[int, str]) -> list[object]:
    firm = sheet.enterprise
    day = timezone.localtime(sheet.submitted_at).date().isoformat() if sheet.submitted_at else ""
    return [
        firm.name, firm.uscc, firm.place.name, firm.industry, sheet.get_kind_display(),
        level_text(sheet.level), show_milli(sheet.points_milli or 0), names.get(sheet.party_id, "企业自评"), day,
        sheet.indicators.version, "含待核对官方原文的内容" if sheet.has_unverified else "",
    ]  # fmt: skip


def _notes(actor: Actor, asked: Asked, title: str) -> list[str]:
    region = Region.objects.get(pk=actor.region_id or 0)
    now = timezone.localtime()
    notes = [
        f"数转灯塔 · {region.name} · {title}",
        f"{now:%Y-%m-%d %H:%M}由{actor.name}导出",
        f"类别：{asked.kind.label}；只含每家现行的一份",
    ]
    if asked.version is not None:
        notes.append(f"指标：{asked.version.label}")
        if asked.version.has_unverified:
            notes.append("等级条件等内容待核对官方原文")
    if asked.others:
        notes.append(f"另有{asked.others}家按其他版本评测，数字不同，不合在一起")
    return notes
