"""What the archive of an enterprise shows of its digital level, and asks it to do next."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import ENTERPRISE
from shuzhuan.apps.assessments import drawings
from shuzhuan.apps.assessments.actions.writing import SELF_WRITERS
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, AssessmentState
from shuzhuan.apps.assessments.queries import history
from shuzhuan.apps.assessments.queries.sheet import indicator_set, result, sheets
from shuzhuan.apps.enterprises.queries.archive import Archive
from shuzhuan.apps.enterprises.queries.next_steps import Step, also
from shuzhuan.apps.enterprises.queries.profile import Block, in_profile
from shuzhuan.apps.enterprises.queries.timeline import EVENTS_MAX, Event, in_timeline
from shuzhuan.engine.grading import show_milli

LINES_SHOWN = 5
# Which result the picture shows: judged on site comes before judged by oneself.
_PICTURED = (AssessmentKind.ACCEPTANCE, AssessmentKind.DIAGNOSIS, AssessmentKind.SELF)


@in_profile
def levels(actor: Actor, archive: Archive) -> Block | None:
    """The history by kind and the radar of one current result; None where there is none."""
    standing = history.standing(actor, archive.enterprise)
    if not any(kind.lines for kind in standing):
        return None
    by_kind = {kind.kind: kind for kind in standing}
    pictured = next((c for kind in _PICTURED if (c := by_kind[kind].current) is not None), None)
    radar = None
    if pictured is not None:
        row = pictured.row
        radar = drawings.scenario_radar(
            result(row), row.get_kind_display(), source=f"{row.submitted_at:%Y-%m-%d}"
        )
    data = {
        "kinds": [(kind, kind.lines[:LINES_SHOWN]) for kind in standing if kind.lines],
        "radar": radar,
    }
    return Block("levels", "assessments/parts/profile.html", data)


@in_timeline
def happened(actor: Actor, archive: Archive) -> Iterable[Event]:
    """Every submitted assessment on the day of its submission; what was withdrawn says so."""
    rows = sheets(actor).filter(enterprise=archive.enterprise, submitted_at__isnull=False)
    for row in rows.order_by("-submitted_at")[:EVENTS_MAX]:
        assert row.submitted_at is not None and row.level is not None
        level = indicator_set(row).level_names[row.level]
        text = f"{level}，{show_milli(row.points_milli or 0)} 分"
        if row.state == AssessmentState.WITHDRAWN:
            text += "，已撤销"
        yield Event(timezone.localdate(row.submitted_at), f"提交{row.get_kind_display()}", text)


@also
def self_assessment(actor: Actor, archive: Archive) -> Iterable[Step]:
    """Begin the first self-assessment, or go on with the open one."""
    if actor.role not in ENTERPRISE:
        return
    rows = Assessment.objects.filter(
        place_id=archive.enterprise.place_id,
        enterprise=archive.enterprise,
        kind=AssessmentKind.SELF,
    ).exclude(state=AssessmentState.WITHDRAWN)
    states = dict(rows.order_by().values_list("state", "answered"))
    url = reverse("assessments:self_home")
    if AssessmentState.DRAFT in states:
        answered = states[AssessmentState.DRAFT]
        yield Step(
            "数字化水平自评没有填完", f"已答{answered}项，从停下的地方接着填。", url, "接着填"
        )
    elif not states and actor.role in SELF_WRITERS:
        yield Step(
            "做一次数字化水平自评", "大约20分钟，马上看到等级和到下一级最短的路。", url, "去自评"
        )
