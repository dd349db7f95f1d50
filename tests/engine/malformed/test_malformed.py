"""Each mistake gives one problem: in the right place, in plain Chinese, with a remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shuzhuan.engine.policy.documents import load_texts
from shuzhuan.engine.policy.errors import PackError, Problem
from shuzhuan.engine.policy.pack import Pack

from .row import Row, read_rows

PACKS = Path(__file__).parents[1] / "packs"
COMMON = (PACKS / "common" / "facts.yaml").read_bytes()
PLAIN = {path.name: path.read_text("utf-8") for path in (PACKS / "plain").glob("*.yaml")}
TABLES = ("pack", "facts", "clauses", "cases", "process", "targets", "budget", "workplan")
ROWS = [row for table in (*TABLES, "organization", "yaml") for row in read_rows(table)]
FORMULAS = [row for table in ("formulas", "pack_formulas") for row in read_rows(table)]
_ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}")


def problems_of(files: dict[str, str]) -> tuple[Problem, ...]:
    """What the loader and the formula compiler say about the files of one pack."""
    try:
        Pack(load_texts({name: text.encode() for name, text in files.items()}, COMMON)).check()
    except PackError as error:
        return error.problems
    return ()


def check_row(row: Row, changed: str, problems: tuple[Problem, ...]) -> None:
    """One problem, where the row says, with what the row says, in Chinese, with a remedy."""
    said = "\n".join(problem.text() for problem in problems)
    assert len(problems) == 1, said or "nothing was said"
    problem = problems[0]
    assert row.says in problem.text(), said
    assert str(problem.position) == row.place(changed), said
    assert problem.hint, said
    assert not _ENGLISH.search(problem.message + "。" + problem.hint), said


def test_the_plain_pack_has_no_problem() -> None:
    assert problems_of(PLAIN) == ()


def test_rows_have_different_names() -> None:
    names = [str(row) for row in [*ROWS, *FORMULAS]]
    assert len(names) >= 400
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", [*ROWS, *FORMULAS], ids=str)
def test_one_mistake_gives_one_problem(row: Row) -> None:
    changed = row.changed(PLAIN[row.file])
    check_row(row, changed, problems_of({**PLAIN, row.file: changed}))


def test_all_mistakes_of_all_files_are_said_at_once() -> None:
    """Two rows of each file together give all their problems, in the order of the files."""
    wanted = {"pack": "version-letter", "facts": "source-unknown", "clauses": "quota-zero"}
    wanted |= {"cases": "expect-status", "budget": "rule-bound", "organization": "deputies-text"}
    chosen = [row for row in ROWS if wanted.get(row.table) == row.name]
    assert len(chosen) == len(wanted)
    changed = dict(PLAIN)
    for row in chosen:
        changed[row.file] = row.changed(changed[row.file])
    problems = problems_of(changed)
    assert [problem.position.file.removesuffix(".yaml") for problem in problems] == [
        "pack", "facts", "clauses", "budget", "organization", "cases",
    ]  # fmt: skip
    for row in chosen:
        assert any(row.says in problem.text() for problem in problems)


def test_a_text_of_many_thousand_characters_is_refused() -> None:
    changed = PLAIN["clauses.yaml"].replace("软件指采购的软件", "长" * 4001)
    (problem,) = problems_of({**PLAIN, "clauses.yaml": changed})
    assert "文字超过 4000 字" in problem.text()


def test_control_a_row_that_says_something_else_is_noticed() -> None:
    row = next(row for row in ROWS if row.name == "version-letter")
    changed = row.changed(PLAIN[row.file])
    problems = problems_of({**PLAIN, row.file: changed})
    wrong = [
        Row(row.table, row.file, row.name, row.old, row.new, row.at, "别的话"),
        Row(row.table, row.file, row.name, row.old, row.new, "place", row.says),
    ]
    check_row(row, changed, problems)
    for other in wrong:
        with pytest.raises(AssertionError):
            check_row(other, changed, problems)
    with pytest.raises(AssertionError):
        check_row(row, changed, problems * 2)
    with pytest.raises(AssertionError):
        check_row(row, changed, ())
