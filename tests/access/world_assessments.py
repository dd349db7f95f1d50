"""Self-assessments of every enterprise: one submitted, one still being written."""

from __future__ import annotations

import hashlib

from django.utils import timezone

from shuzhuan.apps.accounts.models import PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.sets import ensure_shipped
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentKind,
    AssessmentState,
    PublishedSet,
)
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.engine.grading import grade, parse_answers
from tests.access.world import OWNER_ONLY, Thing, World, builder
from tests.apps.assessments.sheets import QUESTIONS, scenarios
from tests.cast import canary


@builder
def self_assessments(world: World) -> None:
    """What is submitted is for the place and for whom consent lets in to the projects."""
    ensure_shipped()
    shipped = PublishedSet.objects.get(place__isnull=True, set_id="2024-manufacturing")
    answers = parse_answers(parsed(shipped), {**QUESTIONS, **scenarios()})
    text, result = answers.canonical(), grade(parsed(shipped), answers)
    for party in world.cast.parties.values():
        if party.kind != PartyKind.ENTERPRISE:
            continue
        user = world.person_of(party, Role.ENTERPRISE_CERTIFIER).user
        own = {
            "place": party.place, "enterprise": Enterprise.objects.get(party=party),
            "party": party,
        }  # fmt: skip
        begun = {**own, "kind": AssessmentKind.SELF, "indicators": shipped, "started_by": user}
        done = Assessment.objects.create(
            **begun, state=AssessmentState.SUBMITTED, submitted_at=timezone.now(),
            submitted_by=user, committed_name=user.full_name, level=result.level.low,
            points_milli=result.points_milli.low, answers_json=text.decode(), is_current=True,
            answers_sha256=hashlib.sha256(text).hexdigest(), result=result.canonical().decode(),
            has_unverified=True,
        )  # fmt: skip
        draft = Assessment.objects.create(**begun)
        for sheet, audience, part in ((done, "shared", "projects"), (draft, OWNER_ONLY, "")):
            answer = Answer.objects.create(
                **own, assessment=sheet, item="q1", value='["B","C"]', remark=canary(party),
                saved_by=user,
            )  # fmt: skip
            for row in (sheet, answer):
                world.add(Thing(row, party.place, party, audience, part))
