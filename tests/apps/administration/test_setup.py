"""The first start: a plan is carried out whole, once, and leaves no pass-word anywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import ADMINISTRATORS
from shuzhuan.apps.regions.models import Region
from shuzhuan.site import founding
from tests.apps.signin_kit import sign_in

pytestmark = pytest.mark.django_db

PLAN: dict[str, Any] = {
    "regions": [
        {"code": "640000", "name": "宁夏回族自治区", "level": "province"},
        {"code": "640400", "name": "固原市", "level": "city", "parent": "640000"},
        {
            "code": "640425",
            "name": "彭阳县",
            "level": "county",
            "parent": "640400",
            "pack": "pengyang",
        },
    ],
    "administrators": {
        "system": {"login_name": "sys.wang", "full_name": "王系统"},
        "security": {"login_name": "sec.li", "full_name": "李安全"},
        "audit": {"login_name": "aud.ma", "full_name": "马审计"},
    },
}


def write(folder: Path, plan: object) -> str:
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
    return str(path)


def test_from_a_file_to_the_first_sign_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    founding.run(write(tmp_path, PLAN), "https://sz.example.gov.cn/")
    printed = capsys.readouterr().out
    links = re.findall(r"https://sz\.example\.gov\.cn(/activate/[\w-]+/)", printed)
    assert len(set(links)) == 3
    assert Region.objects.get(code="640425").path == "640000/640400/640425/"
    assert set(Membership.objects.values_list("role", flat=True)) == ADMINISTRATORS
    for user in User.objects.all():
        assert not user.has_usable_password()
        for guess in ("", "admin", user.login_name, "123456", "!"):
            assert sign_in(Client(), user.login_name, guess).status_code == 422
    client = Client()
    token = links[0].split("/")[2]
    form = {"token": token, "password": "Yellow-River-2026", "again": "Yellow-River-2026"}
    assert client.post("/activate/", form)["Location"].startswith("/sign-in/second-factor/")


def test_the_second_time_is_refused_and_plain_setup_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = write(tmp_path, PLAN)
    founding.run(plan, "")
    before = list(User.objects.values())
    with pytest.raises(ImproperlyConfigured, match="已经设立过"):
        founding.run(plan, "")
    capsys.readouterr()
    founding.run(None, "")
    assert capsys.readouterr().out == ""
    assert list(User.objects.values()) == before


def test_without_a_terminal_and_a_file_it_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    founding.run(None, "")
    assert "--from" in capsys.readouterr().out
    assert not User.objects.exists()


def test_by_questions(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed = "宁夏回族自治区 640000 - 固原市 640400 - 彭阳县 640425 pengyang"
    typed += " 王系统 sys.wang 李安全 sec.li 马审计 aud.ma"
    answers = iter(typed.replace("-", "").split(" "))
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    founding.run(None, "")
    assert capsys.readouterr().out.count("/activate/") == 3
    assert Region.objects.count() == 3
    assert Region.objects.get(code="640425").pack == "pengyang"


def changed(path: list[Any], value: object) -> dict[str, Any]:
    plan = yaml.safe_load(yaml.safe_dump(PLAN))
    spot = plan
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    return plan


@pytest.mark.parametrize(
    ("plan", "word"),
    [
        ([], "regions 和 administrators"),
        ({}, "缺少 regions"),
        (changed(["regions", 0, "code"], 640000), "加引号"),
        (changed(["regions", 1, "parent"], "350000"), "要写在它前面"),
        (changed(["regions", 1, "level"], "town"), "regions 第 2 项"),
        (changed(["regions", 1, "level"], "province"), "上级的层级必须更高"),
        (changed(["regions", 2, "code"], "640400"), "regions 第 3 项"),
        (changed(["regions", 0, "colour"], "red"), "不认识的项目 colour"),
        (changed(["administrators", "audit"], None), "administrators.audit"),
        (changed(["administrators", "boss"], {}), "三个人"),
        (changed(["administrators", "audit", "login_name"], "sec.li"), "administrators.audit"),
        (changed(["administrators", "audit", "login_name"], "a b"), "不能有空格"),
        (changed(["administrators", "audit", "password"], "123456"), "不认识的项目 password"),
    ],
)
def test_a_wrong_plan_leaves_nothing_behind(tmp_path: Path, plan: object, word: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=word):
        founding.run(write(tmp_path, plan), "")
    assert not Region.objects.exists()
    assert not User.objects.exists()


def test_a_lost_link_is_renewed_for_administrators_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    founding.run(write(tmp_path, PLAN), "")
    old = re.findall(r"/activate/[\w-]+/", capsys.readouterr().out)
    founding.renew_link("sys.wang", "")
    new = re.findall(r"/activate/[\w-]+/", capsys.readouterr().out)
    assert Client().get(old[0]).status_code == 410
    assert Client().get(new[0]).status_code == 200
    User.objects.create_user("officer")
    for name in ("officer", "nobody"):
        with pytest.raises(ImproperlyConfigured, match="没有登录名"):
            founding.renew_link(name, "")
