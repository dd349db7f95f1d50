"""The enterprise's pages: start, fill in section by section, attach, sign, and the receipt."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.models import Plan
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.pilots.actions.pilot import close_batch, create_batch
from shuzhuan.apps.projects.actions.start_project import start_project
from shuzhuan.apps.projects.models import Paper, Project, Step
from shuzhuan.apps.vendors.models import Consent, ConsentState
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from shuzhuan.site.rehearsal.papers import paper
from tests.apps.projects.conftest import CASE, firm
from tests.cast import Cast, canary, client_of

pytestmark = pytest.mark.django_db
MILL = "pengyang_mill"


def as_(cast: Cast, role: Role = Role.ENTERPRISE_CERTIFIER, key: str = MILL) -> Client:
    return client_of(cast.person(role, key))


def text_of(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def hidden(text: str, action: str, name: str = "key") -> str:
    """A hidden field of the form that posts an action."""
    form = text.split(f"/do/{action}/", 1)[1].split("</form>", 1)[0]
    found = re.search(rf'name="{name}" value="([^"]*)"', form)
    assert found is not None
    return found[1]


def do(client: Client, project: Project, action: str, **fields: Any) -> Any:
    address = reverse("projects:firm_act", args=[project.pk, action])
    return client.post(address, {"key": str(uuid4()), **fields})


def draft(drive: Drive, mill: Firm) -> Project:
    return start_project(mill.certifier, drive.batch, mill.enterprise)


def test_a_plan_that_ends_after_the_pilot_does_not_stand_in_the_way(
    cast: Cast, drive: Drive, mill: Firm
) -> None:
    """Its last day is asked for anew; until then every other part can be saved."""
    last = drive.batch.parameters.cycle_ends(drive.batch.pilot.starts_on)
    late = last + timedelta(days=14)
    Plan.objects.filter(enterprise=mill.enterprise).update(ends_on=late)
    project = draft(drive, mill)
    assert project.ends_on is None
    Project.objects.filter(pk=project.pk).update(ends_on=late)
    client = as_(cast, Role.ENTERPRISE_FILLER)
    saved = do(
        client, project, "edit_filing", title="磨粉线改造", content="设备联网", goal="到二级"
    )
    assert saved.status_code == 302
    days = {"starts_on": "2026-12-01", "ends_on": str(late), "planned_fen": "1", "level_target": ""}
    assert f"试点周期到{last}为止" in text_of(do(client, project, "edit_filing", **days))


# -- public ---------------------------------------------------------------------------------------


def test_the_guide_of_a_batch_is_for_everybody(drive: Drive, client: Client) -> None:
    listing = text_of(client.get("/batches/"))
    assert drive.batch.title in listing and "正在受理，还剩 30 天" in listing
    text = text_of(client.get(f"/batches/{drive.batch.pk}/"))
    for words in ("演示数据", "登记注册满12个月", "未被列入经营异常名录", "不予支持的情形",
                  "改造前一级，改造后二级，实际投入70万元", "最高35万元", "营业执照等主体证明",
                  "公示不少于5个工作日", "10个工作日内（本批次设定）", "县工信商务局 0954",
                  "第七条（一）", reverse("projects:mine")):  # fmt: skip
        assert words in text, words


def test_what_is_not_open_is_not_public_and_closed_takes_nothing(
    drive: Drive, client: Client, clock: Clock
) -> None:
    today = timezone.localdate()
    hidden_ = create_batch(
        drive.players.county, drive.pilot, title="还没有开放的一批", clause="7-1", opens_on=today,
        closes_on=today + timedelta(days=9), contact="县工信商务局",
    )  # fmt: skip
    assert client.get(f"/batches/{hidden_.pk}/").status_code == 404
    assert "还没有开放的一批" not in text_of(client.get("/batches/"))
    close_batch(drive.players.county, drive.batch.pk)
    text = text_of(client.get(f"/batches/{drive.batch.pk}/"))
    assert "已停止申报" in text and "我要申报" not in text


def test_filing_from_the_guide_leads_through_sign_in(drive: Drive, client: Client) -> None:
    answer = client.get(reverse("projects:mine"))
    assert answer.status_code == 302 and "next=/my/projects/" in answer["Location"]


# -- own projects ---------------------------------------------------------------------------------


def test_conditions_are_looked_at_before_anything_is_filled_in(
    drive: Drive, mill: Firm, cast: Cast
) -> None:
    drive.diagnose(mill, 1)
    text = text_of(as_(cast).get("/my/projects/"))
    assert "按企业档案，申报条件都符合" in text
    assert "现场诊断一级" in text and "<strong>二级</strong>" in text
    assert not Project.objects.exists()  # looking stores nothing
    firm(cast, "park_foundry")  # an archive with nothing in it, in the county's park
    text = text_of(as_(cast, key="park_foundry").get("/my/projects/"))
    assert "还有 15 项要先在企业档案里填写" in text
    assert reverse("enterprises:section", args=["declaration"]) in text
    assert "由主管部门核实" in text


def test_an_enterprise_that_fails_a_condition_is_not_let_in(
    drive: Drive, mill: Firm, cast: Cast
) -> None:
    from shuzhuan.site.rehearsal.drive import section

    section(mill, "declaration", on_abnormal_list="yes", explanation="年报没有按时报")
    text = text_of(as_(cast).get("/my/projects/"))
    assert "有 1 项不符合，现在不能申报" in text and "开始申报" not in text


def test_starting_twice_gives_the_same_draft(drive: Drive, mill: Firm, cast: Cast) -> None:
    client = as_(cast, Role.ENTERPRISE_FILLER)
    address = reverse("projects:start", args=[drive.batch.pk])
    first, second = client.post(address), client.post(address)
    project = Project.objects.get()
    assert first["Location"] == second["Location"] == f"/my/projects/{project.pk}/filing/"


def test_another_place_and_a_late_day_are_refused(
    drive: Drive, mill: Firm, cast: Cast, clock: Clock
) -> None:
    firm(cast, "xiji_starch")
    address = reverse("projects:start", args=[drive.batch.pk])
    answer = as_(cast, key="xiji_starch").post(address)
    assert answer.status_code == 422 and "这一批只受理" in text_of(answer)
    clock.days(31)
    answer = as_(cast).post(address)
    assert answer.status_code == 422 and "现在不受理" in text_of(answer)


# -- filing -----------------------------------------------------------------------------------------


def test_each_section_is_saved_alone_and_typed_words_survive(
    drive: Drive, mill: Firm, cast: Cast
) -> None:
    project, client = draft(drive, mill), as_(cast, Role.ENTERPRISE_FILLER)
    page = text_of(client.get(f"/my/projects/{project.pk}/filing/"))
    version = hidden(page, "edit_filing", "version")
    answer = do(client, project, "edit_filing", version=version, title="数字化改造",
                content="上生产执行系统", goal="关键工序联网")  # fmt: skip
    assert answer.status_code == 302 and answer["Location"].endswith("#s-content")
    project.refresh_from_db()
    assert (project.title, project.planned_fen) == ("数字化改造", 0)
    answer = do(client, project, "edit_filing", planned_fen="80万", starts_on="2026-04-01",
                ends_on="2026-09-01", level_target="2")  # fmt: skip
    text = text_of(answer)
    assert answer.status_code == 422 and 'value="80万"' in text
    assert 'href="#edit_filing-schedule-planned_fen"' in text
    assert 'id="edit_filing-schedule-planned_fen_error"' in text
    assert 'value="2026-04-01"' in text
    project.refresh_from_db()
    assert project.starts_on is None
    # An old page does not write over what a colleague saved.
    answer = do(
        client, project, "edit_filing", version=version, title="旧页面", content="", goal=""
    )
    assert answer.status_code == 422 and "刚刚有了变动" in text_of(answer)
    assert 'value="旧页面"' in text_of(answer)


def test_a_paper_is_uploaded_at_once_or_chosen(drive: Drive, mill: Firm, cast: Cast) -> None:
    project, client = draft(drive, mill), as_(cast, Role.ENTERPRISE_FILLER)
    file = SimpleUploadedFile("执照.pdf", paper("执照"), "application/pdf")
    answer = do(client, project, "attach_paper", paper="licence", document="", document_file=file)
    assert answer.status_code == 302 and answer["Location"].endswith("#p-licence")
    held = Paper.objects.get()
    assert (held.document.slot, held.document.owner_id) == ("licence", mill.enterprise.party_id)
    # The same file again is the same document; a wrong one is refused beside its field.
    again = SimpleUploadedFile("执照.pdf", paper("执照"), "application/pdf")
    do(client, project, "attach_paper", paper="licence", document="", document_file=again)
    assert Document.objects.count() == 1
    wrong = SimpleUploadedFile("执照.pdf", b"MZ not a pdf", "application/pdf")
    answer = do(client, project, "attach_paper", paper="licence", document="", document_file=wrong)
    assert answer.status_code == 422
    assert "attach_paper-licence-document_file_error" in text_of(answer)
    answer = do(client, project, "attach_paper", paper="licence", document="")
    assert answer.status_code == 422 and "attach_paper-licence-document_error" in text_of(answer)
    other = drive.document(firm(cast, "park_foundry"), "licence", "别人的执照")
    answer = do(client, project, "attach_paper", paper="licence", document=other.pk)
    assert answer.status_code == 422 and Paper.objects.filter(is_current=True).get() == held


def test_only_the_certifier_sends_it_and_confirms(drive: Drive, mill: Firm, cast: Cast) -> None:
    project = drive.fill(mill, CASE)
    filler, finance = as_(cast, Role.ENTERPRISE_FILLER), as_(cast, Role.ENTERPRISE_FINANCE)
    address = f"/my/projects/{project.pk}/filing/"
    for client in (filler, finance):
        text = text_of(client.get(address))
        assert cast.person(Role.ENTERPRISE_CERTIFIER, MILL).user.full_name in text
        assert "/do/file/" not in text
        assert "要由企业审定人确认" in text_of(do(client, project, "file", truthful="on"))
    certifier = as_(cast)
    answer = do(certifier, project, "file")
    assert answer.status_code == 422 and "请核对后勾选确认" in text_of(answer)
    assert "350,000.00 元" in text_of(certifier.get(address))  # 70万元×50%
    key = hidden(text_of(certifier.get(address)), "file")
    sent = certifier.post(
        reverse("projects:firm_act", args=[project.pk, "file"]), {"key": key, "truthful": "on"}
    )
    assert sent["Location"] == f"/my/projects/{project.pk}/receipt/"
    again = certifier.post(
        reverse("projects:firm_act", args=[project.pk, "file"]), {"key": key, "truthful": "on"}
    )
    assert again["Location"] == sent["Location"]
    assert Step.objects.filter(project=project, action="file").count() == 1
    text = text_of(certifier.get(sent["Location"]))
    entry = Entry.objects.get(kind="projects.project", action="file", outcome="done")
    for words in ("彭阳县-2026-1-001", f"第 {entry.number} 条", entry.leaf, "数据"):
        assert words in text, words
    file = certifier.post(f"/my/projects/{project.pk}/receipt/file/").json()
    assert (file["leaf"], file["row"]["number"]) == (entry.leaf, entry.number)


def test_what_is_missing_is_named(drive: Drive, mill: Firm, cast: Cast) -> None:
    project = draft(drive, mill)
    client = as_(cast)
    assert "还差" in text_of(client.get(f"/my/projects/{project.pk}/filing/"))
    answer = do(client, project, "file", truthful="on")
    assert answer.status_code == 422 and "还差：项目名称" in text_of(answer)
    assert client.get(f"/my/projects/{project.pk}/receipt/").status_code == 404


def test_only_returned_sections_can_be_changed(drive: Drive, mill: Firm, cast: Cast) -> None:
    project = drive.file(mill, CASE)
    county = drive.players.county
    drive.do(county, project, "return_filing", reason="请补正", return_schedule="金额与方案不一致",
             **{"return_paper:licence": "照片不清楚"})  # fmt: skip
    client = as_(cast, Role.ENTERPRISE_FILLER)
    text = text_of(client.get(f"/my/projects/{project.pk}/filing/"))
    assert "金额与方案不一致" in text and "照片不清楚" in text
    assert 'name="planned_fen"' in text
    assert 'name="title"' not in text and 'name="vendor_name"' not in text
    assert 'name="paper" value="licence"' in text and 'name="paper" value="plan"' not in text
    answer = do(client, project, "edit_filing", title="改别的", content="", goal="")
    assert answer.status_code == 422 and "这一部分没有退回" in text_of(answer)
    do(client, project, "edit_filing", planned_fen="690000", starts_on="2026-04-01",
       ends_on="2026-09-01", level_target="2")  # fmt: skip
    project.refresh_from_db()
    assert (project.planned_fen, project.title) == (69_000_000, CASE.title)
    answer = do(as_(cast), project, "refile", truthful="on")
    assert answer.status_code == 302
    project.refresh_from_db()
    assert project.at == State.FORM_CHECK
    assert "补正提交回执" in text_of(client.get(f"/my/projects/{project.pk}/receipt/"))


def test_withdrawing_asks_why_and_a_draft_is_dropped(drive: Drive, mill: Firm, cast: Cast) -> None:
    client = as_(cast)
    project = draft(drive, mill)
    assert do(client, project, "discard").status_code == 302
    project = drive.file(mill, CASE)
    answer = do(client, project, "withdraw", reason="")
    assert answer.status_code == 422 and "withdraw-reason_error" in text_of(answer)
    assert do(client, project, "withdraw", reason="今年不做了").status_code == 302
    project.refresh_from_db()
    assert project.at == State.WITHDRAWN


# -- who sees it --------------------------------------------------------------------------------------


def test_others_find_nothing_and_bodies_only_read(drive: Drive, mill: Firm, cast: Cast) -> None:
    project = drive.file(mill, CASE)
    firm(cast, "park_foundry")
    parts = ("filing", "receipt", "contract", "lines", "lines/one", "lines/export", "acceptance")
    stranger = as_(cast, key="park_foundry")
    vendor = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    for part in parts:
        assert stranger.get(f"/my/projects/{project.pk}/{part}/").status_code == 404, part
        assert vendor.get(f"/my/projects/{project.pk}/{part}/").status_code == 403, part
    assert do(stranger, project, "withdraw", reason="x").status_code == 404
    assert vendor.get(f"/projects/{project.pk}/").status_code == 404
    today = timezone.localdate()
    Consent.objects.create(
        place=mill.enterprise.place, enterprise=mill.enterprise.party, uscc=mill.enterprise.uscc,
        vendor=drive.players.vendor_party, state=ConsentState.GRANTED,
        granted_by_id=mill.certifier.user_id, sees_projects=True,
        purpose="改造", valid_from=today, valid_to=today + timedelta(days=30),
    )  # fmt: skip
    assert vendor.get(f"/projects/{project.pk}/").status_code == 200
    assert do(vendor, project, "withdraw", reason="x").status_code == 403
    assert canary(mill.enterprise.party) not in text_of(stranger.get("/my/projects/"))


def test_the_workbench_says_what_to_do_and_by_when(
    drive: Drive, mill: Firm, cast: Cast, clock: Clock
) -> None:
    client = as_(cast)
    assert "第一批试点企业申报正在受理" in text_of(client.get("/my/"))
    project = draft(drive, mill)
    text = text_of(client.get("/my/"))
    assert "填报中" in text and f"/my/projects/{project.pk}/filing/" in text
    assert f"期限 {drive.batch.closes_on}" in text and "正在受理" not in text


def test_pages_ask_a_fixed_number_of_questions(
    drive: Drive, mill: Firm, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    project = drive.fill(mill, CASE)
    client = as_(cast)
    for path, most in (
        ("/batches/", 12), (f"/batches/{drive.batch.pk}/", 12), ("/my/projects/", 45),
        (f"/my/projects/{project.pk}/filing/", 75),
    ):  # fmt: skip
        client.get(path)
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200
