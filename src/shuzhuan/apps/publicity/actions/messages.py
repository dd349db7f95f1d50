"""Whom to tell of what, in the transaction in which it happens."""

from __future__ import annotations

from django.urls import reverse

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox.actions import settle, tell
from shuzhuan.apps.inbox.models import MessageLevel
from shuzhuan.apps.publicity.models import Objection
from shuzhuan.apps.regions.models import Level, Region

_OFFICE = {Level.PROVINCE: Role.PROVINCE_OFFICER, Level.CITY: Role.CITY_OFFICER}


def office_of(place: Region) -> Role:
    """Who works on the publicities of a place: its own office, not the ones above."""
    return _OFFICE.get(Level(place.level), Role.COUNTY_OFFICER)


def objection_received(objection: Objection) -> None:
    """The office is to hear it by the due day."""
    publicity = objection.item.publicity
    tell(
        key=f"publicity.objection:{objection.pk}",
        title=f"收到异议，{objection.due_on:%m-%d} 前核查答复",
        body=f"{publicity.title}（{publicity.number}）\n"
        f"由贵单位核查答复，期限 {objection.due_on}。",
        url=reverse("publicity:objection", args=[objection.pk]),
        about=objection,
        offices=[office_of(publicity.place)],
        office_region_id=publicity.place_id,
        level=MessageLevel.TODO,
    )


def objection_decided(objection: Objection) -> None:
    """The office has nothing left to do; an organisation that objected is told."""
    settle(objection)
    if objection.party_id is None:
        return
    tell(
        key=f"publicity.decided:{objection.pk}",
        title=f"异议 {objection.number} 已经答复",
        body="凭异议编号和查询码可以查看核查结果。",
        url=reverse("publicity:answer"),
        about=objection,
        party_id=objection.party_id,
    )
