"""The door of the demonstration: open only there, only for its people, and written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.audit.models import Entry
from shuzhuan.site import demo, operations
from shuzhuan.site.rehearsal import stage
from tests.cast import Cast

pytestmark = pytest.mark.django_db
KEYS = [persona.key for _, group in demo.GROUPS for persona in group]


@pytest.fixture
def people(settings: Any) -> stage.Stage:
    """The demonstration's people, without their projects."""
    settings.DEMO = True
    return stage.build()


def test_there_is_no_door_where_it_is_not_a_demonstration(settings: Any, client: Client) -> None:
    stage.build()
    settings.DEMO = False
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/county/").status_code == 404
    assert "_auth_user_id" not in client.session
    assert "演示环境" not in client.get("/").content.decode()
    assert not Entry.objects.filter(action="demo.enter").exists()


def test_the_door_shows_everybody_and_says_what_it_is(people: stage.Stage, client: Client) -> None:
    text = client.get("/demo/").content.decode()
    for key in KEYS:
        assert f'action="/demo/{key}/"' in text
    assert "都是虚构的" in text


@pytest.mark.parametrize("key", KEYS)
def test_whoever_comes_in_is_that_person_and_it_is_written_down(
    people: stage.Stage, key: str, client: Client
) -> None:
    answer = client.post(f"/demo/{key}/")
    assert answer.status_code == 302 and answer["Location"] != "/account/"
    user = User.objects.get(login_name=f"demo-{key}")
    assert client.session["_auth_user_id"] == str(user.pk)
    entry = Entry.objects.get(action="demo.enter")
    assert (entry.user_id, entry.object_id) == (user.pk, str(user.memberships.get().pk))
    assert client.get(answer["Location"]).status_code == 200


def test_only_the_people_on_the_door_come_in(people: stage.Stage, client: Client) -> None:
    for key in ("nobody", "checker", "firm2", "county-2"):  # some of them exist
        assert client.post(f"/demo/{key}/").status_code == 404
    assert client.get("/demo/county/").status_code == 405  # looking at an address lets nobody in
    User.objects.filter(login_name="demo-county").update(is_active=False)
    assert client.post("/demo/county/").status_code == 404
    assert not Entry.objects.filter(action="demo.enter").exists()


def test_the_door_is_guarded_against_forged_requests(people: stage.Stage) -> None:
    assert Client(enforce_csrf_checks=True).post("/demo/county/").status_code == 403


def test_coming_in_as_another_leaves_nothing_of_the_first(
    people: stage.Stage, client: Client
) -> None:
    client.post("/demo/county/")
    kept = client.session
    kept["draft"] = "of the county"
    kept.save()
    client.post("/demo/leader/")
    user = User.objects.get(login_name="demo-leader")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "draft" not in client.session


def test_a_demonstration_with_real_people_in_it_is_not_served(people: stage.Stage) -> None:
    demo.require_invented()
    User.objects.create_user("zhang.san", "张三")
    with pytest.raises(ImproperlyConfigured, match="演示以外的账号"):
        demo.require_invented()


def test_real_people_are_welcome_where_it_is_none(settings: Any) -> None:
    settings.DEMO = False
    User.objects.create_user("zhang.san", "张三")
    demo.require_invented()


def test_setting_up_writes_the_marker_once(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []

    def build_demo(say: Any) -> None:
        built.append(1)
        stage.build()

    monkeypatch.setattr("shuzhuan.site.rehearsal.half.build_demo", build_demo)
    settings.DATA_DIR = tmp_path
    settings.DEMO = False
    operations.prepare_demo()
    assert (tmp_path / "demo").is_file() and built == [1]
    settings.DEMO = True  # as read from the marker by the next process
    operations.prepare_demo()
    assert built == [1]


def test_a_platform_in_use_does_not_become_a_demonstration(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shuzhuan.site.rehearsal.half.build_demo", lambda say: pytest.fail("built"))
    settings.DATA_DIR, settings.DEMO = tmp_path, False
    stage.build()
    operations.prepare_demo()
    assert not (tmp_path / "demo").exists()


def test_whoever_registers_in_a_demonstration_takes_an_invented_name(
    client: Client, settings: Any, cast: Cast
) -> None:
    """A real account would keep the demonstration from starting again."""
    settings.DEMO = True
    page = client.get("/enterprises/register/")
    assert "请填虚构的企业" in page.content.decode()
    given = {
        **page.context["form"].initial, "name": "彭阳虚构食品厂", "full_name": "虚构人",
        "place": cast.places["pengyang"].pk, "password": "Lantern-2026-x", "truthful": "on",
    }  # fmt: skip
    refused = client.post("/enterprises/register/", {**given, "login_name": "zhangsan"})
    assert "登录名要以 demo- 开头" in refused.content.decode()
    done = client.post("/enterprises/register/", {**given, "login_name": "demo-new"})
    assert done.headers["Location"] == "/sign-in/?next=%2Fmy%2F"  # then straight to its desk
    assert User.objects.filter(login_name="demo-new").exists()
    settings.DEMO = False
    assert "虚构" not in client.get("/enterprises/register/").content.decode()
