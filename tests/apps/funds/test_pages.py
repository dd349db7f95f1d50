"""Pages of the fund: who reads, who enters, who confirms, and what is refused in words."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import load_workbook

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds.models import BudgetProposal, Fund, Transfer
from shuzhuan.apps.funds.queries.balances import balances
from shuzhuan.apps.funds.queries.verify import verify
from tests.apps.funds.kit import WAN, Desk
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
QUERIES_MAX = 24 if connection.vendor == "postgresql" else 20
READERS = (
    (Role.FINANCE_OFFICER, "pengyang"),
    (Role.COUNTY_OFFICER, "pengyang"),
    (Role.LEADER, "pengyang"),
    (Role.CITY_OFFICER, "guyuan"),
    (Role.PROVINCE_OFFICER, "ningxia"),
)
PAGES = (
    "fund",
    "ledger",
    "ledger_book",
    "statement",
    "statement_book",
    "statement_bytes",
    "periods",
)


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast).filled()


def client(desk: Desk, role: Role = Role.FINANCE_OFFICER, where: str = "pengyang") -> Client:
    return client_of(desk.cast.person(role, where))


def text(answer: Any) -> str:
    return answer.content.decode()


def entry(desk: Desk, **more: str) -> dict[str, str]:
    """The form of money that arrived."""
    return {
        "key": str(uuid4()),
        "dated": timezone.localdate().isoformat(),
        "paper": "宁财（企）指标〔2026〕12号",
        f"fen_{desk.region.pk}_0": "1000000",
        **more,
    }


class TestReading:
    @pytest.mark.parametrize(("role", "where"), READERS)
    def test_the_government_of_the_place_reads_everything(
        self, desk: Desk, role: Role, where: str
    ) -> None:
        desk.pay(desk.reserve(40 * WAN), 30 * WAN)
        here = client(desk, role, where)
        for name in PAGES:
            assert here.get(reverse(f"funds:{name}", args=[desk.fund.pk])).status_code == 200, name
        page = text(here.get(reverse("funds:home")))
        assert desk.fund.name in page
        assert "300,000.00" in page

    def test_the_neighbours_read_nothing(self, desk: Desk) -> None:
        for role, where in ((Role.COUNTY_OFFICER, "xiji"), (Role.FINANCE_OFFICER, "huian")):
            there = client(desk, role, where)
            for name in PAGES:
                assert there.get(reverse(f"funds:{name}", args=[desk.fund.pk])).status_code == 404
        company = client(desk, Role.ENTERPRISE_FINANCE, "pengyang_mill")
        assert company.get(reverse("funds:home")).status_code == 403

    def test_reading_writes_nothing(self, desk: Desk) -> None:
        here = client(desk)
        before = (Transfer.objects.count(), Fund.objects.values().get())
        for name in PAGES:
            here.get(reverse(f"funds:{name}", args=[desk.fund.pk]))
        assert (Transfer.objects.count(), Fund.objects.values().get()) == before

    def test_filters(self, desk: Desk) -> None:
        pending = desk.reserve(40 * WAN, subject="PY-2026-007")
        desk.pay(pending, 30 * WAN)
        desk.reserve(1 * WAN, party=desk.cast.parties["park_foundry"])
        here, url = client(desk), reverse("funds:ledger", args=[desk.fund.pk])
        counts = {
            "": 5,
            "purpose=pay": 1,
            "purpose=nothing": 5,
            "q=PY-2026-007": 2,
            "q=铸造": 1,
            "line=rebuild": 4,
            f"since={timezone.localdate():%Y-%m-%d}": 5,
            "until=2020-01-01": 0,
        }
        for query, count in counts.items():
            answer = here.get(f"{url}?{query}")
            assert answer.context["told"].count == count, query
        wrong = here.get(f"{url}?since=2026-13-01")
        assert "看不懂" in text(wrong)
        assert wrong.context["told"].count == 0


class TestBudget:
    def test_one_enters_and_another_confirms(self, desk: Desk) -> None:
        finance, officer = client(desk), client(desk, Role.COUNTY_OFFICER)
        url = reverse("funds:propose", args=[desk.fund.pk, "appropriate"])
        assert finance.get(url).status_code == 200
        data = entry(desk)
        first = finance.post(url, data)
        proposal = BudgetProposal.objects.get()
        assert first["Location"] == reverse("funds:proposal", args=[proposal.pk])
        assert finance.post(url, data)["Location"] == first["Location"]  # pressed twice
        assert BudgetProposal.objects.count() == 1
        assert balances(desk.fund).appropriated_fen == 1000 * WAN  # not before it is confirmed
        own = finance.post(reverse("funds:confirm", args=[proposal.pk]), follow=True)
        assert "必须是两个人" in text(own)
        assert "核对无误" in text(officer.get(first["Location"]))
        officer.post(reverse("funds:confirm", args=[proposal.pk]))
        officer.post(reverse("funds:confirm", args=[proposal.pk]))
        assert balances(desk.fund).appropriated_fen == 1100 * WAN
        transfer = Transfer.objects.get(fund=desk.fund, number=3)
        assert (transfer.maker_id, transfer.checker_id) == (
            desk.finance.user_id,
            desk.officer.user_id,
        )
        assert verify() == []

    def test_the_ratio_is_judged_when_it_is_confirmed(self, desk: Desk) -> None:
        finance, leader = client(desk), client(desk, Role.LEADER)
        url = reverse("funds:propose", args=[desk.fund.pk, "allocate"])
        name = f"fen_{desk.region.pk}_{desk.services.pk}"
        data = entry(desk, **{name: "1000000.01"})
        del data[f"fen_{desk.region.pk}_0"]
        finance.post(url, data)
        proposal = BudgetProposal.objects.get()
        said = text(leader.post(reverse("funds:confirm", args=[proposal.pk]), follow=True))
        assert "第四条" in said
        assert "不得超过到账资金的 10%" in said
        proposal.refresh_from_db()
        assert proposal.state == "proposed"
        assert balances(desk.fund).support_fen == 0
        leader.post(reverse("funds:decline", args=[proposal.pk]), {"reason": "超过比例"})
        proposal.refresh_from_db()
        assert (proposal.state, proposal.decision_reason) == ("declined", "超过比例")
        data |= {name: "1000000", "key": str(uuid4())}  # control: exactly ten per cent
        finance.post(url, data)
        leader.post(reverse("funds:confirm", args=[BudgetProposal.objects.latest("pk").pk]))
        assert balances(desk.fund).support_fen == 100 * WAN

    def test_all_amounts_of_a_proposal_or_none(self, desk: Desk) -> None:
        finance, leader = client(desk), client(desk, Role.LEADER)
        data = entry(
            desk,
            **{
                f"fen_{desk.region.pk}_{desk.rebuild.pk}": "100",
                f"fen_{desk.county.pk}_{desk.rebuild.pk}": "100",  # nothing arrived from there
            },
        )
        finance.post(reverse("funds:propose", args=[desk.fund.pk, "allocate"]), data)
        before = Transfer.objects.count()
        pk = BudgetProposal.objects.get().pk
        said = text(leader.post(reverse("funds:confirm", args=[pk]), follow=True))
        assert "到账待安排 0元" in said
        assert Transfer.objects.count() == before
        assert verify() == []

    def test_recall_and_surrender_give_no_more_than_there_is(self, desk: Desk) -> None:
        finance, leader = client(desk), client(desk, Role.LEADER)

        def asked(kind: str, name: str, amount: str) -> str:
            data = entry(desk, **{name: amount})
            if kind == "recall":
                del data[f"fen_{desk.region.pk}_0"]
            finance.post(reverse("funds:propose", args=[desk.fund.pk, kind]), data)
            pk = BudgetProposal.objects.latest("pk").pk
            return text(leader.post(reverse("funds:confirm", args=[pk]), follow=True))

        recall = f"fen_{desk.region.pk}_{desk.rebuild.pk}"
        assert "调不回" in asked("recall", recall, "5000000.01")
        assert "已复核" in asked("recall", recall, "1000000")
        assert "不够" in asked("surrender", f"fen_{desk.region.pk}_0", "6000000.01")
        assert "已复核" in asked("surrender", f"fen_{desk.region.pk}_0", "6000000")
        now = balances(desk.fund)
        assert (now.appropriated_fen, now.waiting_fen, now.allocated_fen) == (
            400 * WAN,
            0,
            400 * WAN,
        )
        assert verify() == []

    @pytest.mark.parametrize(
        "amount",
        [
            "1e3",
            "１２",
            "12.345",
            "-0",
            "-5",
            "0",
            str(2**63),
            "1,000",
            " 5",
            "5 ",
            "0x10",
            "NaN",
            "五",
        ],
    )
    def test_amounts_are_read_strictly(self, desk: Desk, amount: str) -> None:
        data = entry(desk, **{f"fen_{desk.region.pk}_0": amount})
        answer = client(desk).post(
            reverse("funds:propose", args=[desk.fund.pk, "appropriate"]), data
        )
        assert answer.status_code == 200
        assert answer.context["form"].errors
        assert not BudgetProposal.objects.exists()

    def test_nothing_but_sound_requests(self, desk: Desk) -> None:
        here, url = client(desk), reverse("funds:propose", args=[desk.fund.pk, "appropriate"])
        for wrong in (
            {"key": "x"}, {"dated": "2026-02-30"}, {"dated": "2099-01-01"}, {"paper": " "},
            {f"fen_{desk.region.pk}_0": ""},
        ):  # fmt: skip
            answer = here.post(url, entry(desk, **wrong))
            assert answer.status_code == 200, wrong
            assert answer.context["form"].errors, wrong
        assert here.get(url.replace("appropriate", "pay")).status_code == 404
        key = str(uuid4())
        here.post(url, entry(desk, key=key))
        again = here.post(url, entry(desk, key=key, paper="另一份"))
        assert "另外的内容提交过" in text(again)

    def test_only_the_finance_office_of_the_place_enters(self, desk: Desk) -> None:
        url = reverse("funds:propose", args=[desk.fund.pk, "appropriate"])
        for role, where, status in (
            (Role.COUNTY_OFFICER, "pengyang", 403),
            (Role.LEADER, "pengyang", 403),
            (Role.FINANCE_OFFICER, "guyuan", 302),
            (Role.FINANCE_OFFICER, "hongsibu", 404),
        ):
            assert client(desk, role, where).post(url, entry(desk)).status_code == status
        assert not BudgetProposal.objects.exists()

    def test_the_office_above_looks_but_does_not_decide(self, desk: Desk) -> None:
        client(desk).post(reverse("funds:propose", args=[desk.fund.pk, "appropriate"]), entry(desk))
        pk, above = BudgetProposal.objects.get().pk, client(desk, Role.LEADER, "guyuan")
        assert "核对无误" not in text(above.get(reverse("funds:proposal", args=[pk])))
        assert "不能代办" in text(above.post(reverse("funds:confirm", args=[pk]), follow=True))
        answer = above.post(reverse("funds:decline", args=[pk]), {"reason": "不同意"}, follow=True)
        assert "不能代办" in text(answer)
        finance = client(desk, Role.FINANCE_OFFICER, "guyuan")
        for name, data in (("periods", {"until": "2026-01-31"}), ("close", {})):
            said = finance.post(reverse(f"funds:{name}", args=[desk.fund.pk]), data, follow=True)
            assert "不能代办" in text(said)
        assert BudgetProposal.objects.get().state == "proposed"
        assert Fund.objects.get().closed_on is None


def test_opening_by_form(cast: Cast) -> None:
    here = client_of(cast.person(Role.FINANCE_OFFICER, "pengyang"))
    page = text(here.get(reverse("funds:open")))
    assert "标杆" in page
    data = {"pack": "pengyang", "year": "2026", "name": ""}
    assert "请选一边" in text(here.post(reverse("funds:open"), data))
    answer = here.post(reverse("funds:open"), {**data, "counts_benchmark": "support"})
    fund = Fund.objects.get()
    assert answer["Location"] == reverse("funds:fund", args=[fund.pk])
    assert fund.lines.get(key="benchmark").counts == "support"
    assert "还没有到账" in text(here.get(reverse("funds:home")))
    nothing = client_of(cast.person(Role.FINANCE_OFFICER, "hongsibu"))
    assert "没有可以依据的文件" in text(nothing.get(reverse("funds:open")))


def test_closing_by_form(desk: Desk) -> None:
    here, url = client(desk), reverse("funds:periods", args=[desk.fund.pk])
    yesterday = timezone.localdate() - timedelta(days=1)
    for wrong in ("x", timezone.localdate().isoformat(), "2020-01-01"):
        assert here.post(url, {"until": wrong}).context["form"].errors
    assert "已结账" in text(here.post(url, {"until": yesterday.isoformat()}, follow=True))
    assert client(desk, Role.LEADER).post(url, {"until": "2026-01-31"}).status_code == 403
    desk.reserve(WAN)
    close = reverse("funds:close", args=[desk.fund.pk])
    assert "锁定未办" in text(here.post(close, follow=True))


def test_the_workbooks_open_and_hold_no_formula(desk: Desk) -> None:
    desk.pay(desk.reserve(40 * WAN, subject="=1+1"), 30 * WAN, reason='=HYPERLINK("x")')
    here = client(desk)
    for name in ("ledger_book", "statement_book"):
        answer = here.get(reverse(f"funds:{name}", args=[desk.fund.pk]))
        with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
            sheets = [parts.read(n) for n in parts.namelist() if n.startswith("xl/worksheets/")]
        assert sheets
        assert not any(b"<f>" in sheet for sheet in sheets)
        book = load_workbook(io.BytesIO(answer.content))
        cells = [
            c for n in book.sheet_names for r in book.get_sheet_by_name(n).to_python() for c in r
        ]
        assert "'=1+1" in cells
        assert 300000 in cells


def test_ten_thousand_rows_need_no_more_queries_than_five(desk: Desk) -> None:
    urls = [reverse(f"funds:{name}", args=[desk.fund.pk]) for name in ("fund", "ledger")]
    urls.append(f"{urls[1]}?q=杂粮&purpose=reserve&since=2026-01-01")
    here = client(desk)
    desk.reserve(1)

    def queries() -> list[int]:
        """What is read; the session notes once a minute that its person is still there."""
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as caught:
                assert here.get(url).status_code == 200
            counts.append(sum(query["sql"].startswith("SELECT") for query in caught))
        return counts

    few = queries()
    many(desk, 10_000)
    assert queries() == few
    assert max(few) <= QUERIES_MAX
    page = here.get(urls[1])
    assert page.context["told"].count == 10_003
    assert len(page.context["page"].object_list) == 50
    assert len(here.get(urls[1] + "?page=200").context["page"].object_list) == 50


def many(desk: Desk, count: int) -> None:
    """Rows as they would be, written at once; the sums of the accounts do not follow."""
    first = Transfer.objects.latest("pk")
    same = {
        f.attname: getattr(first, f.attname)
        for f in Transfer._meta.concrete_fields
        if f.name != "id"
    }
    Transfer.objects.bulk_create(
        (
            Transfer(
                **{
                    **same, "key": uuid4(), "number": first.number + at,
                    "recorded_at": first.recorded_at + timedelta(microseconds=at),
                }
            )
            for at in range(1, count + 1)
        ),
        batch_size=500,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
