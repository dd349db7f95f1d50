"""Cases → one line per enterprise and clause, with the reason in Chinese.

Everything is computed twice: as columns, and case by case for the steps that the text
quotes. The two are compared line by line; should they ever differ, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from shuzhuan.engine.policy.facts import FactDef
from shuzhuan.engine.policy.program import Clause, Program
from shuzhuan.engine.policy.readings.chinese import CHECK_STATUS, STATUS, Explainer
from shuzhuan.engine.policy.readings.frames import prepare
from shuzhuan.engine.policy.readings.polars import Part, query
from shuzhuan.engine.policy.readings.polars_missing import BITS, waited_for
from shuzhuan.engine.policy.readings.single import OPEN, YES, Slots, compile_single
from shuzhuan.engine.policy.tree import MAYBE, UNKNOWN

CERTAINTY = {"exact": "确定", "at_most": "不超过", "discretion": "酌情核定"}
ROWS_AT_ONCE = 5_000  # enterprises whose lines are in memory together

# Plain tuples: with five million of them, a class would cost more than the computation.
# number, name, code, clause number, title, status, amount where it applies, amount that
# follows if what is open turns out to hold (fen, None: none), certainty, reason.
Line = tuple[int, str, str, str, str, str, int | None, int | None, str, str]
# number, name, code, total of what applies, total with what is open (fen, None: not known).
Total = tuple[int, str, str, int | None, int | None]


class Disagreement(AssertionError):
    """The two computations differ: a defect of the program, never of the data."""


@dataclass(frozen=True, slots=True)
class ClauseSummary:
    """Counts by status word, and sums in fen."""

    clause: Clause
    counts: dict[str, int]
    amount: int
    if_amount: int


@dataclass(frozen=True, slots=True)
class _Told:
    """What the columns say of one clause, row by row; ``waiting`` in words."""

    status: list[int]
    amount: list[int]
    reason: list[int]
    waiting: list[str]


class Decisions:
    """Decisions of all rows of a frame of facts (internal integers by key)."""

    def __init__(self, program: Program, frame: pl.DataFrame) -> None:
        self._program = program
        self._single, self._explainer = compile_single(program), Explainer(program)
        self._frame = frame
        read = [fact.key for fact in program.facts if fact.key in frame.columns]
        # Without any fact a frame has no height of its own.
        cases = prepare([program], frame.select(read) if read else frame.clear(frame.height))
        self.columns = query([Part(program)], cases, reasons=True, missing=True).collect(
            engine="streaming"
        )
        self._waiting: list[dict[tuple[int, ...], str]] = [{} for _ in program.computed]

    def summaries(self, rows: Sequence[int]) -> list[ClauseSummary]:
        """Per clause, over ``rows``."""
        chosen = self.columns[list(rows)]
        result = []
        for clause in self._program.computed:
            status, amount = chosen[f"{clause.id}.status"], chosen[f"{clause.id}.amount"]
            counts = {word: int((status == at).sum()) for at, word in enumerate(words(clause))}
            applies, open_ = (int(amount.filter(status == at).sum()) for at in (YES, OPEN))
            result.append(ClauseSummary(clause, counts, applies, open_))
        return result

    def blocks(
        self,
        rows: Sequence[int],
        numbers: Sequence[int],
        names: Sequence[str],
        codes: Sequence[str],
    ) -> Iterator[tuple[list[Line], list[Total]]]:
        """Lines and totals of ``rows``, some thousand enterprises at a time. Raises Disagreement."""
        for start in range(0, len(rows), ROWS_AT_ONCE):
            block = list(rows[start : start + ROWS_AT_ONCE])
            who = [(numbers[row], names[row], codes[row]) for row in block]
            yield self._block(block, who)

    def _block(
        self, rows: list[int], who: list[tuple[int, str, str]]
    ) -> tuple[list[Line], list[Total]]:
        columns, trace = self.columns[rows], self._single.trace
        told = [self._told(at, columns) for at in range(len(self._program.computed))]
        sums = zip(*(_filled(columns[name]) for name in ("total", "total_if")), strict=True)
        fixed = [
            (c.number, c.title, words(c), CERTAINTY[c.certainty] if c.amount is not None else "")
            for c in self._program.computed
        ]
        heads = [len(f"{number}{title}：") for number, title, _, _ in fixed]
        text = self._explainer.text
        lines: list[Line] = []
        totals: list[Total] = []
        for i, (case, expected) in enumerate(zip(self._slots(rows), sums, strict=True)):
            outcomes, *traced = trace(case)
            if tuple(traced) != expected:
                raise Disagreement(_differ(who[i][0], "合计"))
            totals.append((*who[i], _known(expected[0]), _known(expected[1])))
            for at, outcome in enumerate(outcomes):
                status, amount, reason, _ = outcome
                clause, (number, title, word, certainty) = told[at], fixed[at]
                if (status, amount, reason) != (
                    clause.status[i],
                    clause.amount[i],
                    clause.reason[i],
                ):
                    raise Disagreement(_differ(who[i][0], number))
                why = text(at, case, outcome, clause.waiting[i])[heads[at] :]
                fen = amount if certainty and amount != UNKNOWN else None
                applies = fen if status == YES else None
                if_holds = fen if status == OPEN else None
                lines.append(
                    (*who[i], number, title, word[status], applies, if_holds, certainty, why)
                )
        return lines, totals

    def _told(self, at: int, columns: pl.DataFrame) -> _Told:
        clause = self._program.computed[at]
        facts, texts = waited_for(clause), self._waiting[at]
        parts = -(-len(facts) // BITS) or 1
        masks = zip(
            *(columns[f"{clause.id}.missing.{n}"].to_list() for n in range(parts)), strict=True
        )
        waiting = []
        for mask in masks:
            if mask not in texts:
                texts[mask] = "、".join(
                    fact.label for n, fact in enumerate(facts) if mask[n // BITS] >> n % BITS & 1
                )
            waiting.append(texts[mask])
        status, amount, reason = (
            _filled(columns[f"{clause.id}.{what}"]) for what in ("status", "amount", "reason")
        )
        return _Told(status, amount, reason, waiting)

    def _slots(self, rows: list[int]) -> Iterator[Slots]:
        """The cases of ``rows`` as the generated program takes them."""
        block = self._frame[rows]
        columns = [_slot_column(block, fact) for fact in self._program.facts]
        return zip(*columns, strict=True) if columns else iter([()] * len(rows))


def words(clause: Clause) -> tuple[str, ...]:
    """The words for status 0, 1 and 2."""
    return STATUS if clause.amount is not None else CHECK_STATUS


def _differ(number: int, what: str) -> str:
    return f"第 {number} 行 {what}：两种算法的结果不同，没有写出任何结果；请把这份表交给维护者"


def _filled(column: pl.Series) -> list[int]:
    return column.cast(pl.Int64).fill_null(UNKNOWN).to_list()


def _known(value: int) -> int | None:
    return None if value == UNKNOWN else value


def _slot_column(block: pl.DataFrame, fact: FactDef) -> list[object]:
    unknown = MAYBE if fact.kind == "bool" else UNKNOWN
    if fact.key not in block.columns:
        return [unknown] * block.height
    column = block[fact.key]
    if fact.kind == "list":
        return [UNKNOWN if items is None else _items(fact, items) for items in column.to_list()]
    return column.cast(pl.Int64).fill_null(unknown).to_list()


def _items(fact: FactDef, items: Sequence[dict[str, int | None]]) -> tuple[tuple[int, ...], ...]:
    marks = {field.key: MAYBE if field.kind == "bool" else UNKNOWN for field in fact.fields}
    return tuple(
        tuple(mark if (value := item[key]) is None else int(value) for key, mark in marks.items())
        for item in items
    )
