"""Qualifications, the pilot list, 摸底, registration and colleagues."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.models import Membership, Party, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.actions.colleagues import end_membership, invite_colleague
from shuzhuan.apps.enterprises.actions.pilot import enter_pilot, leave_pilot, set_survey
from shuzhuan.apps.enterprises.actions.qualifications import (
    add_qualification,
    change_qualification,
    withdraw_qualification,
)
from shuzhuan.apps.enterprises.actions.register_enterprise import register_enterprise
from shuzhuan.apps.enterprises.forms.qualification import load
from shuzhuan.apps.enterprises.models import Enterprise, PilotEntry, PilotState, Qualification
from tests.apps.enterprises.filling import add
from tests.cast import Cast, client_of, uscc

NEW = uscc(4711)
PASSWORD = "Liupan-mountain-7"


# -- qualifications -----------------------------------------------------------------------------


def test_a_qualification_twice_is_refused_in_chinese(mill: Enterprise, filler: Actor) -> None:
    add(filler, mill, "high_tech", number="GR1")
    again = {"kind": "high_tech", "number": "GR1", "granted_on": "2024-06-01"}
    saved = add_qualification(filler, mill, again)
    assert not saved.stored
    assert "已经登记过" in str(saved.form.non_field_errors())


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"kind": ""}, "kind", "请选择"),
        ({"granted_on": ""}, "granted_on", "请填写认定日期"),
        ({"granted_on": "2024-02-30"}, "granted_on", "没有“2024-02-30”这一天"),
        ({"granted_on": "昨天"}, "granted_on", "不是日期"),
        ({"granted_on": "2098-01-01"}, "granted_on", "还没有到"),
        ({"expires_on": "2020-01-01"}, "expires_on", "不能早于认定日期"),
    ],
)
def test_mistakes_of_a_qualification_are_named(
    mill: Enterprise, filler: Actor, changed: dict[str, str], field: str, said: str
) -> None:
    typed = {"kind": "high_tech", "granted_on": "2024年6月1日"} | changed
    saved = add_qualification(filler, mill, typed)
    assert not saved.stored and said in " ".join(saved.form.errors[field])


def test_changing_one_field_each_keeps_both(
    mill: Enterprise, filler: Actor, certifier: Actor
) -> None:
    row = add(filler, mill, "high_tech", number="GR1")
    shown = load(row)
    assert change_qualification(certifier, row, {**shown, "stage": "first"}, shown).stored
    assert change_qualification(filler, row, {**shown, "number": "GR2"}, shown).stored
    row.refresh_from_db()
    assert (row.stage, row.number) == ("first", "GR2")
    clash = change_qualification(certifier, row, {**shown, "number": "GR3"}, shown)
    assert clash.conflicts and not clash.stored


def test_withdrawing_keeps_the_row_and_wants_a_reason(mill: Enterprise, filler: Actor) -> None:
    row = add(filler, mill, "high_tech")
    with pytest.raises(ValidationError, match="原因"):
        withdraw_qualification(filler, row, "  ")
    withdraw_qualification(filler, row, "登记错了")
    with pytest.raises(ValidationError, match="已经撤销"):
        withdraw_qualification(filler, row, "再撤一次")
    row.refresh_from_db()
    assert row.withdrawn_reason == "登记错了"
    add(filler, mill, "high_tech")  # the same may now be registered rightly


def test_a_foreign_qualification_is_missing(cast: Cast, mill: Enterprise, filler: Actor) -> None:
    row = add(filler, mill, "high_tech")
    other = client_of(cast.person(Role.ENTERPRISE_FILLER, "xiji_starch"))
    for path in (f"/my/qualifications/{row.pk}/", "/my/qualifications/999999/"):
        assert other.get(path).status_code == 404
        assert other.post(f"{path}withdraw/", {"reason": "x"}).status_code == 404
    assert Qualification.objects.get(pk=row.pk).withdrawn_at is None


# -- the pilot list -----------------------------------------------------------------------------


def test_the_pilot_list_changes_with_reasons(mill: Enterprise, officer: Actor) -> None:
    enter_pilot(officer, mill, "pengyang", date(2026, 3, 1), "局务会议纪要", 1)
    with pytest.raises(ValidationError, match="已经在试点名单里"):
        enter_pilot(officer, mill, "pengyang", date(2026, 3, 2), "再来一次")
    with pytest.raises(ValidationError, match="不能早于进入日期"):
        leave_pilot(officer, mill, date(2026, 2, 1), "停产")
    with pytest.raises(ValidationError, match="原因"):
        leave_pilot(officer, mill, date(2026, 6, 1), " ")
    leave_pilot(officer, mill, date(2026, 6, 1), "停产")
    mill.refresh_from_db()
    assert (mill.pilot_state, mill.pilot_since) == (PilotState.LEFT, None)
    with pytest.raises(ValidationError, match="不能早于上次退出"):
        enter_pilot(officer, mill, "pengyang", date(2026, 5, 1), "复产")
    enter_pilot(officer, mill, "pengyang", date(2026, 8, 1), "复产")
    with pytest.raises(ValidationError, match="不在试点名单"):
        leave_pilot(officer, Enterprise.objects.exclude(pk=mill.pk)[0], date(2026, 9, 1), "x")
    rows = PilotEntry.objects.order_by("pk").values_list("entered_reason", "left_reason")
    assert list(rows) == [("局务会议纪要", "停产"), ("复产", "")]
    details = [json.loads(e.detail)["reason"] for e in Entry.objects.filter(action="leave_pilot")]
    assert details == ["停产"]


def test_the_database_allows_one_open_stay(mill: Enterprise, officer: Actor) -> None:
    enter_pilot(officer, mill, "pengyang", date(2026, 3, 1), "一")
    with pytest.raises(IntegrityError), transaction.atomic():
        PilotEntry.objects.create(
            place=mill.place,
            enterprise=mill,
            pack="pengyang",
            entered_on=date(2026, 3, 1),
            entered_reason="二",
            entered_by_id=officer.user_id,
        )


def test_the_survey_refuses_what_is_no_answer(mill: Enterprise, officer: Actor) -> None:
    with pytest.raises(ValidationError):
        set_survey(officer, mill, 4, 1)
    set_survey(officer, mill, 0, None, "暂无打算")
    mill.refresh_from_db()
    assert (mill.willingness, mill.readiness, mill.survey_note) == (0, None, "暂无打算")


def test_the_pages_of_the_officer_store(cast: Cast, mill: Enterprise) -> None:
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    url = f"/enterprises/{mill.pk}/"
    assert client.post(f"{url}survey/", {"willingness": "3", "readiness": "2"}).status_code == 302
    entered = {"on": "2026-03-01", "reason": "纪要", "pack": "pengyang", "batch": "1"}
    assert client.post(f"{url}pilot/", {**entered, "reason": ""}).status_code == 200
    assert client.post(f"{url}pilot/", entered).status_code == 302
    mill.refresh_from_db()
    assert (mill.willingness, mill.pilot_state) == (3, "in")
    assert client.post(f"{url}pilot/", {"on": "2026-09-01", "reason": "停产"}).status_code == 302
    mill.refresh_from_db()
    assert mill.pilot_state == "left"
    leader = client_of(cast.person(Role.LEADER, "pengyang"))
    assert leader.post(f"{url}survey/", {"willingness": "1"}).status_code == 403


# -- registration -------------------------------------------------------------------------------


def test_registering_checks_the_code_and_tells_nobody_who_has_it(
    cast: Cast, officer: Actor
) -> None:
    place = cast.places["pengyang"]
    taken = cast.parties["xiji_starch"]
    for wrong in ("", "123", NEW[:-1] + ("0" if NEW[-1] != "0" else "1")):
        with pytest.raises(ValidationError):
            register_enterprise(officer, wrong, "新厂", place)
    with pytest.raises(ValidationError) as refusal:
        register_enterprise(officer, taken.uscc, "新厂", place)
    said = str(refusal.value)
    assert "已经登记过" in said and taken.name not in said and "西吉" not in said
    with pytest.raises(ValidationError, match="县"):
        register_enterprise(officer, NEW, "新厂", cast.places["guyuan"])
    found = register_enterprise(officer, f" {NEW.lower()[:9]} {NEW[9:]} ", "新  厂", place)
    assert (found.uscc, found.name, found.place_id) == (NEW, "新 厂", place.pk)
    assert "还没有选择划型行业" in found.size_explanation


def test_an_enterprise_registers_itself_and_signs_in_later(cast: Cast, client) -> None:
    form = {
        "uscc": NEW,
        "name": "彭阳新厂",
        "place": str(cast.places["pengyang"].pk),
        "full_name": "王审定",
        "login_name": "wang.shending",
        "password": PASSWORD,
        "truthful": "on",
    }
    page = client.post("/enterprises/register/", {**form, "password": "12345"}).content.decode()
    assert "密码至少" in page and not Party.objects.filter(uscc=NEW).exists()
    assert client.post("/enterprises/register/", form).status_code == 302
    member = Membership.objects.get(user__login_name="wang.shending")
    assert member.role == Role.ENTERPRISE_CERTIFIER and member.party.uscc == NEW
    assert member.user.check_password(PASSWORD)
    answer = client.post("/enterprises/register/", {**form, "login_name": "another.one"})
    assert "已经登记过" in answer.content.decode()
    assert not User.objects.filter(login_name="another.one").exists()


def test_an_officer_registers_only_in_the_own_place(cast: Cast) -> None:
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    form = {"uscc": NEW, "name": "新厂", "place": str(cast.places["xiji"].pk)}
    assert client.post("/enterprises/register/", form).status_code == 200
    assert not Party.objects.filter(uscc=NEW).exists()
    form["place"] = str(cast.places["pengyang"].pk)
    assert client.post("/enterprises/register/", form).status_code == 302


# -- colleagues ---------------------------------------------------------------------------------


def test_a_colleague_is_invited_and_sets_the_password_once(
    cast: Cast,
    client,
) -> None:
    certifier = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    form = {"full_name": "李填报", "login_name": "li.tianbao", "role": "enterprise_filler"}
    page = certifier.post("/my/colleagues/", form).content.decode()
    link = page.split('value="http://testserver')[1].split('"')[0]
    token = link.rstrip("/").rpartition("/")[2]
    assert client.get(link).status_code == 200
    chosen = {"token": token, "password": PASSWORD, "again": PASSWORD}
    assert client.post("/activate/", chosen).status_code == 302
    user = User.objects.get(login_name="li.tianbao")
    assert user.check_password(PASSWORD)
    assert client.get(link).status_code == 410  # once
    page = certifier.post("/my/colleagues/", form).content.decode()
    assert "已经有人使用" in page


def test_only_the_certifier_of_this_enterprise_invites(
    cast: Cast, mill: Enterprise, certifier: Actor
) -> None:
    filler = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    assert filler.get("/my/colleagues/").status_code == 200
    assert filler.post("/my/colleagues/", {}).status_code == 403
    foreign = actor_of(cast.person(Role.ENTERPRISE_CERTIFIER, "xiji_starch"))
    with pytest.raises(PermissionDenied):
        invite_colleague(foreign, mill, "某人", "mou.ren", "enterprise_filler")
    with pytest.raises(ValidationError):
        invite_colleague(certifier, mill, "某人", "mou.ren", "county_officer")


def test_one_certifier_always_stays(cast: Cast, mill: Enterprise, certifier: Actor) -> None:
    own = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    with pytest.raises(ValidationError, match="至少要留一位审定人"):
        end_membership(certifier, mill, own)
    filler = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
    client = client_of(filler)
    assert client.get("/my/").status_code == 200
    end_membership(certifier, mill, filler)
    assert client.get("/my/").status_code == 302  # at once
    with pytest.raises(PermissionDenied):
        end_membership(certifier, mill, cast.person(Role.ENTERPRISE_FILLER, "xiji_starch"))
