"""资金使用台账: to the fen, equal to the ledger or loudly not; out as Excel with a reason."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.projects.models import Line, Project
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Case, Drive, Firm
from tests.apps.workbench.test_list import statements
from tests.cast import Cast, canary, client_of

pytestmark = pytest.mark.django_db
URL = "/work/ledger-book/"
BUDGET = 16
CASE = Case(
    spend=(("software", "生产执行系统", 50_000_000), ("device", "=数据采集网关", 20_000_007))
)


@pytest.fixture
def paid(drive: Drive, mill: Firm, clock: Clock) -> Project:
    return drive.carry(mill, CASE, State.PAID, clock.workdays)


def client(cast: Cast, role: Role = Role.FINANCE_OFFICER, where: str = "pengyang") -> Client:
    return client_of(cast.person(role, where))


def test_the_ledger_equals_the_general_ledger(cast: Cast, paid: Project) -> None:
    text = client(cast).get(URL).content.decode()
    assert "与总账核对一致" in text and "不一致" not in text
    assert text.count("350,000.03") >= 4  # ceiling, proposed, determined, paid: 70万元零7分的一半
    assert "700,000.07" in text
    one = client(cast).get(f"{URL}{paid.pk}/").content.decode()
    assert "与总账核对一致" in one
    for words in ("生产执行系统", "国库支付凭证", "额度锁定", "兑付", "200,000.07"):
        assert words in one, words
    line = Line.objects.filter(project=paid).first()
    assert line is not None and line.invoice is not None and line.invoice_number in one
    assert f"/documents/versions/{line.invoice.current_id}/file/" in one


@pytest.mark.parametrize("query", ["", "?stage=paid", "?q=杂粮"])
def test_one_fen_that_differs_is_said_in_red_and_with_a_shape(
    cast: Cast, paid: Project, query: str
) -> None:
    Project.objects.filter(pk=paid.pk).update(paid_fen=paid.paid_fen - 1)
    text = client(cast).get(URL + query).content.decode()
    assert "与总账核对不一致" in text and "核对一致" not in text
    assert "light-red" in text and "■ -0.01" in text
    assert paid.number in text
    assert "与总账核对不一致" in client(cast).get(f"{URL}{paid.pk}/").content.decode()


def test_two_errors_that_cancel_each_other_are_found(
    cast: Cast, drive: Drive, paid: Project
) -> None:
    from shuzhuan.apps.projects.actions.start_project import start_project
    from tests.apps.projects.conftest import firm

    other = firm(cast, "park_foundry")
    drive.archive(other)
    second = start_project(other.certifier, drive.batch, other.enterprise)
    Project.objects.filter(pk=paid.pk).update(paid_fen=paid.paid_fen - 1)
    Project.objects.filter(pk=second.pk).update(
        state="paid", number="彭阳县-2026-1-900", ceiling_fen=1, proposed_fen=1, determined_fen=1,
        paid_fen=1, payment_cleared_on=paid.payment_cleared_on,
    )  # fmt: skip
    text = client(cast).get(URL).content.decode()
    assert "与总账核对不一致" in text
    assert "彭阳县-2026-1-900" in text.split("自己的金额")[1].split("</ul>")[0]


def test_claw_back_stands_in_the_book(
    cast: Cast, drive: Drive, paid: Project, clock: Clock
) -> None:
    drive.do(drive.players.county, paid, "order_claw_back", reason="虚报投资")
    text = client(cast).get(f"{URL}?stage=recover").content.decode()
    assert paid.number in text
    drive.do(drive.players.finance, paid, "confirm_returned",
             returned_on=clock.today.isoformat(), voucher="TK-1")  # fmt: skip
    text = client(cast).get(f"{URL}?stage=returned").content.decode()
    assert paid.number in text and "与总账核对一致" in text
    assert "没有符合条件" in client(cast).get(f"{URL}?stage=recover").content.decode()


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as read:
        return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def test_the_workbook(cast: Cast, paid: Project) -> None:
    Project.objects.filter(pk=paid.pk).update(title="=HYPERLINK(1)")
    answer = client(cast).post(f"{URL}export/", {"reason": "季度检查", "query": "stage=paid"})
    assert answer.status_code == 200
    found = sheets(answer.content)
    assert list(found) == ["台账", "投入明细", "资金流水", "说明"]
    head, row, total = found["台账"][1:4]
    cell = dict(zip(head, row, strict=False))
    assert (cell["核定投入（元）"], cell["已兑付（元）"]) == (700000.07, 350000.03)
    assert cell["统一社会信用代码"] == paid.enterprise.uscc
    assert cell["项目"] == "'=HYPERLINK(1)"
    assert (total[0], total[head.index("已兑付（元）")]) == ("合计", 350000.03)
    lines = found["投入明细"]
    assert [r[lines[1].index("名称")] for r in lines[2:]] == ["生产执行系统", "'=数据采集网关"]
    assert isinstance(lines[2][lines[1].index("发票号码")], str)
    assert [r[5] for r in found["资金流水"][2:]] == ["额度锁定", "兑付"]
    said = "".join(str(r[0]) for r in found["说明"])
    assert "季度检查" in said and "与总账核对一致" in said
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
        assert "<v>350000.03</v>" in sheet  # the exact decimal, not its binary shadow
        assert all(b"<f>" not in packed.read(n) for n in packed.namelist())
        assert 'formatCode="#,##0.00"' in packed.read("xl/styles.xml").decode()
    entry = Entry.objects.filter(action="export_ledger").get()
    assert "季度检查" in entry.detail and '"rows":1' in entry.detail.replace(" ", "")


def test_no_reason_no_workbook(cast: Cast, paid: Project) -> None:
    for posted in ({}, {"reason": "查"}, {"reason": "季度检查", "query": "stage=nonsense"},
                   {"reason": "季度检查", "query": "stage=recover"}):  # fmt: skip
        answer = client(cast).post(f"{URL}export/", posted)
        assert answer.status_code == 302 and answer["Location"].startswith(URL)
    assert not Entry.objects.filter(action="export_ledger").exists()
    assert client(cast).get(f"{URL}export/").status_code == 405


@pytest.mark.parametrize(
    "query",
    ["place=999999", "place=x", "stage=x", "state=x", "since=昨天", "until=2026-02-30", "q=%00",
     "since=2026-1-1", "q=" + "长" * 61],
)  # fmt: skip
def test_what_cannot_be_read_is_said(cast: Cast, paid: Project, query: str) -> None:
    text = client(cast).get(f"{URL}?{query}").content.decode()
    assert "看不懂" in text and paid.number not in text


def test_whose_book_it_is(cast: Cast, paid: Project) -> None:
    word = canary(cast.parties["pengyang_mill"])
    for role, where, sees in (
        (Role.FINANCE_OFFICER, "pengyang", True), (Role.LEADER, "guyuan", True),
        (Role.CITY_OFFICER, "guyuan", True), (Role.COUNTY_OFFICER, "xiji", False),
        (Role.FINANCE_OFFICER, "hongsibu", False),
    ):  # fmt: skip
        one = client(cast, role, where)
        assert (word in one.get(URL).content.decode()) is sees, (role, where)
        assert one.get(f"{URL}{paid.pk}/").status_code == (200 if sees else 404)
        answer = one.post(f"{URL}export/", {"reason": "季度检查"})
        assert (answer.status_code == 200) is sees
    for role, where in ((Role.ENTERPRISE_FINANCE, "pengyang_mill"), (Role.EXPERT, "ningxia")):
        assert client(cast, role, where).get(URL).status_code == 403


QUERIES = ("", "q=改造12", "stage=paid", "state=paid&since=2026-01-01", "page=3", "stage=unpaid")


def test_ten_thousand_rows_within_the_budget(many: Drive, cast: Cast) -> None:
    one = client(cast)
    for query in QUERIES:
        with CaptureQueriesContext(connection) as context:
            answer = one.get(f"{URL}?{query}")
        assert answer.status_code == 200
        assert len(statements(context)) <= BUDGET, (query, len(statements(context)))
        assert "与总账核对一致" in answer.content.decode(), query
    total = Project.objects.filter(paid_fen__gt=0).count() * 200_000
    assert f"{total:,}.00" in one.get(URL).content.decode()
    content = one.post(f"{URL}export/", {"reason": "年度检查"}).content
    rows = sheets(content)["台账"]
    assert len(rows) == 10_000 + 3 and rows[-1][12] == total
    # Everybody's list of what was paid is cut into pages, and its sum is of all of them.
    public = Client().get("/disclosure/?page=2").content.decode()
    assert public.split("<tbody>")[1].count("<tr>") == 50 + 1
    assert f"{total:,}.00" in public
    # Control: one project of ten thousand is off by one fen.
    wrong = Project.objects.filter(state="paid").order_by("pk")[7]
    Project.objects.filter(pk=wrong.pk).update(paid_fen=wrong.paid_fen - 1)
    text = one.get(URL).content.decode()
    assert "与总账核对不一致" in text
    assert re.search(rf'ledger-book/{wrong.pk}/">{wrong.number} ', text)
