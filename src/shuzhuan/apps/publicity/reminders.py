"""What the office is reminded of: objections to hear, periods to close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from shuzhuan.apps.inbox.reminders import Due, reminds
from shuzhuan.apps.publicity.actions.messages import office_of
from shuzhuan.apps.publicity.models import Objection, ObjectionState, Publicity, State
from shuzhuan.engine import workdays


@reminds
def objections(today: date, until: date) -> Iterator[Due]:
    """Objections that are to be answered by a day."""
    rows = Objection.objects.filter(state=ObjectionState.OPEN, due_on__lte=until)
    for row in rows.select_related("item__publicity__place").defer("text"):
        publicity = row.item.publicity
        yield Due(
            key=f"publicity.hear:{row.pk}",
            due_on=row.due_on,
            title=f"核查答复异议 {row.number}",
            body=publicity.title,
            url=reverse("publicity:objection", args=[row.pk]),
            about=row,
            offices=[office_of(publicity.place)],
            office_region_id=publicity.place_id,
        )


@reminds
def periods_over(today: date, until: date) -> Iterator[Due]:
    """Publicities that have run their time: to be closed on the working day after."""
    rows = Publicity.objects.filter(state=State.RUNNING, ends_on__lt=today, objections_open=0)
    for row in rows.select_related("place"):
        day = workdays.china().add(row.ends_on, 1).day
        yield _about(row, "over", day, "公示期满，可以结束")


def _about(row: Publicity, what: str, due_on: date, title: str) -> Due:
    return Due(
        key=f"publicity.{what}:{row.pk}",
        due_on=due_on,
        title=title,
        body=f"{row.title}（{row.number}）",
        url=reverse("publicity:sheet", args=[row.pk]),
        about=row,
        offices=[office_of(row.place)],
        office_region_id=row.place_id,
    )
