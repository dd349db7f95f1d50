"""What everybody reads: subsidies that were paid, and the flowchart of an open batch."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.pilots.actions.pilot import create_batch
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.cast import Cast, client_of
from tests.engine.test_process_flow import parsed

pytestmark = pytest.mark.django_db


def rows(text: str) -> list[list[str]]:
    body = text.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in body.split("</tr>")[:-1]
    ]


def test_nothing_is_disclosed_before_the_money_has_gone(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.PAYMENT, clock.workdays)
    text = Client().get("/disclosure/").content.decode()
    assert "还没有支付补助" in text and mill.enterprise.name not in text
    drive.pay(project)
    project.refresh_from_db()
    text = Client().get("/disclosure/").content.decode()
    assert re.findall(r'<th scope="col"[^>]*>(.*?)</th>', text) == [
        "单位", "项目", "金额（元）", "日期",
    ]  # fmt: skip
    paid = [mill.enterprise.name, project.title, "350,000.00", project.paid_on.isoformat()]
    assert rows(text) == [paid]
    assert "演示数据" in text
    for hidden in (mill.enterprise.uscc, project.number, "国库支付凭证"):
        assert hidden not in text
    # Signed in, everybody reads the same, behind the second wall too.
    for role, where in (
        (Role.ENTERPRISE_FILLER, "huian_stone"), (Role.LEADER, "hongsibu"),
        (Role.VENDOR_STAFF, "vendor_quanzhou"), (Role.EXPERT, "fujian"),
    ):  # fmt: skip
        assert rows(client_of(cast.person(role, where)).get("/disclosure/").content.decode()) == [
            paid
        ]


def test_what_was_taken_back_is_a_row_of_its_own(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.PAID, clock.workdays)
    drive.do(drive.players.county, project, "order_claw_back", reason="虚报投资")
    assert len(rows(Client().get("/disclosure/").content.decode())) == 1
    clock.workdays(3)
    drive.do(drive.players.finance, project, "confirm_returned",
             returned_on=clock.today.isoformat(), voucher="TK-1")  # fmt: skip
    text = Client().get("/disclosure/").content.decode()
    assert [r[2] for r in rows(text)] == ["-350,000.00（追回）", "350,000.00"]
    assert ">0.00</td>" in text.split("<tfoot>")[1]


def test_by_place_and_year(cast: Cast, drive: Drive, mill: Firm, clock: Clock) -> None:
    drive.carry(mill, CASE, State.PAID, clock.workdays)
    place = cast.places["pengyang"].pk
    assert len(rows(Client().get(f"/disclosure/?place={place}&year=2026").content.decode())) == 1
    # What is not on offer narrows nothing.
    for query in ("place=x", "year=1999", f"place={cast.places['xiji'].pk}", "page=x", "page=99"):
        assert len(rows(Client().get(f"/disclosure/?{query}").content.decode())) == 1, query


def test_the_flowchart_of_an_open_batch_is_public(cast: Cast, drive: Drive) -> None:
    batch = drive.batch
    page = Client().get(f"/batches/{batch.pk}/flow/").content.decode()
    assert f'src="/batches/{batch.pk}/flow.svg"' in page
    for words in ("第一批试点企业申报", "不少于5个工作日", "10个工作日※", "复评一次", "营业执照"):
        assert words in page, words
    answer = Client().get(f"/batches/{batch.pk}/flow.svg")
    assert answer["Content-Type"].startswith("image/svg+xml")
    parsed(answer.content.decode())
    assert answer.content == Client().get(f"/batches/{batch.pk}/flow.svg").content
    assert Client().get(f"/batches/{batch.pk}/flow.pdf").content.startswith(b"%PDF")
    assert Client().get(f"/batches/{batch.pk}/flow.png").content.startswith(b"\x89PNG")
    assert Client().get(f"/batches/{batch.pk}/flow.exe").status_code == 404
    assert Client().get("/batches/987654/flow/").status_code == 404
    other = client_of(cast.person(Role.COUNTY_OFFICER, "huian"))
    assert other.get(f"/batches/{batch.pk}/flow/").status_code == 200  # public is public


def test_a_prepared_batch_is_for_its_own_office(cast: Cast, drive: Drive) -> None:
    batch = create_batch(
        drive.players.county, drive.pilot, title="第二批", clause="7-1", opens_on=drive.batch.opens_on,
        closes_on=drive.batch.closes_on, contact="演示", office_days={"form_check": 3},
    )  # fmt: skip
    path = f"/batches/{batch.pk}/flow/"
    mine = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang")).get(path)
    assert mine.status_code == 200
    assert "3个工作日※" in mine.content.decode() and "还没有开放" in mine.content.decode()
    outside: list[Any] = [Client(), client_of(cast.person(Role.COUNTY_OFFICER, "xiji"))]
    outside.append(client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")))
    for client in outside:
        assert client.get(path).status_code == 404
        assert client.get(path.removesuffix("/") + ".svg").status_code == 404


def test_an_officer_looks_at_a_pack_before_a_batch_opens(cast: Cast) -> None:
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    assert "/work/flow/pengyang/" in client.get("/work/flow/").content.decode()
    assert 'src="/work/flow/pengyang.svg"' in client.get("/work/flow/pengyang/").content.decode()
    parsed(client.get("/work/flow/pengyang.svg").content.decode())
    assert client.get("/work/flow/nowhere/").status_code == 404
    assert client.get("/work/flow/nowhere.svg").status_code == 404
    # A document without the needed steps says what is missing.
    answer = client.get("/work/flow/hongsibu/")
    assert answer.status_code == 200 and "缺少步骤" in answer.content.decode()
    assert client.get("/work/flow/hongsibu.svg").status_code == 404
    text = client_of(cast.person(Role.COUNTY_OFFICER, "hongsibu")).get("/work/flow/").content
    assert "缺少步骤" in text.decode()
    assert Client().get("/work/flow/pengyang.svg").status_code == 302
