"""What people type is understood exactly or refused with an example."""

import pytest

from shuzhuan.apps.policies.answers import parse_answer, read_back, typed_form
from shuzhuan.engine.policy.facts import FactDef
from shuzhuan.engine.policy.pack import Library

FACTS = Library.load().get("quanzhou").facts
SPEND = FACTS["project.eligible_spend"]
INVOICES = FactDef(
    "project.invoices", "发票明细", "", "list", "", 0, 500,
    fields=(
        FactDef("amount", "金额", "", "money", "", 0, 10**12),
        FactDef("kind", "类别", "", "enum", "", 0, 1, names={0: "软件", 1: "硬件"},
                codes=("software", "hardware")),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "unit", "raw"),
    [
        ("800000", "yuan", "800000.00"),
        ("80", "wan", "800000.00"),
        ("80万", "yuan", "800000.00"),
        ("80万元", "wan", "800000.00"),
        ("800,000", "yuan", "800000.00"),
        ("８０万", "yuan", "800000.00"),
        (" 1.5亿 ", "yuan", "150000000.00"),
        ("3000000.01", "yuan", "3000000.01"),
        ("0.000001", "wan", "0.01"),
    ],
)
def test_amounts_as_people_write_them(typed: str, unit: str, raw: str) -> None:
    assert parse_answer(SPEND, typed, unit) == raw


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "1e3",
        "-5",
        "八十万",
        "80万5",
        "1,00",
        "0.001",
        "1" * 50,
        "9" * 300,
        "∞",
        "80万-90万",
    ],
)
def test_what_is_not_an_amount_is_refused_in_chinese(typed: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_answer(SPEND, typed)
    assert any("\u4e00" <= c <= "\u9fff" for c in str(caught.value))


def test_the_unit_of_the_field_never_doubles_a_written_unit() -> None:
    assert parse_answer(SPEND, "5亿", "wan") == "500000000.00"


@pytest.mark.parametrize(("typed", "raw"), [("3", 3), ("三级", 3), ("3级", 3), ("无等级", 0)])
def test_levels_by_number_or_name(typed: str, raw: int) -> None:
    assert parse_answer(FACTS["project.level_after"], typed) == raw


@pytest.mark.parametrize("typed", ["2025-5-2", "2025/05/02", "2025年5月2日", "2025.5.2"])
def test_dates(typed: str) -> None:
    assert parse_answer(FACTS["project.acceptance_applied_on"], typed) == "2025-05-02"


def test_a_day_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="没有 2025-02-30 这一天"):
        parse_answer(FACTS["project.acceptance_applied_on"], "2025-2-30")


@pytest.mark.parametrize("typed", ["3.2", "3.2%", "3.20 %"])
def test_rates(typed: str) -> None:
    assert parse_answer(FACTS["loan.annual_rate"], typed) == "3.2%"


def test_items_pasted_from_a_sheet_or_typed() -> None:
    expected = [
        {"amount": "1200.00", "kind": "software"},
        {"amount": "30000.00", "kind": "hardware"},
    ]
    assert parse_answer(INVOICES, "1200\t软件\n30,000\thardware") == expected
    assert parse_answer(INVOICES, "1200，软件\n3万，硬件\n\n") == expected


def test_items_name_the_wrong_line() -> None:
    with pytest.raises(ValueError, match="第 2 行的金额"):
        parse_answer(INVOICES, "1200，软件\n很多，硬件")
    with pytest.raises(ValueError, match="第 1 行应当有 2 项"):
        parse_answer(INVOICES, "1200")


def test_amounts_are_read_back() -> None:
    assert read_back(SPEND, "800000.00") == "800,000.00 元，即 80万元"
    assert read_back(SPEND, "999.50") == "999.50 元"
    assert typed_form(SPEND, "800000.00") == "800000"
