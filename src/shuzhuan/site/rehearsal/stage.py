"""The people and firms of a play. All invented; every name of a firm says so."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.administration.actions.found import FOUNDER, found
from shuzhuan.apps.administration.actions.invite import admit
from shuzhuan.apps.enterprises.actions.register_enterprise import register_enterprise
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine import uscc
from shuzhuan.site.rehearsal.drive import Firm, Players

MARK = "（演示）"
PLAN = {
    "regions": [
        {"code": "640000", "name": "宁夏回族自治区", "level": "province"},
        {"code": "640400", "name": "固原市", "level": "city", "parent": "640000"},
        {
            "code": "640425", "name": "彭阳县", "level": "county", "parent": "640400",
            "pack": "pengyang",
        },
    ],
    "administrators": {
        "system": {"login_name": "demo-system", "full_name": "系统管理员甲"},
        "security": {"login_name": "demo-security", "full_name": "安全管理员甲"},
        "audit": {"login_name": "demo-audit", "full_name": "审计管理员甲"},
    },
}  # fmt: skip
# Name and pilot industry of each firm, in the order in which they come.
FIRMS = (
    ("六盘山杂粮加工", "农副产品加工"),
    ("茹河果蔬食品", "农副产品加工"),
    ("古城精密机械", "装备制造"),
    ("白阳环保装备", "装备制造"),
    ("王洼新型建材", "新型材料"),
    ("长城塬保温材料", "新型材料"),
    ("红河纺织服饰", "轻工纺织"),
    ("草庙绒毛制品", "轻工纺织"),
    ("孟塬辣椒食品", "农副产品加工"),
    ("城阳农机制造", "装备制造"),
    ("冯庄复合材料", "新型材料"),
    ("交岔皮革制品", "轻工纺织"),
)
_SEATS = (
    ("county", Role.COUNTY_OFFICER, "640425", "县级经办甲"),
    ("second", Role.COUNTY_OFFICER, "640425", "县级经办乙"),
    ("leader", Role.LEADER, "640425", "县领导甲"),
    ("finance", Role.FINANCE_OFFICER, "640425", "财政经办甲"),
    ("checker", Role.FINANCE_OFFICER, "640425", "财政经办乙"),
    ("city", Role.CITY_OFFICER, "640400", "市级经办甲"),
    ("province", Role.PROVINCE_OFFICER, "640000", "自治区经办甲"),
)


@dataclass
class Stage:
    """Who is there. ``actors`` by key; ``firms`` in the order of FIRMS."""

    players: Players
    actors: dict[str, Actor] = field(default_factory=dict)
    firms: list[Firm] = field(default_factory=list)


def code_of(number: int) -> str:
    """A well-formed credit code that belongs to nobody: its organisation part is a counter."""
    first = f"91640425MA{number:07d}"
    return first + uscc.check_digit(first)


@transaction.atomic
def build() -> Stage:
    """Found the platform and seat everybody. On an empty database only."""
    found(PLAN)
    places = {region.code: region for region in Region.objects.all()}
    actors = {key: _seat(key, role, places[code], name) for key, role, code, name in _SEATS}
    county = places["640425"]
    vendor = _body("黄土塬数字科技", PartyKind.VENDOR, places["640400"], 9_000_001)
    agency = _body("六盘评测技术服务", PartyKind.AGENCY, places["640000"], 9_000_002)
    actors["vendor"] = _seat("vendor", Role.VENDOR_STAFF, vendor.place, "服务商人员甲", vendor)
    actors["agency"] = _seat("agency", Role.AGENCY_STAFF, agency.place, "评测人员甲", agency)
    players = Players(
        place=county, county=actors["county"], second=actors["second"], city=actors["city"],
        finance=actors["finance"], checker=actors["checker"], agency=actors["agency"],
        agency_party=agency, vendor=actors["vendor"], vendor_party=vendor,
    )  # fmt: skip
    stage = Stage(players, actors)
    for number, (name, _) in enumerate(FIRMS, start=1):
        stage.firms.append(add_firm(stage, number, name))
    return stage


def _seat(
    key: str, role: Role, region: Region, full_name: str, party: Party | None = None
) -> Actor:
    member, _ = admit(
        FOUNDER, login_name=f"demo-{key}", full_name=full_name, role=role, region=region,
        party=party,
    )  # fmt: skip
    return actor_of(member)


def _body(name: str, kind: PartyKind, place: Region, number: int) -> Party:
    return Party.objects.create(
        kind=kind, place=place, name=f"{name}有限公司{MARK}", uscc=code_of(number)
    )


@transaction.atomic
@transaction.atomic
def add_firm(stage: Stage, number: int, name: str) -> Firm:
    """Register one more enterprise of the county, with somebody who signs for it."""
    county = stage.players.place
    enterprise = register_enterprise(FOUNDER, code_of(number), f"彭阳{name}有限公司{MARK}", county)
    certifier = _seat(
        f"firm{number}", Role.ENTERPRISE_CERTIFIER, county, f"企业审定人{number:02d}",
        enterprise.party,
    )  # fmt: skip
    stage.actors[f"firm{number}"] = certifier
    return Firm(enterprise, certifier)
