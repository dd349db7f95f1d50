"""What every page of an office has: the rooms of the role in one bar, and files fit to be filed."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
import xlsxwriter

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.signin.agents import browser_words
from shuzhuan.engine import charts
from shuzhuan.engine.paper import INVENTED, on_paper
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.process import ProcessError, parameters_of
from shuzhuan.site.access import TABLE
from shuzhuan.site.context import workbar
from shuzhuan.site.navigation import WORKBAR
from tests.cast import Cast, client_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "path", "here"),
    [
        (Role.COUNTY_OFFICER, "/work/", "工作台"),
        (Role.COUNTY_OFFICER, "/work/projects/", "项目"),
        (Role.COUNTY_OFFICER, "/work/publicity/", "公示和异议"),
        (Role.COUNTY_OFFICER, "/work/indicator-sets/", "数字化水平"),
        (Role.COUNTY_OFFICER, "/work/ledger-book/", "试点进展"),
        (Role.COUNTY_OFFICER, "/policies/", None),
        (Role.FINANCE_OFFICER, "/work/ledger-book/", "资金使用台账"),
        (Role.LEADER, "/leader/pace/", "试点进展"),
    ],
)
def test_the_bar_of_rooms_stands_on_every_page(
    cast: Cast, role: Role, path: str, here: str | None
) -> None:
    answer = client_of(cast.person(role, "pengyang")).get(path)
    assert answer.status_code == 200
    page = answer.content.decode()
    rooms = page[page.index('class="workbar') :].split("</nav>")[0]
    marked = [part.split(">")[1].split("<")[0] for part in rooms.split(' aria-current="page"')[1:]]
    assert marked == ([here] if here else [])
    assert 'class="wide"' in page


@pytest.mark.django_db
def test_a_record_lies_in_the_room_that_opened_it(cast: Cast) -> None:
    officer = actor_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    expected = {
        "/projects/7/": "项目", "/enterprises/7/survey/": "企业名单", "/levels/7/": "数字化水平",
        "/work/batches/7/": "试点和批次", "/funds/7/ledger/": "专项资金", "/inbox/": None,
    }  # fmt: skip
    for path, label in expected.items():
        found = [room.label for room, here in workbar(officer, path) if here]
        assert found == ([label] if label else []), path


def test_every_room_of_a_bar_admits_its_role() -> None:
    for role, routes in WORKBAR.items():
        for route in routes:
            assert role in TABLE[route].roles, (role, route)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (WINDOWS + "Chrome/126.0.0.0 Safari/537.36", "Chrome，Windows"),
        (WINDOWS + "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge，Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1", "Safari，iPhone"),
        ("Mozilla/5.0 (Linux; Android 14; ALN-AL00) Chrome/114 MicroMessenger/8", "微信，安卓手机"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Firefox/127.0",
         "Firefox，苹果电脑"),
        ("curl/8.5.0", "其他程序"),
        ("", "未知"),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_two_words(agent: str, words: str) -> None:
    assert browser_words(agent) == words


@pytest.mark.parametrize("invented", [False, True])
def test_a_printed_sheet_says_what_and_when_and_whether_invented(invented: bool) -> None:
    file = BytesIO()
    made = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    with xlsxwriter.Workbook(file) as book:
        for name, signs in (("台账", 120), ("清单", 400)):
            on_paper(book.add_worksheet(name), 2, made, signs=signs, invented=invented)
    with ZipFile(file) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        names = parts.read("xl/workbook.xml").decode()
        wide = parts.read("xl/worksheets/sheet2.xml").decode()
    assert 'orientation="landscape"' in sheet and 'paperSize="9"' in sheet
    assert 'fitToHeight="0"' in sheet and 'paperSize="8"' in wide
    assert "2026-11-22 09:05 制作" in sheet and (INVENTED in sheet) is invented
    assert "_xlnm.Print_Titles" in names and "$3:$3" in names


def test_no_part_of_a_whole_goes_without_its_name() -> None:
    chart = charts.shares(
        "x", "资金", "万元", [("已兑付", 19.8), ("已锁定", 83.33), ("可用", 296.87)]
    )
    assert chart.option["legend"]["show"]
    assert [one["name"] for one in chart.option["series"]] == [
        "已兑付 19.80", "已锁定 83.33", "可用 296.87",
    ]  # fmt: skip
    wide = charts.shares("x", "分担", "元", [("市", 1), ("县", 1)])
    assert not wide.option["legend"]["show"]
    assert all(one["label"]["show"] for one in wide.option["series"])


def test_missing_steps_are_named_in_chinese() -> None:
    with pytest.raises(ProcessError, match="缺少步骤：申报、") as refused:
        parameters_of(Library.load().get("hongsibu"))
    assert "_" not in str(refused.value)
