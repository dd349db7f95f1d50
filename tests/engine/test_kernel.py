"""The compiled kernel gives, for every value in range, exactly what one case at a time gives."""

from __future__ import annotations

import importlib.util
import itertools
import random
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shuzhuan.engine.policy.bind import BindError
from shuzhuan.engine.policy.pack import Library, Pack, load_pack
from shuzhuan.engine.policy.program import Program
from shuzhuan.engine.policy.readings import kernel, kernel_store
from shuzhuan.engine.policy.readings.frames import ColumnError
from shuzhuan.engine.policy.readings.kernel import (
    Arena,
    KernelUnavailable,
    Part,
    Unsupported,
    Wanted,
    evaluate_kernel,
    kernel_for,
    packed_places,
    unpack_reasons,
)
from shuzhuan.engine.policy.readings.kernel_code import generate
from shuzhuan.engine.policy.tree import Aggregate, walk
from tests.engine.cases import random_values, thresholds
from tests.engine.columns_kit import (
    Case,
    assert_same,
    expected,
    frame_of,
    random_cases,
    random_clauses,
)
from tests.engine.kernel_kit import interpreted, without_compiler
from tests.engine.kit import AS_OF, one_clause, write_pack

pytest.importorskip("numba")
PLACES = ("hongsibu", "pengyang", "quanzhou", "yinchuan", "zhongning")
TODAY = date(2025, 12, 1)
# Compiling all of Quanzhou takes longer than all other tests; these hold each of its forms.
SOME = {"quanzhou": ["1", "2", "3", "5", "15", "18"]}


def edge_cases(program: Program, count: int, gaps: float, seed: int) -> list[Case]:
    """On, below and above every threshold, the ends of the ranges, and at random."""
    rng = random.Random(seed)
    marks = thresholds(program)
    found: list[Case] = [{f.key: f.lo for f in program.facts}, {f.key: f.hi for f in program.facts}]
    known = [random_values(program, rng, 1 - gaps, marks) for _ in range(count)]
    found += [{f.key: values.get(f.key) for f in program.facts} for values in known]
    return found + random_cases(program, count, gaps, seed)


def choices(pack: Pack) -> list[dict[str, str]]:
    """Every combination of the readings' options."""
    listed = [[(reading, o) for o in options] for reading, options in pack.readings.items()]
    return [dict(picked) for picked in itertools.product(*listed)]


@pytest.mark.parametrize("place", PLACES)
def test_compiled_without_and_with_gaps(place: str) -> None:
    program = Library.load().get(place).bind(TODAY, clauses=SOME.get(place))
    for gaps in (0.0, 0.2):
        assert_same(program, edge_cases(program, 600, gaps, seed=1), evaluate_kernel)


@pytest.mark.parametrize("place", PLACES)
def test_printed_for_every_option_of_every_reading(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = Library.load().get(place)
    with without_compiler(monkeypatch):
        for at, chosen in enumerate(choices(pack)):
            program = pack.bind(TODAY, readings=chosen)
            for gaps in (0.0, 0.3):
                assert_same(program, edge_cases(program, 40, gaps, at), evaluate_kernel)


@pytest.mark.parametrize("seed", range(12))
def test_random_packs(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clauses, rules = random_clauses(random.Random(seed), 8)
    pack = load_pack(write_pack(tmp_path / "t", clauses, rules))
    whole = pack.bind(AS_OF)
    ids = [
        clause.id
        for clause in whole.computed
        if not any(isinstance(n, Aggregate) for root in clause.nodes() for n in walk(root))
    ]
    if not ids:
        pytest.skip("every clause of this pack sums over invoices")
    program = pack.bind(AS_OF, clauses=ids)
    with without_compiler(monkeypatch):
        for gaps in (0.0, 0.3):
            try:
                assert_same(program, random_cases(program, 120, gaps, seed), evaluate_kernel)
            except Unsupported as error:  # a ceiling that is itself a sum over invoices
                assert "Aggregate" in str(error)


def test_control_a_kernel_broken_by_one_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Library.load().get("hongsibu").bind(TODAY)
    cases = edge_cases(program, 200, 0.0, seed=3)
    for right, wrong in (("U(45000000)", "U(45000001)"), ("<= U(", "< U("), ("// U(5)", "// U(6)")):
        with without_compiler(monkeypatch), monkeypatch.context() as patch:
            patch.setattr(
                kernel,
                "_compiled",
                lambda text, kept, a=right, b=wrong: interpreted(_changed(text, a, b)),
            )
            with pytest.raises(AssertionError, match="single, columns"):
                assert_same(program, cases, evaluate_kernel)


def _changed(text: str, right: str, wrong: str) -> str:
    assert right in text
    return text.replace(right, wrong)


def test_only_integers_are_typed() -> None:
    program = Library.load().get("zhongning").bind(TODAY, clauses=["1", "4", "5"])
    keys = {fact.key for fact in program.facts}
    for known, gaps in ((keys, set()), (set(), keys)):
        code = generate([Part(program)], known, gaps, Wanted(reasons="packed", shares=True))
        run = kernel._compiled(code.text, kept=False)
        run(0, 0, True, np.zeros(len(keys) * 2 + len(code.outputs), np.int64))
        seen = 0
        for function in run.py_func.__globals__.values():  # type: ignore[attr-defined]
            for overload in getattr(function, "overloads", {}).values():
                types = {str(t) for t in overload.type_annotation.typemap.values()}
                assert not [t for t in types if "float" in t or "complex" in t]
                seen += 1
        assert seen > len(program.computed)


def test_packed_reasons_are_the_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    with without_compiler(monkeypatch):
        for place in PLACES:
            program = Library.load().get(place).bind(TODAY)
            cases = random_cases(program, 60, 0.2, seed=5)
            got = evaluate_kernel(program, frame_of(program.facts, cases), reasons="packed")
            places = packed_places([Part(program)])
            codes = unpack_reasons(places, got)
            columns = {p.column for p in places.values()}
            assert len(columns) <= 6 or len(columns) < len(program.computed) / 2
            for at, row in enumerate(expected(program, cases)):
                for clause in program.computed:
                    assert codes[clause.id][at] == row[f"{clause.id}.reason"]


def test_several_places_at_once_and_columns_that_nobody_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programs = {p: Library.load().get(p).bind(TODAY) for p in ("hongsibu", "zhongning")}
    parts = [Part(program, f"{place}.") for place, program in programs.items()]
    facts = {f.key: f for program in programs.values() for f in program.facts}
    del facts["project.hardware_spend"]
    with without_compiler(monkeypatch):
        compiled = kernel_for(parts, set(facts), set(), Wanted())
        columns = {
            key: np.full(3, fact.lo, np.bool_ if fact.kind == "bool" else np.int64)
            for key, fact in facts.items()
        }
        got = compiled.run(columns)
        for place, program in programs.items():
            row = next(expected(program, [{key: fact.lo for key, fact in facts.items()}]))
            for clause in program.computed:
                assert (
                    got[f"{place}.{clause.id}.status"].tolist() == [row[f"{clause.id}.status"]] * 3
                )


@pytest.mark.parametrize("dtype", ["int64", "int8"])
def test_a_value_out_of_range_is_named(dtype: str) -> None:
    program = Library.load().get("zhongning").bind(TODAY, clauses=["4"])
    keys = {"enterprise.chain_cases"}
    compiled = kernel_for(
        [Part(program)], keys, set(), Wanted(), {"enterprise.chain_cases": "int64"}
    )
    column = np.zeros(20_000, dtype)
    assert compiled.run({"enterprise.chain_cases": column})["total"].sum() == 0
    for wrong in (21, -1):
        column[15_001] = wrong
        with pytest.raises(ColumnError, match=r"第 15002 行 enterprise\.chain_cases"):
            compiled.run({"enterprise.chain_cases": column})
    frame = pl.DataFrame({"enterprise.chain_cases": column})
    with pytest.raises(ColumnError, match=r"第 15002 行 enterprise\.chain_cases"):
        evaluate_kernel(program, frame)


def test_sums_over_invoices_are_left_to_others(tmp_path: Path) -> None:
    program = one_clause(tmp_path / "t", "amount: sum(t.lines, amount)\n").bind(AS_OF)
    with pytest.raises(Unsupported, match="Aggregate"):
        evaluate_kernel(program, pl.DataFrame({"t.yes": [True]}))


def test_no_place_for_the_cache_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Library.load().get("yinchuan").bind(TODAY)
    cases = random_cases(program, 20, 0.0, seed=1)
    occupied = tmp_path / "file"
    occupied.write_text("")
    open_to_all = tmp_path / "shared"
    (open_to_all / "kernels").mkdir(parents=True)
    (open_to_all / "kernels").chmod(0o777)
    for folder in (occupied, open_to_all):
        monkeypatch.setenv("SHUZHUAN_CACHE_DIR", str(folder))
        kernel._compiled.cache_clear()
        kernel._kernels.clear()
        assert kernel_store.stored("kernel_x", "") is None
        assert_same(program, cases, evaluate_kernel)


def test_what_is_kept_is_used_again_and_a_broken_cache_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUZHUAN_CACHE_DIR", str(tmp_path))
    program = Library.load().get("yinchuan").bind(TODAY)
    cases = random_cases(program, 20, 0.0, seed=1)
    for _ in range(3):
        kernel._compiled.cache_clear()
        kernel._kernels.clear()
        assert_same(program, cases, evaluate_kernel)
        kept = list((tmp_path / "kernels" / "__pycache__").glob("*.nb[ci]"))
        assert len(kept) == 2  # an index and one compiled driver
        for path in kept:
            if path.suffix == ".nbc":
                path.write_bytes(b"")


def test_without_numba_there_is_a_clear_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    kernel._compiled.cache_clear()
    with pytest.raises(KernelUnavailable, match=r"shuzhuan\[fast\]"):
        kernel._compiled("", kept=True)


def test_memory_is_used_again_only_when_nobody_holds_it() -> None:
    arena = Arena()
    first = arena.empty(1000, np.int64)
    first[:] = 7
    part = first[10:20]
    place = first.ctypes.data
    del first
    second = arena.empty(1000, np.int64)
    second[:] = 1
    assert part.tolist() == [7] * 10
    assert second.ctypes.data != place
    del part
    third = arena.empty(1000, np.int64)
    assert third.ctypes.data == place
    rest = pl.Series("third", third)  # without a copy
    third[:] = 3
    del third
    arena.empty(1000, np.int64)[:] = 4
    assert rest.sum() == 3000
    assert Arena(most_bytes=0).empty(5, np.int8).shape == (5,)


def test_a_program_of_some_clauses() -> None:
    pack = Library.load().get("quanzhou")
    whole, some = pack.bind(TODAY), pack.bind(TODAY, clauses=["1", "5"])
    assert [clause.id for clause in some.clauses] == ["1", "5"]
    assert [rule.id for rule in some.stacking] == ["one_subsidy", "bonuses"]
    assert pack.bind(TODAY, clauses=["5", "1"]) is some
    assert pack.bind(TODAY) is whole
    with pytest.raises(BindError, match="没有条款 99"):
        pack.bind(TODAY, clauses=["1", "99"])
