"""The system administrator's tree: it grows inside the own region and never changes its paths."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import EVERY_ROLE, Role
from shuzhuan.apps.administration.actions.regions import add_region, change_region
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.regions.models import Region
from tests.apps.signin_kit import budget
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(cast: Cast) -> Client:
    return client_of(cast.person(Role.SYSTEM_ADMIN, "ningxia"))


def add(client: Client, parent: Region, **more: str) -> Any:
    form = {"name": "隆德县", "level": "county", "code": "640423", "pack": "", **more}
    return client.post(f"/system/regions/{parent.pk}/add/", form)


def test_a_county_is_added_below_its_city(cast: Cast, system: Client) -> None:
    assert add(system, cast.places["guyuan"]).status_code == 302
    made = Region.objects.get(code="640423")
    assert made.path == "640000/640400/640423/"
    assert "隆德县" in system.get("/system/regions/").content.decode()
    assert Entry.objects.get(action="administration.add_region").object_id == str(made.pk)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"code": "640425"}, "代码"),
        ({"code": "64/0423"}, "代码用 1 到 12 位"),
        ({"code": "六四"}, "代码用 1 到 12 位"),
        ({"level": "province"}, "层级"),
        ({"level": "city"}, "层级"),
        ({"name": ""}, "名称"),
        ({"pack": "nowhere"}, "政策包"),
    ],
)
def test_mistakes_change_nothing(
    cast: Cast, system: Client, wrong: dict[str, str], word: str
) -> None:
    before = Region.objects.count()
    answer = add(system, cast.places["guyuan"], **wrong)
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert Region.objects.count() == before


def test_a_pack_is_set_and_code_and_path_stay(cast: Cast, system: Client) -> None:
    place = cast.places["xiji"]
    form = {"name": "西吉县", "pack": "pengyang", "code": "1", "path": "x/", "level": "park"}
    assert system.post(f"/system/regions/{place.pk}/", form).status_code == 302
    place.refresh_from_db()
    assert (place.pack, place.code, place.level) == ("pengyang", "640422", "county")
    assert place.path == "640000/640400/640422/"


def test_another_province_is_not_there(cast: Cast, system: Client) -> None:
    foreign = cast.places["quanzhou"]
    assert "泉州" not in system.get("/system/regions/").content.decode().split("<main")[1]
    assert system.get(f"/system/regions/{foreign.pk}/").status_code == 404
    assert add(system, foreign).status_code == 404


def test_the_actions_ask_by_themselves(cast: Cast) -> None:
    place = cast.places["pengyang"]
    for (role, _), member in cast.people.items():
        if role == Role.SYSTEM_ADMIN:
            continue
        with pytest.raises(PermissionDenied):
            add_region(actor_of(member), place, code="1", name="x", level="park")
        with pytest.raises(PermissionDenied):
            change_region(actor_of(member), place, name="x", pack="")
    assert {role for role, _ in cast.people} == EVERY_ROLE


def test_queries(cast: Cast, system: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(budget(6)):
        assert system.get("/system/regions/").status_code == 200
