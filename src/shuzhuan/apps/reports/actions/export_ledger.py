"""Take the ledger out as a workbook, with a reason, on record."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.unmask import reason_of
from shuzhuan.apps.projects.models import Line
from shuzhuan.apps.reports import book
from shuzhuan.apps.reports.queries import ledger
from shuzhuan.apps.workbench.places import Places

ROWS_MAX = 20_000
CHUNK_ROWS = 2_000


@transaction.atomic
def export_ledger(
    actor: Actor, places: Places, asked: ledger.Asked, reason: str, query: str = ""
) -> bytes:
    """The workbook of what was asked for, and the row in the log. Raises ValidationError."""
    why = reason_of(reason)
    if asked.mistakes:
        raise ValidationError(list(asked.mistakes))
    rows = ledger.narrowed(actor, places, asked)
    count = rows.count()
    if not count:
        raise ValidationError("没有符合条件的项目，没有可以导出的内容。")
    if count > ROWS_MAX:
        raise ValidationError(f"一次最多导出{ROWS_MAX:,}个项目，请缩小范围。")
    totals = ledger.totals_of(rows)
    agreement = ledger.agreement(actor, places, asked, rows, totals)
    now = timezone.now()
    lines = (
        visible(actor, Line)
        .filter(project_id__in=rows.order_by().values("pk"), removed_at__isnull=True)
        .select_related("project__enterprise")
        .order_by("place_id", "project__number", "project_id", "invoice_on", "pk")
    )
    found = ledger.ordered(rows.select_related("enterprise", "place"))
    narrowed = f"筛选条件：{query}" if query else "筛选条件：全部项目"
    content = book.workbook(
        book.Material(
            title=f"{places.region.name}资金使用台账",
            notes=(
                f"{timezone.localtime(now):%Y-%m-%d %H:%M}由{actor.name}导出，{count:,}个项目",
                f"用途：{why}。请按规定保管，用后删除。",
                narrowed,
            ),
            projects=found.iterator(CHUNK_ROWS),
            lines=lines.iterator(CHUNK_ROWS),
            transfers=ledger.transfers_of(actor, rows).iterator(CHUNK_ROWS),
            totals=totals,
            agreement=agreement,
            made=now,
        )
    )
    detail = {"query": query, "rows": count, "reason": why, "same": agreement.same}
    record("export_ledger", actor, None, place_id=actor.region_id, detail=detail)
    return content
