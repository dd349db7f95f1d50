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
        # Both sides of a request or consent know of each other.
        for thing in world.things.get("vendors.Consent", []):
            sides = [s for s in (thing.owner, thing.vendor) if s is not None]
            if any(s.pk == person.party_id for s in sides):
                owners += sides
    elif role in OFFICE or role in (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN):
        owners += [p for p in cast.places.values() if within(p, person.region)]
        owners += [p for p in cast.parties.values() if within(p.place, person.region)]
    return {canary(owner) for owner in owners}


def all_words(world: World) -> set[str]:
    """Every canary that stands anywhere."""
    owners: list[Region | Party] = [*world.cast.places.values(), *world.cast.parties.values()]
    return {canary(owner) for owner in owners}
