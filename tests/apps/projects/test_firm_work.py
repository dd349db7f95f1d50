"""Contract, investment lines, import and acceptance as the enterprise enters them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.projects import lines_book
from shuzhuan.apps.projects.models import Contract, Line, Project, ReturnedSection
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from shuzhuan.site.rehearsal.papers import paper
from tests.apps.projects.conftest import CASE
from tests.apps.projects.test_firm import as_, do, text_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db
HEAD = [title for title, _ in lines_book.COLUMNS.values()]


@pytest.fixture
def listed(drive: Drive, mill: Firm, clock: Clock) -> Project:
    return drive.carry(mill, CASE, State.LISTED, clock.workdays)


@pytest.fixture
def working(drive: Drive, mill: Firm, listed: Project) -> Project:
    drive.contract(mill, listed, 70_000_000)
    listed.refresh_from_db()
    return listed


@pytest.fixture
def filler(cast: Cast) -> Client:
    return as_(cast, Role.ENTERPRISE_FILLER)


def pdf(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.pdf", paper(name), "application/pdf")


def line(**changed: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    found = {"kind": "software", "name": "生产执行系统", "supplier": "某公司", "amount": "50000.50",
             "invoice_number": "24642000000012345678", "invoice_on": today, "paid_on": today}  # fmt: skip
    return {**found, **changed}


def book(*rows: list[Any], head: list[str] | None = None) -> SimpleUploadedFile:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as file:
        sheet = file.add_worksheet("投入")
        for number, row in enumerate([head or HEAD, *rows]):
            for at, cell in enumerate(row):
                if cell != "":
                    sheet.write(number, at, cell)
    return SimpleUploadedFile("投入.xlsx", stream.getvalue(), "application/octet-stream")


def rows(count: int) -> list[list[Any]]:
    day = timezone.localdate().isoformat()
    return [
        ["软件", f"系统{n}", "某公司", "", f"INV{n:05d}", day, day, 1000.25] for n in range(count)
    ]


def send(client: Client, project: Project, file: Any, key: str = "") -> Any:
    address = f"/my/projects/{project.pk}/lines/import/"
    return client.post(address, {"key": key or str(uuid4()), "file": file})


def test_a_contract_is_entered_with_its_file_and_work_begins(
    listed: Project, filler: Client, cast: Cast
) -> None:
    url = f"/my/projects/{listed.pk}/contract/"
    assert "至少登记一份合同" in text_of(filler.get(url))
    typed = {"number": "HT-1", "vendor_name": "某公司", "vendor_uscc": "123", "amount": "七十万",
             "signed_on": "2026-02-30"}  # fmt: skip
    answer = do(filler, listed, "edit_contract", **typed, document_file=pdf("合同"))
    text = text_of(answer)
    assert answer.status_code == 422 and "edit_contract-vendor_uscc_error" in text
    assert 'value="七十万"' in text and 'type="text" name="signed_on" value="2026-02-30"' in text
    document = Document.objects.get(slot="contract")
    assert f'value="{document.pk}" selected' in text  # the file is kept and chosen
    fixed = {**typed, "vendor_uscc": "", "amount": "700000", "document": str(document.pk)}
    answer = do(filler, listed, "edit_contract", **{**fixed, "signed_on": "2027-02-01"})
    assert "日期不能晚于今天" in text_of(answer)
    assert (
        do(filler, listed, "edit_contract", **{**fixed, "signed_on": "2026-03-02"}).status_code
        == 302
    )
    contract = Contract.objects.get()
    assert (contract.amount_fen, contract.document_id) == (70_000_000, document.pk)
    answer = do(filler, listed, "edit_contract", **{**fixed, "signed_on": "2026-03-02"})
    assert "edit_contract-number_error" in text_of(answer) and "已经登记过" in text_of(answer)
    assert "要由企业审定人确认" in text_of(do(filler, listed, "start_work"))
    assert do(as_(cast), listed, "start_work").status_code == 302
    listed.refresh_from_db()
    assert listed.at == State.IMPLEMENTING


def test_a_line_is_entered_changed_and_removed(working: Project, filler: Client) -> None:
    answer = do(
        filler, working, "edit_line", **line(), invoice_file=pdf("发票"), proof_file=pdf("回单")
    )
    assert answer.status_code == 302
    row = Line.objects.get()
    assert (row.amount_fen, row.invoice.slot, row.proof.slot) == (5_000_050, "invoice", "payment")
    text = text_of(filler.get(f"/my/projects/{working.pk}/lines/"))
    assert "50,000.50" in text and "缺发票文件" not in text
    do(filler, working, "edit_line", **line(kind="other", invoice_number="X2", amount="120"))
    text = text_of(filler.get(f"/my/projects/{working.pk}/lines/"))
    assert "2 笔，合计 50,120.50 元" in text and "缺发票文件" in text
    assert '<span class="big">50,000.50' in text  # what never counts is not in the sum
    form = text_of(filler.get(f"/my/projects/{working.pk}/lines/one/?line={row.pk}"))
    assert 'value="50000.50"' in form
    answer = do(filler, working, "edit_line", **line(line=row.pk, amount="40000"))
    row.refresh_from_db()
    assert row.amount_fen == 4_000_000 and row.invoice_id is not None
    assert do(filler, working, "remove_line", line=row.pk).status_code == 302
    assert "没有这笔投入" in text_of(do(filler, working, "remove_line", line=row.pk))
    working.refresh_from_db()
    assert working.claimed_fen == 12_000


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount", "5万", "金额"), ("amount", "0", "金额应当大于0"), ("amount", "1.234", ""),
        ("invoice_on", "2026-01-05", "日期早于试点开始"), ("paid_on", "2030-01-01", "不能晚于今天"),
        ("kind", "", "请选择"), ("name", "", "不能空着"),
    ],
)  # fmt: skip
def test_each_fault_stands_beside_its_field(
    working: Project, filler: Client, field: str, value: str, words: str
) -> None:
    answer = do(filler, working, "edit_line", **line(supplier="留着的字", **{field: value}))
    text = text_of(answer)
    assert answer.status_code == 422 and f"edit_line-{field}_error" in text and words in text
    assert 'value="留着的字"' in text and not Line.objects.exists()


def test_an_invoice_pays_once_even_behind_the_wall(working: Project, filler: Client) -> None:
    do(filler, working, "edit_line", **line())
    words = "这张发票已经在本地登记过，一张发票只能用一次"
    answer = do(filler, working, "edit_line", **line(name="又一次"))
    assert answer.status_code == 422 and words in text_of(answer)
    assert "edit_line-invoice_number_error" in text_of(answer)
    # Another enterprise's line is not seen before it is stored: the database refuses it.
    with mock.patch.object(Line, "full_clean"):
        answer = do(filler, working, "edit_line", **line(name="又一次"))
    assert answer.status_code == 422 and words in text_of(answer)
    assert Line.objects.count() == 1


def test_a_table_is_imported_whole(working: Project, filler: Client) -> None:
    key = str(uuid4())
    assert send(filler, working, book(*rows(3)), key).status_code == 302
    assert send(filler, working, book(*rows(3)), key).status_code == 302  # sent twice
    entry = Entry.objects.get(action="edit_line")  # the sheet is one action
    assert {"lines": 3, "amount_fen": 300_075}.items() <= json.loads(entry.detail).items()
    assert [row.amount_fen for row in Line.objects.order_by("pk")] == [100_025] * 3
    working.refresh_from_db()
    assert working.claimed_fen == 300_075


def test_a_table_with_faults_is_not_imported_at_all(working: Project, filler: Client) -> None:
    do(filler, working, "edit_line", **line(invoice_number="INV00001"))
    good = rows(4)
    good[3][4] = "inv 00002"  # one invoice, however its number is typed
    answer = send(filler, working, book(*good))
    assert answer.status_code == 422
    assert "第 5 行“发票号码”：与第 4 行" in text_of(answer)
    good[3][4] = "INV00003"  # the second row's is in the database already
    answer = send(filler, working, book(*good))
    assert answer.status_code == 422
    assert text_of(answer).count("行“发票号码”：") == 1
    assert "第 3 行“发票号码”：这张发票已经在本地登记过" in text_of(answer)
    assert Line.objects.count() == 1
    assert Entry.objects.filter(action="project_refused").count() == 2
    day = timezone.localdate().isoformat()
    bad: list[list[Any]] = [
        ["原料", "面粉", "某公司", "", "A1", day, day, 10],
        ["软件", "", "某公司", "", "A2", "下周", day, "八百"],
        ["软件", "系统", "某公司", "HT-没有", 12345678901234567890, day, day, 1.005],
        ["软件", "系统", "某公司", "", "A1", "2020-01-01", day, -5],
    ]
    text = text_of(send(filler, working, book(*bad)))
    for words in ("第 2 行“类别”：请填：软件", "第 3 行“名称”：这一项不能空着", "第 4 行“合同编号”",
                  "第 4 行“发票号码”：数字太长", "第 4 行“金额（元）”", "第 5 行“发票号码”：与第 2 行"):  # fmt: skip
        assert words in text, words
    day_only = [["软件", "系统", "某公司", "", "A9", "下周", day, "八百"]]
    text = text_of(send(filler, working, book(*day_only)))
    assert "第 2 行“开票日期”" in text
    text = text_of(send(filler, working, book(rows(1)[0][1:], head=HEAD[1:])))
    assert "“类别”：缺少这一列" in text
    assert Line.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("表.xlsx", b"PK\x03\x04 broken", "没有导入"), ("表.exe", b"MZ", "没有导入"),
        ("表.csv", "类别,名称\n软件,a\n".encode(), "缺少这一列"), ("空.csv", b"", "空"),
    ],
)  # fmt: skip
def test_files_that_are_no_table(
    working: Project, filler: Client, name: str, content: bytes, words: str
) -> None:
    answer = send(filler, working, SimpleUploadedFile(name, content))
    assert answer.status_code == 422 and words in text_of(answer)
    assert filler.post(f"/my/projects/{working.pk}/lines/import/", {}).status_code == 422


def test_a_full_sheet_asks_no_more_than_a_short_one(working: Project, filler: Client) -> None:
    counts = []
    for first, count in ((0, 5), (5, 290)):
        with CaptureQueriesContext(connection) as context:
            assert send(filler, working, book(*rows(first + count)[first:])).status_code == 302
        counts.append(sum("set_config" not in q["sql"] for q in context.captured_queries))
    assert Line.objects.count() == 295
    assert counts[1] <= counts[0] + 5  # SQLite takes some fifty rows in a statement
    answer = send(filler, working, book(*rows(301)[295:]))
    assert "最多登记 300 笔" in text_of(answer)


def test_no_more_than_a_project_may_have(working: Project, filler: Client) -> None:
    assert "一次最多 300 行" in text_of(send(filler, working, book(*rows(301))))


def test_template_and_export_are_read_back(working: Project, filler: Client) -> None:
    content = filler.get("/my/projects/lines-template.xlsx").content
    read = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert read[0] == HEAD
    do(filler, working, "edit_line", **line(name="=HYPERLINK(1)"))
    content = filler.get(f"/my/projects/{working.pk}/lines/export/").content
    read = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert read[1][1] == "'=HYPERLINK(1)" and read[1][7] == 50000.5


def test_acceptance_is_checked_at_once_and_applied_for(
    drive: Drive, mill: Firm, working: Project, filler: Client, cast: Cast
) -> None:
    url = f"/my/projects/{working.pk}/acceptance/"
    text = text_of(filler.get(url))
    assert "还差 3 项" in text and "登记投入" in text
    drive.spend(mill, working, CASE)
    for name in ("acceptance_application", "level_evidence"):
        answer = do(
            filler, working, "attach_paper", paper=name, document="", document_file=pdf(name)
        )
        assert answer["Location"].endswith(f"/acceptance/#p-{name}")
    assert "都齐了" in text_of(filler.get(url))
    certifier = as_(cast)
    assert "请核对后勾选确认" in text_of(do(certifier, working, "apply_acceptance"))
    assert do(certifier, working, "apply_acceptance", truthful="on").status_code == 302
    drive.do(drive.players.county, working, "return_acceptance", reason="请补",
             return_lines="第一笔发票看不清")  # fmt: skip
    assert "第一笔发票看不清" in text_of(filler.get(f"/my/projects/{working.pk}/lines/"))
    do(certifier, working, "apply_acceptance", truthful="on")
    assert not ReturnedSection.objects.filter(mended_at__isnull=True).exists()


def test_rectification_shows_the_days_and_asks_what_was_done(
    drive: Drive, mill: Firm, cast: Cast, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.COUNTY_REVIEW, clock.workdays)
    drive.do(drive.players.county, project, "order_rectification", reason="设备没有联网")
    clock.days(10)
    client = as_(cast)
    text = text_of(client.get(f"/my/projects/{project.pk}/acceptance/"))
    assert "设备没有联网" in text and "还剩" in text and "限期整改" in text
    assert "完成整改并提交" in text_of(client.get("/my/"))
    answer = do(client, project, "report_rectified", truthful="on", reason="")
    assert answer.status_code == 422 and "report_rectified-reason_error" in text_of(answer)
    assert (
        do(client, project, "report_rectified", truthful="on", reason="都联上了").status_code == 302
    )
    project.refresh_from_db()
    assert project.at == State.GRADING


def test_pages_of_a_full_project_ask_a_fixed_number_of_questions(
    working: Project, filler: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    day = timezone.localdate()
    Line.objects.bulk_create(
        Line(
            place_id=working.place_id, project=working, enterprise_id=working.enterprise_id,
            kind="software", name=f"系统{n}", supplier="某公司", invoice_number=f"N{n}",
            invoice_on=day, paid_on=day, amount_fen=100, user_id=working.created_by_id,
        )
        for n in range(300)
    )  # fmt: skip
    for part, most in (("lines", 30), ("lines/one", 30), ("contract", 30), ("acceptance", 36)):
        filler.get(f"/my/projects/{working.pk}/{part}/")
        with django_assert_max_num_queries(most):
            assert filler.get(f"/my/projects/{working.pk}/{part}/").status_code == 200
    assert "最多登记 300 笔" in text_of(do(filler, working, "edit_line", **line()))
