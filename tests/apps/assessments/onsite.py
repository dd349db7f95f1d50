"""Bodies that visit: engagements, records with a controlling person, whole sheets."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.access.crypto import blind_index
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.engage import engage
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.actions.submit_visit import submit_visit
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, Engagement
from shuzhuan.apps.enterprises.actions.register_enterprise import open_archive
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.vendors.models import BodyRecord
from tests.apps.assessments.sheets import fill, scenarios
from tests.cast import Cast, uscc

DAY = timedelta(days=1)
PERSON, ANOTHER = "640425198001011234", "640425197502021234"


def today() -> date:
    return timezone.localdate()


def archive(cast: Cast, key: str = "pengyang_mill") -> Enterprise:
    """The archive of an enterprise of the cast, opened when it is asked for."""
    party = cast.parties[key]
    return Enterprise.objects.filter(party=party).first() or open_archive(party)


def officer(cast: Cast, place: str = "pengyang") -> Actor:
    return actor_of(cast.person(Role.COUNTY_OFFICER, place))


def vendor(cast: Cast, key: str = "vendor_guyuan") -> Actor:
    return actor_of(cast.person(Role.VENDOR_STAFF, key))


def agency(cast: Cast, key: str = "agency_ningxia") -> Actor:
    return actor_of(cast.person(Role.AGENCY_STAFF, key))


def certifier(cast: Cast, key: str = "pengyang_mill") -> Actor:
    return actor_of(cast.person(Role.ENTERPRISE_CERTIFIER, key))


def asked(
    cast: Cast,
    kind: str,
    body: str,
    firm: str = "pengyang_mill",
    project_id: int | None = None,
) -> Engagement:
    """The officer of the firm's place asks a body, for thirty days."""
    enterprise = archive(cast, firm)
    place = next(key for key, region in cast.places.items() if region.pk == enterprise.place_id)
    return engage(
        officer(cast, place),
        enterprise,
        cast.parties[body],
        kind,
        today(),
        today() + 30 * DAY,
        project_id,
    )


def another_body(cast: Cast, name: str, number: int, kind: str = PartyKind.VENDOR) -> Party:
    place = cast.places["guyuan"]
    return Party.objects.create(kind=kind, place=place, name=name, uscc=uscc(number, place.code))


def controlled(party: Party, person: str) -> BodyRecord:
    """The record of a body with who controls it, as the page stores it."""
    category = "agency" if party.kind == PartyKind.AGENCY else "scenario"
    return BodyRecord.objects.create(
        place_id=party.place_id,
        party=party,
        category=category,
        controller_name="马某某",
        controller_id=person,
        controller_digest=blind_index(person, "controller"),
    )


def visited(actor: Actor, engagement: Engagement, **changed: object) -> Assessment:
    """A whole on-site sheet, submitted today."""
    sheet = start(actor, engagement.enterprise, engagement.kind, engagement=engagement)
    fill(actor, sheet, **changed)
    sheet.refresh_from_db()
    return submit_visit(
        actor,
        sheet.pk,
        visited_on=today(),
        committed_name=actor.name,
        seen_saves=sheet.saves,
    )


def diagnosed(cast: Cast, **changed: object) -> Assessment:
    """The mill diagnosed by the vendor of 固原: 一级."""
    engagement = asked(cast, AssessmentKind.DIAGNOSIS, "vendor_guyuan")
    return visited(vendor(cast), engagement, **changed)


BETTER: dict[str, object] = {
    **scenarios(2, 10),
    "q1": ["B", "C", "D", "E"],
    "q2": "85",
    "q4": ["B", "C", "D", "E"],
    "q8": ["D"],
    "q9": ["B", "C", "D"],
}


def accepted(cast: Cast, project_id: int | None = 7, **changed: object) -> Assessment:
    """The mill graded after the work by the agency of 宁夏."""
    engagement = asked(cast, AssessmentKind.ACCEPTANCE, "agency_ningxia", project_id=project_id)
    return visited(agency(cast), engagement, **{**BETTER, **changed})
