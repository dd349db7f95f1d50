"""A world with something of every kind in every tenant, each text carrying its owner's canary.

Whoever adds a model with a scope adds a builder here; a test fails until something of it stands
in at least two tenants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.models import Membership, Party, PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Chain, Entry
from shuzhuan.apps.enterprises.actions.register_enterprise import open_archive
from shuzhuan.apps.enterprises.models import (
    CloudUse,
    Declaration,
    Draft,
    Enterprise,
    EnterpriseYear,
    PilotEntry,
    Qualification,
    SectionState,
    SectionVersion,
)
from shuzhuan.apps.regions.models import Region
from shuzhuan.apps.vendors.models import Consent, ConsentState
from tests.cast import Cast, build, canary

# Who may see a thing, besides the place and the owner: see tests/access/policy.py.
SHARED, OWNER_ONLY, PRIVATE, AUDIT = "shared", "owner_only", "private", "audit"


@dataclass(frozen=True)
class Thing:
    """One row: whose it is, where it lies, and who is its audience. ``part``: named in consents."""

    row: Model
    place: Region | None
    owner: Party | None = None
    audience: str = SHARED
    part: str = ""
    user_id: int | None = None
    vendor: Party | None = None


@dataclass
class World:
    """The cast and all things, by model label."""

    cast: Cast
    things: dict[str, list[Thing]] = field(default_factory=dict)
    # enterprise party id, vendor party id -> parts that a live consent opens
    consents: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)
    # enterprise party id, body party id: asked to visit, in force today
    engaged: set[tuple[int, int]] = field(default_factory=set)
    # body party id, place id: was asked to visit somebody there at any time
    worked: set[tuple[int, int]] = field(default_factory=set)

    def add(self, thing: Thing) -> None:
        self.things.setdefault(thing.row._meta.label, []).append(thing)

    def person_of(self, party: Party, role: Role) -> Membership:
        return next(
            m for m in self.cast.people.values() if m.party_id == party.pk and m.role == role
        )


Builder = Callable[[World], None]
BUILDERS: list[Builder] = []


def builder(function: Builder) -> Builder:
    """Register what puts things of one app into every tenant."""
    BUILDERS.append(function)
    return function


def make_world() -> World:
    """Build everything, in one transaction."""
    from tests.access import (  # noqa: F401 - register their builders
        world_assessments,
        world_funds,
        world_inbox,
        world_levels,
        world_more,
        world_projects,
        world_publicity,
        world_visits,
    )

    with transaction.atomic():
        world = World(build())
        for each in BUILDERS:
            each(world)
    return world


def _enterprises(world: World) -> list[Party]:
    return [p for p in world.cast.parties.values() if p.kind == PartyKind.ENTERPRISE]


@builder
def archives(world: World) -> None:
    """An archive per enterprise, with a row in every section."""
    for party in _enterprises(world):
        word = canary(party)
        filler = world.person_of(party, Role.ENTERPRISE_FILLER)
        enterprise = Enterprise.objects.filter(party=party).first() or open_archive(party)
        enterprise.survey_note, enterprise.bank_name, enterprise.contact_name = word, word, word
        enterprise.industry = word
        enterprise.save()
        place = party.place

        def put(row: Model, *, part: str = "", audience: str = SHARED, user: int | None = None,
                party: Party = party, place: Region = place) -> None:  # fmt: skip
            row.save()
            world.add(Thing(row, place, party, audience, part, user))

        world.add(Thing(enterprise, place, party, part="basics"))
        own = {"place": place, "enterprise": enterprise}
        put(EnterpriseYear(**own, year=2025, people=20), part="finance")
        put(
            Qualification(
                **own, kind="high_tech", title=word, number=word, granted_on=date(2025, 1, 1)
            ),
            part="basics",
        )
        put(CloudUse(**own, slot=1, kind="saas", provider=word, product=word), part="basics")
        put(
            Declaration(
                **own, explanation=word, declared_by=filler.user, declared_on=date(2026, 1, 1)
            )
        )
        put(
            PilotEntry(
                **own,
                pack="pengyang",
                entered_on=date(2026, 1, 1),
                entered_reason=word,
                entered_by=filler.user,
            ),
            part="basics",
        )
        now = timezone.now()
        put(SectionState(**own, section="basics", version=1, saved_by=filler.user, saved_at=now))
        put(
            SectionVersion(
                **own,
                section="basics",
                version=1,
                saved_by=filler.user,
                text="{}",
            ),
            audience=OWNER_ONLY,
        )
        put(
            Draft(
                **own,
                user=filler.user,
                section="basics",
                base_version=0,
                text='{"typed": {}, "original": {}}',
            ),
            audience=PRIVATE,
            user=filler.user_id,
        )


@builder
def consents(world: World) -> None:
    """A live consent, a withdrawn one and an open request."""
    parties = world.cast.parties
    rows = (
        ("pengyang_mill", "vendor_guyuan", ConsentState.GRANTED, False),
        ("xiji_starch", "vendor_guyuan", ConsentState.WITHDRAWN, True),
        ("huian_stone", "vendor_quanzhou", ConsentState.GRANTED, True),
        ("hongsibu_wine", "vendor_quanzhou", ConsentState.REQUESTED, True),
    )
    for enterprise_key, vendor_key, state, finance in rows:
        enterprise, vendor = parties[enterprise_key], parties[vendor_key]
        granted = state == ConsentState.GRANTED
        row = Consent.objects.create(
            place=enterprise.place,
            enterprise=enterprise,
            uscc=enterprise.uscc,
            vendor=vendor,
            state=state,
            sees_finance=finance,
            sees_projects=finance,
            purpose="诊断",
            valid_from=date(2026, 1, 1) if state != ConsentState.REQUESTED else None,
            valid_to=date(2099, 1, 1) if state != ConsentState.REQUESTED else None,
            granted_by=world.person_of(enterprise, Role.ENTERPRISE_CERTIFIER).user,
            answered_at=None if state == ConsentState.REQUESTED else timezone.now(),
            ended_at=timezone.now() if state == ConsentState.WITHDRAWN else None,
        )
        world.add(Thing(row, enterprise.place, enterprise, audience="consent", vendor=vendor))
        if granted:
            parts = {"basics", *(["finance", "projects"] if finance else [])}
            world.consents[enterprise.pk, vendor.pk] = frozenset(parts)


@builder
def log(world: World) -> None:
    """A row of the audit log in every place."""
    for region in world.cast.places.values():
        officer = next((m for m in world.cast.people.values() if m.region_id == region.pk), None)
        if officer is None:
            continue
        record(
            "world.act",
            actor_of(officer),
            region,
            place_id=region.pk,
            detail={"词": canary(region)},
        )
    for chain in Chain.objects.select_related("place"):
        world.add(Thing(chain, chain.place, audience=AUDIT))
    for entry in Entry.objects.select_related("chain__place"):
        world.add(Thing(entry, entry.chain.place, audience=AUDIT))
