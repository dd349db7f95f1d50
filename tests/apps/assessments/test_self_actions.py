"""One sheet from its first answer to its withdrawal; what is refused changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments import bundle, hooks
from shuzhuan.apps.assessments.actions.save_answer import Conflict, save_answer
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.actions.submit import submit
from shuzhuan.apps.assessments.actions.withdraw import withdraw
from shuzhuan.apps.assessments.models import Answer, Assessment, AssessmentKind, AssessmentState
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.queries.archive import load
from shuzhuan.apps.enterprises.queries.timeline import timeline
from shuzhuan.apps.inbox.models import Message
from shuzhuan.apps.vendors.models import Consent, ConsentState
from tests.apps.assessments.onsite import archive, officer, vendor
from tests.apps.assessments.sheets import assessed, fill
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(mill: Enterprise, filler: Actor) -> Assessment:
    return start(filler, mill, AssessmentKind.SELF)


def person(cast: Cast, role: Role, where: str) -> Actor:
    return actor_of(cast.person(role, where))


# -- beginning ----------------------------------------------------------------------------------


def test_a_colleague_takes_up_the_same_sheet(
    mill: Enterprise, sheet: Assessment, certifier: Actor
) -> None:
    assert start(certifier, mill, AssessmentKind.SELF).pk == sheet.pk
    assert Entry.objects.filter(action="start_assessment").count() == 1
    assert sheet.indicators.set_id == "2024-manufacturing"


@pytest.mark.parametrize(
    ("role", "where"),
    [
        (Role.ENTERPRISE_FINANCE, "pengyang_mill"),
        (Role.COUNTY_OFFICER, "pengyang"),
        (Role.VENDOR_STAFF, "vendor_guyuan"),
        (Role.ENTERPRISE_CERTIFIER, "xiji_starch"),
    ],
)
def test_nobody_else_begins_a_self_assessment(
    cast: Cast, mill: Enterprise, role: Role, where: str
) -> None:
    with pytest.raises(PermissionDenied):
        start(person(cast, role, where), mill, AssessmentKind.SELF)
    assert not Assessment.objects.exists()


def test_a_self_assessor_cannot_begin_a_visit(mill: Enterprise, certifier: Actor) -> None:
    for kind in (AssessmentKind.DIAGNOSIS, AssessmentKind.ACCEPTANCE):
        with pytest.raises(PermissionDenied):
            start(certifier, mill, kind)


def test_the_set_stays_with_the_sheet(
    cast: Cast, mill: Enterprise, sheet: Assessment, filler: Actor
) -> None:
    from shuzhuan.apps.assessments.models import PublishedSet

    newer = PublishedSet.objects.get(pk=sheet.indicators_id)
    newer.pk, newer.place, newer.version = None, mill.place, "9.0.0"
    newer.published_at, newer.published_by_id = timezone.now(), filler.user_id
    newer.created_by_id = newer.changed_by_id = officer(cast).user_id
    newer.save()
    assert start(filler, mill, AssessmentKind.SELF).indicators_id == sheet.indicators_id


# -- saving -------------------------------------------------------------------------------------


def test_the_same_save_twice_is_one_save(sheet: Assessment, filler: Actor) -> None:
    first = save_answer(filler, sheet.pk, "q2", "35.5", key="k1", seen=0)
    again = save_answer(filler, sheet.pk, "q2", "35.50%", key="k1", seen=0)
    assert (first.pk, first.saves, again.saves) == (again.pk, 1, 1)
    sheet.refresh_from_db()
    assert (sheet.saves, sheet.answered) == (1, 1)
    assert Entry.objects.filter(action="save_answer").count() == 1


def test_two_people_two_answers_nothing_lost(
    sheet: Assessment, filler: Actor, certifier: Actor
) -> None:
    save_answer(filler, sheet.pk, "q5", "B", key="k1", seen=0)
    with pytest.raises(Conflict, match="第5题") as refused:
        save_answer(certifier, sheet.pk, "q5", "C", key="k2", seen=0)
    assert json.loads(refused.value.stored.value) == ["B"]
    assert Answer.objects.get().value == '["B"]'
    # The same answer is no conflict; a choice made in knowledge of the other is none either.
    assert save_answer(certifier, sheet.pk, "q5", ["B"], key="k3", seen=0).saves == 1
    chosen = save_answer(certifier, sheet.pk, "q5", "C", key="k4", seen=1)
    assert (chosen.value, chosen.saves, chosen.saved_by_id) == ('["C"]', 2, certifier.user_id)


def test_a_save_that_comes_too_late_does_not_undo_a_later_one(
    sheet: Assessment, filler: Actor
) -> None:
    save_answer(filler, sheet.pk, "q5", "B", key="k1", seen=0)
    save_answer(filler, sheet.pk, "q5", "C", key="k2", seen=1)
    with pytest.raises(Conflict):
        save_answer(filler, sheet.pk, "q5", "B", key="k1", seen=0)
    assert Answer.objects.get().value == '["C"]'


def test_an_answer_can_be_taken_back(sheet: Assessment, filler: Actor) -> None:
    save_answer(filler, sheet.pk, "q1", ["B"], key="k1", seen=0, remark="车间里")
    emptied = save_answer(filler, sheet.pk, "q1", None, key="k2", seen=1)
    sheet.refresh_from_db()
    assert (emptied.value, emptied.remark, sheet.answered) == ("", "车间里", 0)


def test_nothing_typed_stores_nothing(sheet: Assessment, filler: Actor) -> None:
    assert save_answer(filler, sheet.pk, "q1", None, key="k1", seen=0, remark="").saves == 0
    assert not Answer.objects.exists() and not Entry.objects.filter(action="save_answer").exists()


@pytest.mark.parametrize(
    ("item", "value", "said"),
    [
        ("q1", ["A", "B"], "第1题 网络条件：选了 A"),
        ("q1", ["Z"], "没有选项 Z"),
        ("q2", "三成", "第2题"),
        ("q2", "101", "超过 100%"),
        ("q2", {"part": "3", "whole": "0"}, "分母为 0"),
        ("q5", ["B", "C"], "只能选一项"),
        ("s1", 5, "场景1 产品设计：场景级别"),
        ("q99", "B", "没有这一项"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    sheet: Assessment, filler: Actor, item: str, value: object, said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        save_answer(filler, sheet.pk, item, value, key="k1", seen=0)
    assert said in refused.value.messages[0]
    assert not Answer.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 41, "a b", "键"])
def test_a_save_needs_its_key(sheet: Assessment, filler: Actor, key: str) -> None:
    with pytest.raises(ValidationError, match="编号"):
        save_answer(filler, sheet.pk, "q5", "B", key=key)


def test_nobody_else_writes_on_the_sheet(cast: Cast, sheet: Assessment) -> None:
    archive(cast, "xiji_starch")
    refused = {
        (Role.ENTERPRISE_CERTIFIER, "xiji_starch"): Http404,
        (Role.COUNTY_OFFICER, "pengyang"): Http404,  # a draft is nobody's business
        (Role.VENDOR_STAFF, "vendor_guyuan"): Http404,
        (Role.ENTERPRISE_FINANCE, "pengyang_mill"): PermissionDenied,
    }
    for (role, where), error in refused.items():
        with pytest.raises(error):
            save_answer(person(cast, role, where), sheet.pk, "q5", "B", key="k1")
    assert not Answer.objects.exists()


# -- submitting ---------------------------------------------------------------------------------


def test_a_submitted_sheet_replays_to_the_same_bytes(mill: Enterprise, certifier: Actor) -> None:
    done = Assessment.objects.select_related("indicators").get(pk=assessed(certifier, mill).pk)
    assert (done.state, done.level, done.is_current) == (AssessmentState.SUBMITTED, 1, True)
    assert done.committed_name == certifier.name and done.has_unverified
    assert hashlib.sha256(done.answers_json.encode()).hexdigest() == done.answers_sha256
    assert reading.replays(done)
    assert reading.answers(done).canonical().decode() == done.answers_json
    # The stored answers alone are enough, whatever becomes of the rows.
    Answer.objects.filter(item="q1").update(value='["A"]')
    assert reading.replays(done)
    rows = reading.rows(done)
    assert rows["s1"].reached == 1 and rows["s16"].reached == 0
    assert sum(row.points_milli or 0 for row in rows.values()) == done.points_milli


def test_control_another_answer_does_not_replay(mill: Enterprise, certifier: Actor) -> None:
    done = Assessment.objects.select_related("indicators").get(pk=assessed(certifier, mill).pk)
    done.answers_json = done.answers_json.replace('"q1":["B","C"]', '"q1":["B"]')
    assert not reading.replays(done)


def test_an_open_sheet_is_not_submitted_and_says_what_is_open(
    sheet: Assessment, filler: Actor, certifier: Actor
) -> None:
    fill(filler, sheet, q3=None, s16=None)
    sheet.refresh_from_db()
    with pytest.raises(ValidationError, match="第3题 联网设备占比、场景16 决策支持"):
        submit(certifier, sheet.pk, committed_name=certifier.name, seen_saves=sheet.saves)
    sheet.refresh_from_db()
    assert sheet.state == AssessmentState.DRAFT


def test_only_the_certifier_commits_under_the_own_name(
    sheet: Assessment, filler: Actor, certifier: Actor
) -> None:
    fill(filler, sheet)
    sheet.refresh_from_db()
    with pytest.raises(PermissionDenied):
        submit(filler, sheet.pk, committed_name=filler.name, seen_saves=sheet.saves)
    for name, said in (("", "请输入"), ("别人", "不一致")):
        with pytest.raises(ValidationError, match=said):
            submit(certifier, sheet.pk, committed_name=name, seen_saves=sheet.saves)
    spaced = " ".join(certifier.name)
    submit(certifier, sheet.pk, committed_name=spaced, seen_saves=sheet.saves)
    assert (
        not Entry.objects.filter(action="submit_assessment")
        .exclude(user_id=certifier.user_id)
        .exists()
    )


def test_nobody_commits_to_what_changed_after_the_page_was_read(
    sheet: Assessment, filler: Actor, certifier: Actor
) -> None:
    fill(filler, sheet)
    sheet.refresh_from_db()
    seen = sheet.saves
    save_answer(filler, sheet.pk, "q1", ["B"], key="later", seen=1)
    with pytest.raises(ValidationError, match="又有改动"):
        submit(certifier, sheet.pk, committed_name=certifier.name, seen_saves=seen)


def test_submitting_twice_is_once_and_then_nothing_changes(
    mill: Enterprise, certifier: Actor
) -> None:
    done = assessed(certifier, mill)
    submit(certifier, done.pk, committed_name=certifier.name, seen_saves=done.saves)
    assert Entry.objects.filter(action="submit_assessment").count() == 1
    with pytest.raises(ValidationError, match="已经提交"):
        save_answer(certifier, done.pk, "q1", ["B"], key="late", seen=1)


def test_the_newest_is_current_and_the_earlier_is_kept(mill: Enterprise, certifier: Actor) -> None:
    first = assessed(certifier, mill)
    second = assessed(certifier, mill, q1=["A"])
    first.refresh_from_db()
    assert (first.is_current, second.is_current) == (False, True)
    assert first.state == AssessmentState.SUBMITTED and first.result


@pytest.fixture
def forbidding() -> Iterator[None]:
    def forbid(actor: Actor, assessment: Assessment) -> None:
        raise ValidationError("已经用于兑付，不能撤销。")

    hooks.when_withdrawn(forbid)
    yield
    hooks._withdrawn.remove(forbid)


def test_withdrawing_keeps_the_reason_and_restores_the_earlier(
    mill: Enterprise, filler: Actor, certifier: Actor
) -> None:
    first, second = assessed(certifier, mill), assessed(certifier, mill, q1=["A"])
    with pytest.raises(PermissionDenied):
        withdraw(filler, second.pk, "第一题填错了")
    with pytest.raises(ValidationError, match="原因"):
        withdraw(certifier, second.pk, " ")
    withdraw(certifier, second.pk, "第一题填错了")
    withdraw(certifier, second.pk, "再点一次")  # changes nothing
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.is_current and not second.is_current
    assert (second.state, second.withdrawn_reason) == (AssessmentState.WITHDRAWN, "第一题填错了")
    assert Entry.objects.filter(action="withdraw_assessment").count() == 1
    draft = start(certifier, mill, AssessmentKind.SELF)
    with pytest.raises(ValidationError, match="还没有提交"):
        withdraw(certifier, draft.pk, "不想要了吧")


def test_an_app_above_can_forbid_the_withdrawal(
    mill: Enterprise, certifier: Actor, forbidding: None
) -> None:
    done = assessed(certifier, mill)
    with pytest.raises(ValidationError, match="兑付"):
        withdraw(certifier, done.pk, "第一题填错了")
    done.refresh_from_db()
    assert done.is_current and not Entry.objects.filter(action="withdraw_assessment").exists()


def test_two_current_ones_cannot_be_stored(mill: Enterprise, certifier: Actor) -> None:
    first, _ = assessed(certifier, mill), assessed(certifier, mill, q1=["A"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=first.pk).update(is_current=True)


# -- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("projects", "seen"), [(False, False), (True, True)])
def test_a_vendor_reads_what_was_submitted_when_consent_names_projects(
    cast: Cast, mill: Enterprise, certifier: Actor, projects: bool, seen: bool
) -> None:
    done = assessed(certifier, mill)
    draft = start(certifier, mill, AssessmentKind.SELF)
    today = timezone.localdate()
    Consent.objects.create(
        place=mill.place, enterprise=mill.party, uscc=mill.uscc,
        vendor=cast.parties["vendor_guyuan"], state=ConsentState.GRANTED, purpose="诊断",
        sees_projects=projects, valid_from=today, valid_to=today,
        granted_by_id=certifier.user_id, answered_at=timezone.now(),
    )  # fmt: skip
    shown = set(visible(vendor(cast), Assessment).values_list("pk", flat=True))
    assert shown == ({done.pk} if seen else set())
    assert draft.pk not in shown
    assert visible(vendor(cast), Answer).exists() is seen


def test_the_enterprise_and_its_office_hear_of_it_once(
    cast: Cast, mill: Enterprise, certifier: Actor
) -> None:
    done = assessed(certifier, mill)
    rows = Message.objects.filter(about_kind="assessments.assessment", about_id=done.pk)
    told = {row.user_id for row in rows}
    assert certifier.user_id in told
    assert cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill").user_id in told
    assert cast.person(Role.COUNTY_OFFICER, "pengyang").user_id in told
    assert cast.person(Role.COUNTY_OFFICER, "xiji").user_id not in told
    assert len(told) == rows.count()
    assert all("自评" in row.title and row.place_id == mill.place_id for row in rows)


def test_the_timeline_and_the_bundle_keep_every_self_assessment(
    mill: Enterprise, certifier: Actor
) -> None:
    first, second = assessed(certifier, mill), assessed(certifier, mill)
    withdraw(certifier, second.pk, "填错了一项")
    events = timeline(certifier, load(mill, timezone.localdate()))
    texts = [event.text for event in events if event.title == "提交自评"]
    assert len(texts) == 2 and sum("已撤销" in text for text in texts) == 1
    listed = next(bundle.sheets(certifier, mill.party))
    assert [(row[0], row[1]) for row in listed.rows] == [(first.pk, "自评"), (second.pk, "自评")]
