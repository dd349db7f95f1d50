"""The fixed cast: the places, the organisations and one person per role per place.

`build()` stores everybody and needs a database; the fixture `cast` does it for one test::

    def test_something(cast):
        officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
        answer = client_of(officer).get("/…/")
        assert canary(cast.parties["xiji_starch"]) not in answer.content.decode()

Every tenant (place or organisation) has its own canary, a word that stands in its text fields
and nowhere else: where a foreign canary turns up, something leaks. Put `canary(owner)` into
whatever text a test stores for an owner.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.test import Client

from shuzhuan.apps.access.session import (
    SESSION_EPOCH,
    SESSION_MEMBERSHIP,
    SESSION_SECOND_FACTOR,
    SESSION_SEEN,
    SESSION_STARTED,
)
from shuzhuan.apps.accounts.models import Membership, Party, PartyKind, User, UserKind
from shuzhuan.apps.accounts.roles import ADMINISTRATORS, ENTERPRISE, Role
from shuzhuan.apps.regions.models import Level, Region

PASSWORD = "Guyuan-lighthouse-9"
BACKEND = "django.contrib.auth.backends.ModelBackend"

# key: (name, level, code, key of the region above, pack)
PLACES: dict[str, tuple[str, Level, str, str, str]] = {
    "ningxia": ("宁夏回族自治区", Level.PROVINCE, "640000", "", ""),
    "guyuan": ("固原市", Level.CITY, "640400", "ningxia", ""),
    "wuzhong": ("吴忠市", Level.CITY, "640300", "ningxia", ""),
    "pengyang": ("彭阳县", Level.COUNTY, "640425", "guyuan", "pengyang"),
    "xiji": ("西吉县", Level.COUNTY, "640422", "guyuan", ""),
    "hongsibu": ("红寺堡区", Level.COUNTY, "640303", "wuzhong", "hongsibu"),
    "pengyang_park": ("彭阳县工业园区", Level.PARK, "640425P01", "pengyang", ""),
    "fujian": ("福建省", Level.PROVINCE, "350000", "", ""),
    "quanzhou": ("泉州市", Level.CITY, "350500", "fujian", "quanzhou"),
    "huian": ("惠安县", Level.COUNTY, "350521", "quanzhou", ""),
}

# key: (name, kind, key of the place). Each has staff: see `_party_people`.
PARTIES: dict[str, tuple[str, PartyKind, str]] = {
    "pengyang_mill": ("彭阳杂粮加工厂", PartyKind.ENTERPRISE, "pengyang"),
    "park_foundry": ("彭阳园区铸造公司", PartyKind.ENTERPRISE, "pengyang_park"),
    "xiji_starch": ("西吉淀粉公司", PartyKind.ENTERPRISE, "xiji"),
    "hongsibu_wine": ("红寺堡酒庄", PartyKind.ENTERPRISE, "hongsibu"),
    "huian_stone": ("惠安石材公司", PartyKind.ENTERPRISE, "huian"),
    "vendor_guyuan": ("固原数字服务公司", PartyKind.VENDOR, "guyuan"),
    "vendor_quanzhou": ("泉州数字服务公司", PartyKind.VENDOR, "quanzhou"),
    "agency_ningxia": ("宁夏评测机构", PartyKind.AGENCY, "ningxia"),
    "agency_fujian": ("福建评测机构", PartyKind.AGENCY, "fujian"),
}

# Who sits where in an office. The administrators come from ningxia and look after everything.
OFFICES: dict[Role, tuple[str, ...]] = {
    Role.SYSTEM_ADMIN: ("ningxia",),
    Role.SECURITY_ADMIN: ("ningxia",),
    Role.AUDIT_ADMIN: ("ningxia",),
    Role.PROVINCE_OFFICER: ("ningxia", "fujian"),
    Role.CITY_OFFICER: ("guyuan", "wuzhong", "quanzhou"),
    Role.COUNTY_OFFICER: ("pengyang", "xiji", "hongsibu", "huian"),
    Role.FINANCE_OFFICER: ("guyuan", "pengyang", "hongsibu", "huian"),
    Role.LEADER: ("guyuan", "pengyang", "hongsibu", "huian"),
    Role.EXPERT: ("ningxia", "fujian"),
}


@dataclass(frozen=True)
class Cast:
    """Everybody, by key. A person is a membership: somebody in one role."""

    places: dict[str, Region] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    people: dict[tuple[Role, str], Membership] = field(default_factory=dict)

    def person(self, role: Role, where: str) -> Membership:
        """The person with this role in a place or for an organisation, by its key."""
        return self.people[role, where]


def canary(owner: Region | Party) -> str:
    """The word that stands only in the texts of this place or organisation."""
    key = owner.code if isinstance(owner, Region) else f"{owner.kind}:{owner.uscc}"
    return f"canary{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def uscc(number: int, region_code: str = "640425") -> str:
    """A well-formed 统一社会信用代码 (GB 32100-2015), a different one for each number."""
    body = f"{number:08d}"
    rest = sum(
        int(digit) * weight for digit, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    code = f"91{region_code[:6]}{body}{'0X987654321'[rest % 11]}"
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(letters.index(sign) * 3**place % 31 for place, sign in enumerate(code))
    return code + letters[-total % 31]


def build() -> Cast:
    """Store the whole cast in a few statements."""
    cast = Cast()
    _build_places(cast)
    _build_parties(cast)
    _build_people(cast)
    return cast


def _build_places(cast: Cast) -> None:
    for key, (name, level, code, above, pack) in PLACES.items():
        cast.places[key] = Region.objects.create(
            name=name, level=level, code=code, parent=cast.places.get(above), pack=pack
        )


def _build_parties(cast: Cast) -> None:
    for number, (key, (name, kind, where)) in enumerate(PARTIES.items(), start=1):
        place = cast.places[where]
        party = Party(kind=kind, place=place, uscc=uscc(number, place.code))
        party.name = f"{name}{canary(party)}"
        cast.parties[key] = party
    Party.objects.bulk_create(cast.parties.values())


def _build_people(cast: Cast) -> None:
    seats: list[tuple[Role, str, Region, Party | None]] = [
        (role, key, cast.places[key], None) for role, keys in OFFICES.items() for key in keys
    ]
    for key, party in cast.parties.items():
        seats += [(role, key, party.place, party) for role in _roles_of(party)]
    password = make_password(PASSWORD)
    users = [_user(role, key, party or place, password) for role, key, place, party in seats]
    User.objects.bulk_create(users)
    members = [
        Membership(user=user, role=role, region=place, party=party, user_kind=user.kind)
        for user, (role, _, place, party) in zip(users, seats, strict=True)
    ]
    Membership.objects.bulk_create(members)
    for member, (role, key, _, _) in zip(members, seats, strict=True):
        cast.people[role, key] = member


def _roles_of(party: Party) -> list[Role]:
    if party.kind == PartyKind.ENTERPRISE:
        return sorted(ENTERPRISE)
    return [Role.VENDOR_STAFF if party.kind == PartyKind.VENDOR else Role.AGENCY_STAFF]


def _user(role: Role, key: str, owner: Region | Party, password: str) -> User:
    kind = UserKind(str(role)) if role in ADMINISTRATORS else UserKind.BUSINESS
    name = f"{role.label}{canary(owner)}"
    return User(login_name=f"{role}.{key}", full_name=name, kind=kind, password=password)


def client_of(person: Membership, *, second_factor: bool = True) -> Client:
    """A client signed in as this person; with ``second_factor`` it has been passed."""
    client = Client()
    client.force_login(person.user, backend=BACKEND)
    session = client.session
    session[SESSION_MEMBERSHIP] = person.pk
    session[SESSION_EPOCH] = person.user.session_epoch
    session[SESSION_SECOND_FACTOR] = second_factor
    session[SESSION_STARTED] = session[SESSION_SEEN] = int(time.time())
    session.save()
    return client
