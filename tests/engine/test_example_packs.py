"""The invented packs: every form of rule met across the country, with results computed by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from shuzhuan.engine.policy.documents import load_texts
from shuzhuan.engine.policy.pack import Pack, load_pack
from shuzhuan.engine.policy.testing import run_cases

PACKS = Path(__file__).parent / "packs"
COMMON = PACKS / "common"
TODAY = date(2026, 1, 5)

# What domain.md lists under "What rules look like across the country" → where it is said.
FORMS = {
    "level after": "1",
    "level before": "2",
    "batch": "3",
    "completion date": "4",
    "first-pass result": "5",
    "project class": "6",
    "vendor class": "7",
    "score band": "8",
    "base limited twice": "9",
    "date windows on contract, invoice and payment": "10",
    "minimum and maximum amounts": "11",
    "per-unit awards": "12",
    "annual quotas and counts per enterprise": "13",
    "cumulative ceilings over years": "14",
    "rates that fall with time": "15",
    "instalments and prepayments on another base, settled later": "16",
    "bonuses on top of the cap": "17",
    "exclusions by earlier awards": "18",
    "sharing ratios": "19-1",
    "shares with a floor for a lower government": "19-2",
    "loan interest with the principal limited by real investment": "21",
    "relative deadlines": "23",
    "two platform timestamps that decide a stage": "24",
}


@pytest.fixture(scope="module", params=["plain", "everything"])
def pack(request: pytest.FixtureRequest) -> Pack:
    return load_pack(PACKS / request.param, COMMON)


@pytest.fixture(scope="module")
def everything() -> Pack:
    return load_pack(PACKS / "everything", COMMON)


def test_all_cases_come_out_as_computed_by_hand(pack: Pack) -> None:
    outcomes = run_cases(pack, TODAY)
    assert len(outcomes) == len(pack.source.cases) > 0
    assert [(o.name, o.failures) for o in outcomes if o.failures] == []


def test_control_a_wrong_expectation_fails() -> None:
    files = {path.name: path.read_bytes() for path in (PACKS / "everything").glob("*.yaml")}
    changes = {
        "amount: 75万元": "amount: 74万元",
        "total: 275000.02元": "total: 275000.03元",
        "province: 120000.01元, city: 40000元": "province: 120000元, city: 40000.01元",
        "because: [three_years]": "because: [titled]",
        "missing: [trial.score]": "missing: [trial.batch]",
        "{clause: 19-2, status: 适用, amount: 3万元": "{clause: 19-2, status: 资料不足, amount: 3万元",
    }
    text = files["cases.yaml"].decode()
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    files["cases.yaml"] = text.encode()
    source = load_texts(files, (COMMON / "facts.yaml").read_bytes())
    failed = [outcome for outcome in run_cases(Pack(source), TODAY) if outcome.failures]
    assert len(failed) == len(changes)


def test_every_form_has_a_clause_with_a_case_that_pays(everything: Pack) -> None:
    clauses = {clause.id for clause in everything.source.clauses}
    paid = {
        expected.clause
        for case in everything.source.cases
        for expected in case.expect
        if expected.amount
    }
    assert set(FORMS.values()) <= clauses
    assert set(FORMS.values()) <= paid


def test_all_three_certainties_and_lending_lines_are_used(everything: Pack) -> None:
    certainties = {clause.certainty for clause in everything.source.clauses}
    assert {"exact", "at_most", "discretion"} <= certainties
    budget = everything.source.budget
    assert budget is not None
    assert [(line.lends_to, line.order) for line in budget.lines] == [
        (("awards",), "first_come"),
        (("rebuild",), "first_come"),
    ]


def test_instalments_are_paid_one_after_the_other(everything: Pack) -> None:
    """Half of 1.5 million is 750,000: 200,000 at once, 300,000 midway, 250,000 at the end."""
    facts: dict[str, object] = {
        "trial.audited": "1500000",
        "trial.contract_amount": "1200000",
        "trial.contract_signed": True,
        "trial.midterm_passed": True,
        "trial.accepted": False,
    }
    result = everything.bind(TODAY).decide(facts).result("16")
    assert [(i.name, i.amount_fen, i.due) for i in result.instalments] == [
        ("预付", 20_000_000, True),
        ("中期", 30_000_000, True),
        ("尾款", 25_000_000, False),
    ]
    facts |= {"trial.audited": "600000"}  # 300,000 in all: the second instalment takes what is left
    result = everything.bind(TODAY).decide(facts).result("16")
    assert [i.amount_fen for i in result.instalments] == [20_000_000, 10_000_000, 0]


def test_validity_is_told(everything: Pack) -> None:
    def notices(day: date) -> str:
        return "".join(everything.bind(day).decide({}).notices)

    assert notices(TODAY) == ""
    assert "尚未施行" in notices(date(2025, 1, 31))
    assert "已超过有效期" in notices(date(2028, 1, 1))


def test_a_correction_counts_only_once_it_is_known(everything: Pack) -> None:
    facts: dict[str, object] = {
        "trial.platform_spend": "1000000",
        "trial.contract_on": "2026-01-01",
    }
    day = date(2026, 6, 1)

    def amount(known_on: date) -> int | None:
        return everything.bind(day, known_on=known_on).decide(facts).result("15").amount_fen

    assert amount(date(2026, 2, 28)) == 30_000_000
    assert amount(date(2026, 3, 1)) == 35_000_000
