"""Bodies that were asked to visit: live, ended and run out; their sheets, lists, plans, records."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from shuzhuan.apps.access.crypto import blind_index
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.sets import ensure_shipped
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentState,
    Engagement,
    Finding,
    Measure,
    Plan,
    PlanState,
    PublishedSet,
)
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.vendors.models import BodyRecord
from shuzhuan.engine.grading import grade, parse_answers
from tests.access.world import Thing, World, builder
from tests.apps.assessments.sheets import QUESTIONS, scenarios
from tests.cast import canary

# body, enterprise, what for, whether it is in force
ASKED = (
    ("vendor_quanzhou", "huian_stone", "diagnosis", True),
    ("agency_ningxia", "xiji_starch", "acceptance", True),
    ("vendor_guyuan", "park_foundry", "diagnosis", True),
    ("agency_fujian", "hongsibu_wine", "diagnosis", False),
)
DAY = timedelta(days=1)


@builder
def visits(world: World) -> None:
    """What a body wrote about an enterprise, being written and handed over."""
    ensure_shipped()
    shipped = PublishedSet.objects.get(place__isnull=True, set_id="2024-manufacturing")
    for key, firm_key, kind, live in ASKED:
        body, owner = world.cast.parties[key], world.cast.parties[firm_key]
        made = _engagement(world, body, owner, kind, live)
        world.worked.add((body.pk, owner.place_id))
        if live:
            world.engaged.add((owner.pk, body.pk))
        _sheets(world, made, body, owner, shipped)


def _engagement(world: World, body: Party, owner: Party, kind: str, live: bool) -> Engagement:
    officer = next(
        m
        for m in world.cast.people.values()
        if m.role == Role.COUNTY_OFFICER and owner.place.path.startswith(m.region.path)
    )
    today = timezone.localdate()
    made = Engagement.objects.create(
        place=owner.place, enterprise=Enterprise.objects.get(party=owner), party=body, kind=kind,
        valid_from=today - 9 * DAY, valid_to=today + 9 * DAY if live else today - DAY,
        created_by=officer.user,
    )  # fmt: skip
    world.add(Thing(made, owner.place, owner, "visit", "", vendor=body))
    return made


def _sheets(
    world: World, made: Engagement, body: Party, owner: Party, shipped: PublishedSet
) -> None:
    user = next(m for m in world.cast.people.values() if m.party_id == body.pk).user
    own = {"place": owner.place, "enterprise": made.enterprise, "party": body}
    word, now = canary(body), timezone.now()

    def put(row: Model, audience: str) -> None:
        row.save()
        world.add(Thing(row, owner.place, owner, audience, "", vendor=body))

    answers = parse_answers(parsed(shipped), {**QUESTIONS, **scenarios()})
    text, result = answers.canonical(), grade(parsed(shipped), answers)
    begun = {
        **own, "kind": made.kind, "indicators": shipped, "engagement": made, "started_by": user,
        "visited_on": made.valid_from,
    }  # fmt: skip
    done = Assessment(
        **begun, state=AssessmentState.SUBMITTED, submitted_at=now, submitted_by=user,
        committed_name=user.full_name, level=result.level.low,
        points_milli=result.points_milli.low, answers_json=text.decode(), is_current=True,
        answers_sha256=hashlib.sha256(text).hexdigest(), result=result.canonical().decode(),
    )  # fmt: skip
    put(done, "visit_done")
    draft = Assessment(**begun)
    put(draft, "visit_draft")
    for sheet, audience in ((done, "visit_done"), (draft, "visit_draft")):
        said = {"finding": word, "remark": word, "value": '["B"]', "saved_by": user}
        put(Answer(**own, assessment=sheet, item="q1", **said), audience)
        put(Finding(**own, diagnosis=sheet, kind="problem", position=1, text=word), audience)
    for number, state, audience in (
        (1, PlanState.SUBMITTED, "visit_done"),
        (2, PlanState.DRAFT, "visit_draft"),
    ):
        plan = Plan(
            **own, diagnosis=done, number=number, state=state, summary=word, created_by=user,
            submitted_at=None if state == PlanState.DRAFT else now,
        )  # fmt: skip
        put(plan, audience)
        put(
            Measure(
                **own, plan=plan, position=1, kind="software", product=word, supplier=word,
                cost_fen=100, note=word,
            ),
            audience,
        )  # fmt: skip


@builder
def body_records(world: World) -> None:
    """A record per body; the number of its controlling person is its own canary."""
    for party in world.cast.parties.values():
        if party.kind == PartyKind.ENTERPRISE:
            continue
        word = canary(party)
        row = BodyRecord.objects.create(
            place=party.place, party=party, industries=word, introduction=word,
            category="agency" if party.kind == PartyKind.AGENCY else "scenario",
            controller_name=word, controller_id=word, controller_digest=blind_index(word, "x"),
        )  # fmt: skip
        world.add(Thing(row, party.place, None, "body", "", vendor=party))
