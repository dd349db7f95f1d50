"""Many enterprises with submitted sheets, stored by bulk statements; every sheet grades truly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.utils import timezone

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.assessments.actions.sets import current_set
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentKind,
    AssessmentState,
    Engagement,
    PublishedSet,
)
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.grading import grade, parse_answers
from tests.apps.assessments.sheets import QUESTIONS, scenarios
from tests.apps.workbench.kit import FIRST, fill

Values = dict[str, object]
# What a sheet at level 0, 1, 2 says, beside what all of them say.
BETTER: Values = {"q1": list("BCDE"), "q4": list("BCDEFGHIJKLMNO"), "q5": ["D"], "q9": list("BCD")}
PICKS: tuple[Values, ...] = (
    {**QUESTIONS, **scenarios(1, 2)},
    {**QUESTIONS, **scenarios(1, 9)},
    {**QUESTIONS, **BETTER, **scenarios(2, 12)},
)


def firms(place: Region, count: int, first: int = FIRST) -> list[Enterprise]:
    """New enterprises of a place, in five trades and four sizes."""
    fill(place, count, first)
    return list(Enterprise.objects.filter(place=place).order_by("pk"))


def own_values(pick: int, number: int) -> Values:
    """A sheet that no other enterprise has: its rate differs."""
    return {**PICKS[pick], "q2": f"35.{number:05d}"}


def sheets(
    rows: Sequence[Enterprise],
    who: Membership,
    kind: str,
    values: Callable[[int], Values],
    *,
    under: PublishedSet | None = None,
    before: Sequence[Assessment] = (),
    body: int | None = None,
    with_answers: bool = True,
) -> list[Assessment]:
    """One current submitted sheet for each enterprise; ``values(n)`` are its answers."""
    made = []
    asked = _engaged(rows, who, kind, body) if kind != AssessmentKind.SELF else []
    for at, firm in enumerate(rows):
        published = under or current_set(firm.place)
        indicators = parsed(published)
        answers = parse_answers(indicators, values(at))
        result = grade(indicators, answers)
        assert result.complete
        text = answers.canonical()
        submitted = timezone.now() - timedelta(days=at % 300)
        made.append(
            Assessment(
                place_id=firm.place_id, enterprise=firm, kind=kind, indicators=published,
                party_id=body or firm.party_id, state=AssessmentState.SUBMITTED, started_by=who.user,
                submitted_by=who.user, submitted_at=submitted, level=result.level.low,
                points_milli=result.points_milli.low, answers_json=text.decode(),
                answers_sha256=hashlib.sha256(text).hexdigest(), result=result.canonical().decode(),
                has_unverified=True, is_current=True, engagement=asked[at] if asked else None,
                visited_on=timezone.localdate() if asked else None,
                before=before[at] if before else None,
            )
        )  # fmt: skip
    Assessment.objects.bulk_create(made, batch_size=500)
    if with_answers:
        _answers(made, who)
    return made


def _engaged(
    rows: Sequence[Enterprise], who: Membership, kind: str, body: int | None
) -> list[Engagement]:
    day = timezone.localdate()
    return Engagement.objects.bulk_create(
        Engagement(
            place_id=firm.place_id, enterprise=firm, party_id=body or firm.party_id, kind=kind,
            valid_from=day, valid_to=day + timedelta(days=30), created_by=who.user,
        )
        for firm in rows
    )  # fmt: skip


def _answers(made: Sequence[Assessment], who: Membership) -> None:
    rows = []
    for sheet in made:
        result = json.loads(sheet.result)
        values = json.loads(sheet.answers_json)
        for item, value in values.items():
            scored = result["questions"].get(item)
            rows.append(
                Answer(
                    place_id=sheet.place_id, assessment=sheet, enterprise_id=sheet.enterprise_id,
                    party_id=sheet.party_id, item=item, value=json.dumps(value), saved_by=who.user,
                    points_milli=scored["points_milli"][0] if scored else None,
                    reached=None if scored else value,
                )
            )  # fmt: skip
    Answer.objects.bulk_create(rows, batch_size=2_000)


def copies(made: Sequence[Assessment], rows: Sequence[Enterprise]) -> None:
    """Sheets of other enterprises with the levels and points of graded ones, for large numbers."""
    found = []
    for at, firm in enumerate(rows):
        like = made[at % len(made)]
        found.append(
            Assessment(
                place_id=firm.place_id, enterprise=firm, kind=like.kind, party_id=firm.party_id,
                indicators_id=like.indicators_id, state=like.state, is_current=True,
                started_by_id=like.started_by_id, submitted_by_id=like.submitted_by_id,
                submitted_at=like.submitted_at, level=like.level, points_milli=like.points_milli,
                answers_json=like.answers_json, has_unverified=True,
                answers_sha256=hashlib.sha256(str(firm.pk).encode()).hexdigest(),
            )
        )  # fmt: skip
    Assessment.objects.bulk_create(found, batch_size=500)
