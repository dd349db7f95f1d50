"""The pages of a self-assessment, without scripts; their statements are counted."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions.save_answer import save_answer
from shuzhuan.apps.assessments.actions.start import start
from shuzhuan.apps.assessments.forms.answer import read_value
from shuzhuan.apps.assessments.models import Answer, Assessment, AssessmentKind, AssessmentState
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.evidence.models import Document, Link
from shuzhuan.engine.grading import shipped_sets
from tests.apps.assessments.sheets import QUESTIONS, assessed, fill, scenarios
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
SET = shipped_sets()["2024-manufacturing"]


@pytest.fixture
def client(cast: Cast, mill: Enterprise) -> Client:
    return client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))


@pytest.fixture
def sheet(mill: Enterprise, filler: Actor) -> Assessment:
    return start(filler, mill, AssessmentKind.SELF)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def post(client: Client, sheet: Assessment, item: str, **more: object) -> Any:
    typed = {"key": f"form-{item}", "seen": "0", **more}
    return client.post(f"/my/level/{sheet.pk}/{item}/", typed)


# -- forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "query", "value"),
    [
        ("q1", "option=B&option=C", ["B", "C"]),
        ("q1", "", []),
        ("q5", "option=B", "B"),
        ("q2", "percent=３５．５％", "35.5%"),
        ("q2", "percent=+35.5+&part=&whole=", "35.5"),
        ("q11", "part=1,200.50&whole=40，000", {"part": "1200.50", "whole": "40000"}),
        ("q2", "option=C", "C"),
        ("q2", "", None),
        ("s3", "option=0", "0"),
    ],
)
def test_what_is_posted_becomes_the_value_of_the_engine(
    item: str, query: str, value: object
) -> None:
    posted = QueryDict(query.replace("%", "%25")) if "％" not in query else QueryDict(query)
    assert read_value(SET, item, posted) == value


@pytest.mark.parametrize("query", ["percent=3&part=1&whole=2", "percent=3&option=A"])
def test_a_share_is_given_in_one_way(query: str) -> None:
    with pytest.raises(ValidationError, match="一种"):
        read_value(SET, "q2", QueryDict(query))


# -- filling ------------------------------------------------------------------------------------


def test_a_whole_self_assessment_by_plain_forms(client: Client, certifier: Actor) -> None:
    page = text_of(client.get("/my/level/"))
    assert "开始自评" in page and "还没有评过" in page
    address = client.post("/my/level/start/")["Location"]
    for item, value in {**QUESTIONS, **scenarios()}.items():
        assert f"/{item}/" in address
        form = text_of(client.get(address))
        key = re.search(r'name="key" value="([^"]+)"', form)
        assert key is not None
        typed: dict[str, object] = {"key": key[1], "seen": "0", "remark": "", "do": "next"}
        if isinstance(value, dict):
            typed |= value
        elif item in ("q2", "q11"):
            typed["percent"] = value
        else:
            typed["option"] = value
        address = client.post(address, typed)["Location"]
    sheet = Assessment.objects.get()
    assert address == f"/my/level/{sheet.pk}/" and (sheet.answered, sheet.saves) == (31, 31)
    assert "核对并提交" in text_of(client.get(address))
    commit = f"{address}commit/"
    assert "真实性承诺" in text_of(client.get(commit))
    wrong = client.post(commit, {"name": "别人", "seen": "31"})
    assert wrong.status_code == 422 and "不一致" in text_of(wrong)
    done = client.post(commit, {"name": certifier.name, "seen": "31"})
    result = text_of(client.get(done["Location"]))
    for told in (
        "一级（初始级）", "总分至少 40 分", "待核对官方原文", "到下一级最短的路", "不打算改",
        "还差什么", "和同行比", "不作比较", "应用场景等级",
    ):  # fmt: skip
        assert told in result or (told == "不作比较" and "细分行业" in result), told
    assert client.get(address)["Location"] == done["Location"]  # what is submitted is read
    assert "一级（初始级）" in text_of(client.get("/my/level/"))


def test_buttons_lead_where_they_say(client: Client, sheet: Assessment) -> None:
    base = f"/my/level/{sheet.pk}/"
    for item, button, target in (
        ("q5", "previous", f"{base}q4/"),
        ("q15", "next", f"{base}s1/"),
        ("s16", "next", base),
        ("q3", "overview", base),
        ("q3", "stay", f"{base}q3/"),
    ):
        assert post(client, sheet, item, do=button)["Location"] == target


def test_a_mistake_is_shown_beside_what_was_typed(client: Client, sheet: Assessment) -> None:
    answer = post(client, sheet, "q2", percent="一半", remark="数过两遍")
    page = text_of(answer)
    assert answer.status_code == 422 and "第2题 数字化设备占比：比率" in page
    assert 'value="一半"' in page and "数过两遍" in page
    both = post(client, sheet, "q1", option=["A", "B"])
    assert both.status_code == 422 and "就不能再选别的" in text_of(both)
    assert not Answer.objects.exists()


def test_resuming_leads_to_the_first_open_item(
    client: Client, sheet: Assessment, filler: Actor
) -> None:
    for item, value in (("q1", ["B"]), ("q2", "10")):
        save_answer(filler, sheet.pk, item, value, key=item, seen=0)
    assert client.post("/my/level/start/")["Location"] == f"/my/level/{sheet.pk}/q3/"


def test_a_conflict_shows_both_and_overwrites_nothing(
    client: Client, sheet: Assessment, filler: Actor
) -> None:
    save_answer(filler, sheet.pk, "q5", "B", key="theirs", seen=0)
    clash = post(client, sheet, "q5", option="C")
    page = text_of(clash)
    assert clash.status_code == 409
    assert (
        SET.question["q5"].option_text("B") in page and SET.question["q5"].option_text("C") in page
    )
    assert Answer.objects.get().value == '["B"]'
    assert post(client, sheet, "q5", option="C", seen="1", key="chosen").status_code == 302
    assert Answer.objects.get().value == '["C"]'


def test_a_save_is_acknowledged_in_one_round_trip(client: Client, sheet: Assessment) -> None:
    keep = f"/my/level/{sheet.pk}/keep/"
    typed = {"item": "q5", "option": "B", "key": "k1", "seen": "0"}
    for _ in range(2):
        said = client.post(keep, typed).json()
        assert (said["saves"], said["answered"], said["groups"]["foundation"]) == (1, 1, 1)
    clash = client.post(keep, {**typed, "option": "C", "key": "k2"})
    assert clash.status_code == 409 and clash.json()["conflict"]["saves"] == 1
    wrong = client.post(keep, {**typed, "item": "q2", "percent": "101", "option": ""})
    assert wrong.status_code == 422 and "超过 100%" in wrong.json()["error"]
    Assessment.objects.update(kind=AssessmentKind.DIAGNOSIS)
    assert "closed" in client.post(keep, typed).json()


def test_the_finance_staff_reads_and_does_not_write(
    cast: Cast, sheet: Assessment, client: Client
) -> None:
    finance = client_of(cast.person(Role.ENTERPRISE_FINANCE, "pengyang_mill"))
    assert "您可以查看" in text_of(finance.get(f"/my/level/{sheet.pk}/q1/"))
    assert post(finance, sheet, "q1", option="B").status_code == 403
    assert finance.post("/my/level/start/").status_code == 403


def test_the_filler_prepares_and_the_certifier_commits(
    cast: Cast, sheet: Assessment, filler: Actor
) -> None:
    fill(filler, sheet)
    own = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    commit = f"/my/level/{sheet.pk}/commit/"
    assert "请企业审定人" in text_of(own.get(commit))
    assert own.post(commit, {"name": filler.name, "seen": "31"}).status_code == 403


# -- evidence -----------------------------------------------------------------------------------


def photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "#14506b").save(out, "JPEG")
    out.seek(0)
    out.name = "现场.jpg"
    return out


def test_evidence_by_camera_then_from_the_library(client: Client, sheet: Assessment) -> None:
    base = f"/my/level/{sheet.pk}/"
    back = client.post(f"{base}q1/evidence/", {"upload": "1", "file": photo()})
    assert back["Location"] == f"{base}q1/"
    document = Document.objects.get()
    assert (document.slot, document.title) == ("photo", "第1题 网络条件佐证")
    assert "第1题 网络条件佐证" in text_of(client.get(f"{base}q1/"))
    sheet.refresh_from_db()
    assert (sheet.answered, Answer.objects.get().saves) == (0, 0)  # a photo is no answer
    client.post(f"{base}s1/evidence/", {"document": document.pk})
    links = Link.objects.filter(ended_at__isnull=True)
    assert links.count() == 2 and Document.objects.count() == 1
    assert post(client, sheet, "q1", option="B").status_code == 302  # and the answer comes after
    client.post(f"{base}s1/evidence/", {"remove": links.last().pk})  # type: ignore[union-attr]
    assert links.count() == 1


def test_evidence_that_is_none_is_refused(cast: Cast, client: Client, sheet: Assessment) -> None:
    page = f"/my/level/{sheet.pk}/q1/evidence/"
    assert client.post(page, {}).status_code == 422
    fake = io.BytesIO(b"MZ not a picture")
    fake.name = "现场.jpg"
    refused = client.post(page, {"file": fake})
    assert refused.status_code == 422 and "没有接受" in text_of(refused)
    foreign = Document.objects.create(
        place=cast.places["xiji"], owner=cast.parties["xiji_starch"], slot="photo", title="x",
        created_by_id=sheet.started_by_id, updated_at=sheet.started_at,
    )  # fmt: skip
    assert client.post(page, {"document": foreign.pk}).status_code == 404
    assert not Link.objects.exists()


# -- result -------------------------------------------------------------------------------------


def test_the_way_is_computed_again_without_what_will_not_change(
    client: Client, mill: Enterprise, certifier: Actor
) -> None:
    done = assessed(certifier, mill)
    page = f"/levels/{done.pk}/"
    first = client.get(page).context["onward"].way
    kept = first.changes[0].item
    second = client.get(page, {"keep": kept}).context["onward"]
    assert kept not in [change.item for change in second.way.changes]
    assert (kept, first.changes[0].title) in second.kept
    third = client.get(page, {"target": "3"}).context["onward"]
    assert third.target == 3 and len(third.way.changes) > len(first.changes)
    every = [f"s{n}" for n in range(1, 17)]
    none = client.get(page, {"keep": every})
    assert "这样到不了" in text_of(none) and none.context["onward"].none.reasons
    assert client.get(page, {"target": "9", "keep": "nonsense"}).status_code == 200


def test_at_the_top_there_is_no_way_on(client: Client, mill: Enterprise, certifier: Actor) -> None:
    best: dict[str, object] = {}
    for question in SET.questions:
        worth = question.worth
        full = [key for key, milli in worth.items() if milli == max(worth.values())][:1]
        gains = [key for key, milli in worth.items() if milli]
        best[question.id] = gains if question.kind == "multi" else full
    done = assessed(certifier, mill, **best, **scenarios(4, 16))
    assert done.level == 4
    assert "没有更高的等级" in text_of(client.get(f"/levels/{done.pk}/"))


def test_a_result_is_read_by_whom_it_concerns(
    cast: Cast, mill: Enterprise, certifier: Actor
) -> None:
    done = assessed(certifier, mill)
    for role, where, status in (
        (Role.COUNTY_OFFICER, "pengyang", 200),
        (Role.CITY_OFFICER, "guyuan", 200),
        (Role.LEADER, "pengyang", 200),
        (Role.COUNTY_OFFICER, "xiji", 404),
        (Role.ENTERPRISE_CERTIFIER, "xiji_starch", 404),
        (Role.VENDOR_STAFF, "vendor_guyuan", 404),
        (Role.AUDIT_ADMIN, "ningxia", 403),
    ):
        got = client_of(cast.person(role, where)).get(f"/levels/{done.pk}/")
        assert got.status_code == status, (role, where)


def test_whoever_has_a_level_sees_it_before_the_next_sheet(
    client: Client, mill: Enterprise, certifier: Actor
) -> None:
    """Until there is one, and while a sheet is open, what is to be filled in comes first."""

    def ahead(first: str, then: str) -> bool:
        page = text_of(client.get("/my/level/"))
        assert page.count(first) == page.count(then) == 1
        return page.index(first) < page.index(then)

    levels = 'id="h-kinds"'
    assert ahead("做一次自评</h2>", levels)
    assessed(certifier, mill)
    assert ahead(levels, "再评一次</h2>")
    start(certifier, mill, AssessmentKind.SELF)
    assert ahead("接着填</h2>", levels)


def test_withdrawing_from_the_page(client: Client, mill: Enterprise, certifier: Actor) -> None:
    done = assessed(certifier, mill)
    page = f"/my/level/{done.pk}/withdraw/"
    assert client.post(page, {"reason": ""}).status_code == 422
    assert client.post(page, {"reason": "第一题填错了"})["Location"] == "/my/level/"
    done.refresh_from_db()
    assert done.state == AssessmentState.WITHDRAWN
    shown = text_of(client.get("/my/level/"))
    assert "第一题填错了" in shown and "已撤销" in shown
    assert "已于" in text_of(client.get(f"/levels/{done.pk}/"))


def test_the_archive_shows_the_history_and_the_home_page_asks_for_it(
    cast: Cast, client: Client, mill: Enterprise, certifier: Actor
) -> None:
    assert "做一次数字化水平自评" in text_of(client.get("/my/"))
    start(certifier, mill, AssessmentKind.SELF)
    assert "没有填完" in text_of(client.get("/my/"))
    done = assessed(certifier, mill)
    assert (
        "自评"
        not in text_of(client.get("/my/")).partition("接下来做什么")[2].partition("</section>")[0]
    )
    officer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    for reader in (client, officer):
        page = text_of(reader.get(f"/enterprises/{mill.pk}/"))
        assert f"/levels/{done.pk}/" in page and "应用场景等级" in page
    mill.refresh_from_db()
    assert mill.digital_level is None  # nobody came to look: it is no level of record


# -- statements ---------------------------------------------------------------------------------

# Session, user, membership, region, then: the sheet (its right to be seen and itself), its rows,
# their evidence, and what the header asks. A result reads the peers and the regions on top.
ITEM_MAX, SHEET_MAX, RESULT_MAX, KEEP_MAX = 16, 16, 20, 32


def statements(client: Client, path: str, data: dict[str, str] | None = None) -> int:
    client.get(path) if data is None else None  # warm: sets are parsed once per process
    with CaptureQueriesContext(connection) as seen:
        got = client.get(path) if data is None else client.post(path, data)
        assert got.status_code == 200, got.status_code
    return len(seen)


def test_pages_take_the_same_statements_however_full_the_sheet(
    client: Client, mill: Enterprise, sheet: Assessment, filler: Actor, certifier: Actor
) -> None:
    base = f"/my/level/{sheet.pk}/"
    save_answer(filler, sheet.pk, "q5", "C", key="first", seen=0)
    paths = {base: SHEET_MAX, f"{base}q5/": ITEM_MAX, f"{base}every/": SHEET_MAX}
    few = {path: statements(client, path) for path in paths}
    fill(filler, sheet, q5="C")
    client.post(f"{base}q5/evidence/", {"upload": "1", "file": photo()})
    for path, most in paths.items():
        assert statements(client, path) == few[path] <= most, path
    keep = {"item": "q5", "option": "B", "key": "one", "seen": "1"}
    assert statements(client, f"{base}keep/", keep) <= KEEP_MAX
    assert statements(client, "/my/level/") <= SHEET_MAX
    done = assessed(certifier, mill)
    assert statements(client, f"/levels/{done.pk}/") <= RESULT_MAX


def test_a_long_history_costs_no_more(client: Client, mill: Enterprise, certifier: Actor) -> None:
    assessed(certifier, mill)
    few = statements(client, "/my/level/")
    for _ in range(3):
        assessed(certifier, mill)
    assert statements(client, "/my/level/") == few
