"""What the tests of publicity share: a selection publicity of 彭阳 at the time of National Day 2026."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from shuzhuan.apps.access.actor import PUBLIC, Actor, actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.apps.publicity.actions.start import ItemSpec, start
from shuzhuan.apps.publicity.models import Objection, Publicity, PublicityItem
from tests.cast import Cast

FIELDS = ("单位名称", "项目内容", "拟补助奖励金额")
WORDS = "该项目的设备去年已经领过自治区的同类补助，发票可以核对。"
MONDAY = date(2026, 9, 28)  # five working days on: 29, 30 September, 8, 9, 10 October
LAST = date(2026, 10, 10)  # a Saturday that is worked


class Clock:
    """The day that the actions see; noon in China unless told otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime(2026, 9, 28, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def at(self, day: date, hour: int = 12, minute: int = 0) -> None:
        self.now = datetime(
            day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai")
        )


def officer(cast: Cast, place: str = "pengyang", role: Role = Role.COUNTY_OFFICER) -> Actor:
    return actor_of(cast.person(role, place))


def spec(cast: Cast, number: int = 1, **more: Any) -> ItemSpec:
    party = cast.parties[more.pop("party", "pengyang_mill")]
    values = {"单位名称": f"彭阳杂粮加工厂{number}", "项目内容": "仓储和销售的数字化改造"}
    given = {"values": values, "amount_fen": 30_000_000 + number, **more}
    return ItemSpec(party=party, subject_kind="projects.Project", subject_id=number, **given)


def published(cast: Cast, rows: int = 2, place: str = "pengyang", **more: Any) -> Publicity:
    role = Role.CITY_OFFICER if place in ("guyuan", "quanzhou") else Role.COUNTY_OFFICER
    parts: dict[str, Any] = {
        "kind": "selection",
        "title": "2026年第一批拟支持项目公示",
        "basis": "《彭阳县中小企业数字化转型专项资金管理办法》第十一条",
        "fields": FIELDS,
        "days": 5,
        "unit": "workday",
        "items": [spec(cast, number) for number in range(1, rows + 1)],
        "starts_on": timezone.localdate(),
        "contact": "彭阳县工信商务局 0954-7012345",
        "hearing_days": None,
    }
    return start(officer(cast, place, role), place=cast.places[place], **{**parts, **more})


def first(publicity: Publicity) -> PublicityItem:
    return publicity.items.order_by("position")[0]


def objected(item: PublicityItem, key: str = "k1", actor: Actor = PUBLIC, **more: str) -> Objection:
    given = {"name": "张三", "contact": "13895410000", "text": WORDS, **more}
    return object_to(actor, item.pk, key=key, **given)
