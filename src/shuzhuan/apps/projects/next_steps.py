"""What an enterprise's workbench says of its projects and of batches that it could file in."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.enterprises.queries.archive import Archive
from shuzhuan.apps.enterprises.queries.next_steps import Step, also
from shuzhuan.apps.pilots.models import Batch, BatchState
from shuzhuan.apps.projects.queries import mine
from shuzhuan.engine.process import OVER, TERMINAL


@also
def projects(actor: Actor, archive: Archive) -> Iterable[Step]:
    """The running project with its next deadline, or where one can be begun."""
    own = mine.own_projects(actor, archive.today)
    for each in own:
        if each.project.at not in TERMINAL:
            yield _running(each)
    busy = {each.project.pilot_id for each in own if each.project.at not in OVER}
    rows = visible(actor, Batch).filter(
        state=BatchState.OPEN, opens_on__lte=archive.today, closes_on__gte=archive.today
    )
    path = archive.enterprise.place.path
    for batch in rows.select_related("place").order_by("closes_on", "pk"):
        if path.startswith(batch.place.path) and batch.pilot_id not in busy:
            yield Step(
                f"{batch.title}正在受理",
                f"到 {batch.closes_on:%Y-%m-%d} 截止，条件已按企业档案核对。",
                reverse("projects:mine"),
                "看看能不能申报",
            )


def _running(own: mine.Own) -> Step:
    """A project that waits for others is told as well, because people ask where it is."""
    project, due = own.project, own.due
    when = f"期限 {due.day:%Y-%m-%d}（{due.words}）。" if due.day is not None else ""
    waiting = "" if own.action else f"等{project.get_lane_display()}办理。"
    return Step(
        f"项目“{project}”：{project.at.label}", waiting + when, own.url, own.action or "看进度"
    )
