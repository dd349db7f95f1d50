"""Commit to a complete sheet: the level is stored with everything that it rests on."""

from __future__ import annotations

import hashlib

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import BODIES
from shuzhuan.apps.assessments import hooks
from shuzhuan.apps.assessments.actions.writing import (
    CERTIFIERS,
    locked,
    require_live,
    user_of,
    writable,
)
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentKind,
    AssessmentState,
)
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.audit.actions import record
from shuzhuan.engine.grading import Answers, Result, grade

_NAMED_MAX = 5


@transaction.atomic
def submit(actor: Actor, assessment_pk: int, *, committed_name: str, seen_saves: int) -> Assessment:
    """Submit a complete sheet under the name of the person who commits.

    ``seen_saves``: ``Assessment.saves`` as the page of the commitment showed it, so that nobody
    commits to an answer that a colleague changed meanwhile. The same submission again changes
    nothing. Raises ValidationError, PermissionDenied.
    """
    sheet = locked(actor, assessment_pk)
    allowed = CERTIFIERS if sheet.kind == AssessmentKind.SELF else BODIES
    if actor.role not in allowed:
        raise PermissionDenied
    again = sheet.state == AssessmentState.SUBMITTED and sheet.submitted_by_id == actor.user_id
    if again and sheet.saves == seen_saves:
        return sheet
    sheet = writable(actor, assessment_pk)
    _check_visit(sheet)
    name = _name(actor, committed_name)
    if seen_saves != sheet.saves:
        raise ValidationError("打开承诺页之后，答卷又有改动。请重新核对后再提交。")
    rows = reading.rows(sheet)
    answers = reading.answers(sheet, rows)
    result = grade(reading.indicator_set(sheet), answers)
    _check_complete(sheet, result)
    _store_items(rows, result)
    _store(actor, sheet, name, answers, result)
    record(
        "submit_assessment",
        actor,
        sheet,
        detail={
            "kind": sheet.kind,
            "level": sheet.level,
            "points_milli": sheet.points_milli,
            "answers": sheet.answers_sha256,
            "set": sheet.indicators.sha256,
        },
    )
    hooks.submitted(actor, sheet)
    return sheet


def _check_visit(sheet: Assessment) -> None:
    if sheet.kind == AssessmentKind.SELF:
        return
    engagement = require_live(sheet.engagement)
    if sheet.visited_on is None:
        raise ValidationError({"visited_on": "请填写现场日期。"})
    if not engagement.valid_from <= sheet.visited_on <= timezone.localdate():
        raise ValidationError({"visited_on": "现场日期应当在委派之后、今天或以前。"})


def _name(actor: Actor, typed: str) -> str:
    """The commitment is made by the person who is signed in, under the own name."""
    name = "".join(typed.split())
    if not name:
        raise ValidationError({"committed_name": "请输入您的姓名，表示承诺属实。"})
    if name != "".join(actor.name.split()):
        raise ValidationError({"committed_name": "输入的姓名与登录账号的姓名不一致，请核对。"})
    return actor.name


def _check_complete(sheet: Assessment, result: Result) -> None:
    if result.complete:
        return
    indicators = reading.indicator_set(sheet)
    names = [reading.label_of(indicators, item) for item in result.unanswered]
    more = f"等{len(names)}项" if len(names) > _NAMED_MAX else ""
    raise ValidationError(f"还没有答完：{'、'.join(names[:_NAMED_MAX])}{more}。")


def _store_items(rows: dict[str, Answer], result: Result) -> None:
    """Copy what each item brought, for sums over a place."""
    changed = []
    for question in result.questions:
        rows[question.id].points_milli = question.points_milli.low
        changed.append(rows[question.id])
    for scenario in result.scenarios:
        rows[scenario.id].reached = scenario.level
        changed.append(rows[scenario.id])
    Answer.objects.bulk_update(changed, ["points_milli", "reached"])


def _store(actor: Actor, sheet: Assessment, name: str, answers: Answers, result: Result) -> None:
    text = answers.canonical()
    now = timezone.now()
    Assessment.objects.filter(
        place_id=sheet.place_id,
        enterprise_id=sheet.enterprise_id,
        kind=sheet.kind,
        is_current=True,
    ).update(is_current=False)
    sheet.state = AssessmentState.SUBMITTED
    sheet.submitted_at = sheet.updated_at = now
    sheet.submitted_by_id = user_of(actor)
    sheet.committed_name = name
    sheet.level = result.level.low
    sheet.points_milli = result.points_milli.low
    sheet.answers_json = text.decode()
    sheet.answers_sha256 = hashlib.sha256(text).hexdigest()
    sheet.result = result.canonical().decode()
    sheet.has_unverified = bool(result.unverified)
    sheet.is_current = True
    sheet.save()
