"""The proof must turn red when it should: controls of `tests.proofs.oracle`."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import polars as pl
import pytest

from shuzhuan.engine.policy.program import Program
from shuzhuan.engine.policy.readings.polars import evaluate_polars
from tests.oracle import columns
from tests.oracle.all_places import DECIDE
from tests.oracle.generate import DAYS, PLACES, Case
from tests.proofs import oracle

# The check of a loan's rate pays nothing, so there is no fen to spoil.
CLAUSES = [
    (place, clause)
    for place, decide in DECIDE.items()
    for clause, outcome in decide({}, DAYS[0], {}).clauses.items()
    if outcome.certainty is not None
]


def base_of(place: str, clause: str) -> Case:
    bases = PLACES[place].bases
    facts = dict(bases.get(clause) or bases[clause.split("-", maxsplit=1)[0]])
    if clause == "9-2":
        facts["enterprise.specialised_sme"] = "renewed"
    return Case(facts, DAYS[0], {})


@pytest.mark.parametrize(("place", "clause"), CLAUSES)
def test_one_fen_too_much_is_seen(place: str, clause: str) -> None:
    case = base_of(place, clause)
    assert oracle.differences(place, case) == []
    found = oracle.differences(place, case, broken=clause)
    assert [line for line in found if line.startswith(f"{clause} amount_fen: ")]


def test_a_broken_oracle_turns_the_proof_red(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--place", "yinchuan", "--cases", "50", "--workers", "1"]
    assert oracle.main(words) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(" differences=0")
    assert oracle.main([*words, "--break", "annex2"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("PROVE-ORACLE places=1 cases=50 boundaries=")
    assert not last.endswith(" differences=0")


def test_a_clause_that_does_not_exist_cannot_be_broken() -> None:
    with pytest.raises(SystemExit):
        oracle.main(["--place", "yinchuan", "--cases", "1", "--workers", "1", "--break", "99"])


def test_what_ran_nothing_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "boundaries", lambda place: iter(()))
    assert oracle.main(["--place", "yinchuan", "--cases", "0", "--workers", "1"]) == 1


def test_a_failing_engine_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise RuntimeError("no engine")

    monkeypatch.setattr(oracle, "library", broken)
    found = oracle.differences("yinchuan", base_of("yinchuan", "annex2"))
    assert found == ["engine raised RuntimeError: no engine"]


def test_a_printed_case_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = base_of("quanzhou", "1")
    path = tmp_path / "case.json"
    path.write_text(oracle.replayable("quanzhou", case), encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8"))["facts"] == case.facts
    assert oracle.main(["--replay", str(path)]) == 0
    assert "no difference" in capsys.readouterr().out


def test_the_columns_agree_and_turn_red_when_spoiled(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--columns", "--place", "yinchuan", "--cases", "40", "--workers", "1"]
    assert oracle.main(words) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("PROVE-COLUMNS places=1 cases=40 boundaries=")
    assert last.endswith(" differences=0")
    assert oracle.main([*words, "--break", "annex2"]) == 1


def test_an_unknown_paid_as_the_ceiling_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trap least(NULL, cap) = cap: a reading that pays it differs in a row."""

    def trapped(program: Program, frame: pl.DataFrame, **options: bool) -> pl.DataFrame:
        got = evaluate_polars(program, frame, **options)
        return got.with_columns(pl.col("2.amount").fill_null(10_000_000))

    pack, keys = oracle.library().get("quanzhou"), PLACES["quanzhou"].fields
    cases = [base_of("quanzhou", "2"), Case({"enterprise.is_pilot": True}, DAYS[0], {})]

    def honest(clause: str, fen: int) -> int:
        return fen

    monkeypatch.setattr(columns, "READINGS", {"polars": evaluate_polars})
    assert list(columns.differences(pack, keys, cases, honest)) == []
    monkeypatch.setattr(columns, "READINGS", {"polars": trapped})
    found = dict(columns.differences(pack, keys, cases, honest))
    assert list(found) == [1]
    assert found[1][0].endswith("2.amount: single None, columns 10000000")


def test_the_oracle_stands_alone() -> None:
    """No evaluator or generator may take anything from the product it judges."""
    folder = Path(__file__).parent
    judges = [path for path in folder.glob("*.py") if not path.name.startswith("test_")]
    judges.remove(folder / "columns.py")
    assert len(judges) >= 10
    for path in judges:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not any(name.split(".")[0] == "shuzhuan" for name in names), path.name
