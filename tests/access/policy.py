"""Who may see what, written a second time from the rules alone.

This file shares no code with the application: it knows places by their paths, people by role,
and what the world's builders said of each thing. The matrix compares the two.
"""

from __future__ import annotations

from collections.abc import Callable

from shuzhuan.apps.accounts.models import Membership, Party
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.regions.models import Region
from tests.access.world import AUDIT, OWNER_ONLY, PRIVATE, Thing, World
from tests.cast import canary

OFFICE = {
    Role.PROVINCE_OFFICER, Role.CITY_OFFICER, Role.COUNTY_OFFICER, Role.FINANCE_OFFICER, Role.LEADER,
}  # fmt: skip
OFFICERS = {Role.PROVINCE_OFFICER, Role.CITY_OFFICER, Role.COUNTY_OFFICER}
BODIES = {Role.VENDOR_STAFF, Role.AGENCY_STAFF}
COMPANY = {Role.ENTERPRISE_FILLER, Role.ENTERPRISE_CERTIFIER, Role.ENTERPRISE_FINANCE}


def within(inner: Region | None, outer: Region) -> bool:
    """Whether a place lies in another (or is it)."""
    return inner is not None and inner.path.startswith(outer.path)


def may_see(world: World, person: Membership, thing: Thing) -> bool:  # noqa: PLR0911
    """Whether this person may see this row."""
    role = Role(person.role)
    if thing.audience == AUDIT:
        top = person.region.path.count("/") == 1
        return role == Role.AUDIT_ADMIN and (
            within(thing.place, person.region) or (thing.place is None and top)
        )
    if thing.audience == "consent":
        parties = {side.pk for side in (thing.owner, thing.vendor) if side is not None}
        if role in OFFICE:
            return within(thing.place, person.region)
        return person.party_id in parties and (role in COMPANY or role == Role.VENDOR_STAFF)
    if thing.audience in _ON_SITE:
        return _ON_SITE[thing.audience](world, person, thing)
    if _visited(world, person, thing):
        return True
    if thing.audience.startswith("project"):
        return _project(world, person, thing)
    if thing.audience in _SPECIAL:
        return _SPECIAL[thing.audience](person, thing)
    if thing.audience.startswith("role:"):
        return role == thing.audience.removeprefix("role:") and within(thing.place, person.region)
    if role in COMPANY:
        mine = thing.owner is not None and thing.owner.pk == person.party_id
        return mine and (thing.audience != PRIVATE or thing.user_id == person.user_id)
    if thing.audience in (OWNER_ONLY, PRIVATE):
        return thing.audience == PRIVATE and thing.owner is None and thing.user_id == person.user_id
    if role in OFFICE:
        return within(thing.place, person.region)
    if role == Role.VENDOR_STAFF and person.party_id is not None and thing.owner is not None:
        parts = world.consents.get((thing.owner.pk, person.party_id), frozenset())
        return bool(thing.part) and thing.part in parts
    return False


def _office(person: Membership, thing: Thing) -> bool:
    """Colleagues of the same office; the office above has its own."""
    return (
        person.role in OFFICERS and thing.place is not None and person.region_id == thing.place.pk
    )


def _desk(person: Membership, thing: Thing) -> bool:
    return _office(person, thing) and person.user_id == thing.user_id


def _officers(person: Membership, thing: Thing) -> bool:
    return person.role in OFFICERS and within(thing.place, person.region)


def _document(person: Membership, thing: Thing) -> bool:
    """Offices of the place and the owner's own people; nobody consented to documents here."""
    if person.role in OFFICE:
        return within(thing.place, person.region)
    return thing.owner is not None and person.party_id == thing.owner.pk


def _shelf(person: Membership, thing: Thing) -> bool:
    """An organisation's documents, for its offices and itself; no consent here names documents."""
    if person.role in OFFICE:
        return within(thing.place, person.region)
    mine = thing.owner is not None and person.party_id == thing.owner.pk
    return mine and person.role in COMPANY


def _owner_party(person: Membership, thing: Thing) -> bool:
    return thing.owner is not None and person.party_id == thing.owner.pk


def _office_or_party(person: Membership, thing: Thing) -> bool:
    """The office that published; the organisation that a row is about, or that objected."""
    return _office(person, thing) or _owner_party(person, thing)


def _engaged(world: World, person: Membership, thing: Thing) -> bool:
    """Whether the person's body was asked to visit the owner, today."""
    if person.party_id is None or thing.owner is None or person.role not in BODIES:
        return False
    return (thing.owner.pk, person.party_id) in world.engaged


def _visited(world: World, person: Membership, thing: Thing) -> bool:
    """What a visit opens: the archive without its declarations, its documents, its sheets."""
    if not _engaged(world, person, thing):
        return False
    if thing.audience in ("document", "shelf"):
        return True
    parts = {"basics", "finance"}
    if thing.row._meta.app_label == "assessments":
        parts.add("projects")
    return thing.audience == "shared" and thing.part in parts


def _visit(world: World, person: Membership, thing: Thing) -> bool:
    """The engagement itself: both sides, the body while it lasts; the offices of the place."""
    return _visit_done(world, person, thing) and (person.role not in BODIES or _by(person, thing))


def _visit_done(world: World, person: Membership, thing: Thing) -> bool:
    """Handed over: the enterprise, the offices of its place, bodies that visit it now."""
    if person.role in OFFICE:
        return within(thing.place, person.region)
    if person.role in COMPANY:
        return thing.owner is not None and person.party_id == thing.owner.pk
    return _engaged(world, person, thing)


def _visit_draft(world: World, person: Membership, thing: Thing) -> bool:
    """Being written: whoever writes it, while the engagement lasts."""
    return _engaged(world, person, thing) and _by(person, thing)


def _by(person: Membership, thing: Thing) -> bool:
    return thing.vendor is not None and thing.vendor.pk == person.party_id


def _body(world: World, person: Membership, thing: Thing) -> bool:
    """The body itself; offices where it is registered and of the places where it worked."""
    if person.role in OFFICE:
        places = {pk for body, pk in world.worked if thing.vendor and body == thing.vendor.pk}
        there = [place for place in world.cast.places.values() if place.pk in places]
        return any(within(place, person.region) for place in (*there, thing.place))
    return person.role in BODIES and _by(person, thing)


_ON_SITE: dict[str, Callable[[World, Membership, Thing], bool]] = {
    "visit": _visit,
    "visit_done": _visit_done,
    "visit_draft": _visit_draft,
    "body": _body,
}


def _project(world: World, person: Membership, thing: Thing) -> bool:
    """A project: its enterprise; the offices of its place once it is filed; whoever judges it;
    vendors to whom the enterprise opened its projects. Requests are for whoever made them, and a
    body reads no opinion but its own."""
    role, party = Role(person.role), person.party_id
    if thing.audience == "project_request" and person.user_id != thing.user_id:
        return False
    if role in OFFICE:
        return thing.part != "draft" and within(thing.place, person.region)
    if thing.owner is None or party is None:
        return False
    if role in COMPANY:
        return thing.owner.pk == party
    judges = thing.vendor is not None and thing.vendor.pk == party
    judges = judges and _engaged(world, person, thing)
    if thing.audience == "project_opinion":
        return judges and thing.part == "by_body"
    opened = "projects" in world.consents.get((thing.owner.pk, party), frozenset())
    return judges or (opened and role == Role.VENDOR_STAFF)


def _public_once_open(person: Membership, thing: Thing) -> bool:
    """The offices of the place from the first day; everybody who is signed in once it is open."""
    if person.role in OFFICE:
        return within(thing.place, person.region)
    return thing.part == "open"


def _session(person: Membership, thing: Thing) -> bool:
    """One's own; for the security administrator those of everybody in the region."""
    if person.role == Role.SECURITY_ADMIN and within(thing.place, person.region):
        return True
    return person.user_id == thing.user_id


def _recipient(person: Membership, thing: Thing) -> bool:
    """What was told to one person is for nobody else, whatever their role."""
    return person.user_id == thing.user_id


def _government(person: Membership, thing: Thing) -> bool:
    """What the offices of a place keep to themselves; no party reads it."""
    return person.role in OFFICE and within(thing.place, person.region)


def _watchers(person: Membership, thing: Thing) -> bool:
    """Officers and leaders of the place."""
    watching = person.role in OFFICERS or person.role == Role.LEADER
    return watching and within(thing.place, person.region)


_SPECIAL: dict[str, Callable[[Membership, Thing], bool]] = {
    "office": _office,
    "desk": _desk,
    "officers": _officers,
    "document": _document,
    "owner_party": _owner_party,
    "office_or_party": _office_or_party,
    "session": _session,
    "shelf": _shelf,
    "recipient": _recipient,
    "public_once_open": _public_once_open,
    "government": _government,
    "watchers": _watchers,
}


def own_words(world: World, person: Membership) -> set[str]:
    """Canaries that may turn up in an answer to this person."""
    role = Role(person.role)
    cast = world.cast
    owners: list[Region | Party] = [
        place for place in cast.places.values() if within(person.region, place)
    ]
    if person.party_id is not None:
        owners += [p for p in cast.parties.values() if p.pk == person.party_id]
        owners += [p for p in cast.parties.values() if (p.pk, person.party_id) in world.consents]
        owners += [p for p in cast.parties.values() if (p.pk, person.party_id) in world.engaged]
        # Both sides of a request or consent know of each other.
        for thing in world.things.get("vendors.Consent", []):
            sides = [s for s in (thing.owner, thing.vendor) if s is not None]
            if any(s.pk == person.party_id for s in sides):
                owners += sides
    elif role in OFFICE or role in (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN):
        owners += [p for p in cast.places.values() if within(p, person.region)]
        owners += [p for p in cast.parties.values() if within(p.place, person.region)]
    # Who was asked to visit is known to both sides and to the offices of the place.
    for thing in world.things.get("assessments.Engagement", []):
        told = thing.owner is not None and person.party_id == thing.owner.pk
        if thing.vendor is not None and (
            told or (role in OFFICE and within(thing.place, person.region))
        ):
            owners.append(thing.vendor)
        # Colleagues of another body read what this one handed over.
        if thing.vendor is not None and _engaged(world, person, thing):
            owners.append(thing.vendor)
    return {canary(owner) for owner in owners}


def all_words(world: World) -> set[str]:
    """Every canary that stands anywhere."""
    owners: list[Region | Party] = [*world.cast.places.values(), *world.cast.parties.values()]
    return {canary(owner) for owner in owners}
