"""Take the queue out as Excel, with a word in the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.projects import book
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries import queue

ROWS_MAX = 50_000
CHUNK_ROWS = 2_000
_READ = (
    "number", "title", "state", "lane", "due_on", "enterprise__name", "enterprise__industry",
    "batch__title", *book.NEEDED,
)  # fmt: skip


@transaction.atomic
def export_queue(actor: Actor, form: queue.QueueForm, query: str, path: Path) -> int:
    """Write the workbook and the audit row. Raises ValidationError."""
    if form.errors:
        label, word = form.unreadable[0]
        raise ValidationError(f"{label}：{word}")
    rows = queue.ordered(queue.narrowed(actor, form), form.cleaned_data["sort"])
    ids = list(rows.values_list("pk", flat=True)[: ROWS_MAX + 1])
    if not ids:
        raise ValidationError("没有符合条件的项目，没有可以导出的内容。")
    if len(ids) > ROWS_MAX:
        raise ValidationError(f"一次最多导出{ROWS_MAX:,}个项目，请缩小范围。")
    now = timezone.localtime()
    notes = [
        "数转灯塔 · 项目清单",
        f"{now:%Y-%m-%d %H:%M}由{actor.name}导出，{len(ids):,}个项目，金额单位：元",
    ]
    count = book.write_book(path, _rows(ids), notes, now.date())
    detail = {"query": query[:1000], "rows": count}
    record("export_projects", actor, None, place_id=actor.region_id, detail=detail)
    return count


def _rows(ids: list[int]) -> Iterator[Project]:
    """In the order of the ids, some at a time: the whole list is never in memory."""
    for at in range(0, len(ids), CHUNK_ROWS):
        part = ids[at : at + CHUNK_ROWS]
        rows = Project.objects.filter(pk__in=part).select_related("enterprise", "batch")
        found = {row.pk: row for row in rows.only(*_READ)}
        yield from (found[pk] for pk in part)
