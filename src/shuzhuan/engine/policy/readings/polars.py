"""Program → Polars: status, amount, reason and shares of every clause, and the totals, as columns.

Columns of the result, all named after the clause: ``{id}.status`` (Int8; 0 不适用, 1 适用,
2 资料不足), ``{id}.amount`` (Int64 fen, null when it cannot be computed), on request
``{id}.reason`` (Int64) and ``{id}.share.{party}`` (Int64 fen); ``total`` and ``total_if``
(Int64 fen, null when a limit is unknown). Equal to ``single`` to the fen and to the code.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

# Twenty columns of 25,000 rows stay in the processor's cache: 10 % to 30 % faster than the
# default of 100,000. Read once, when Polars starts streaming; a user's own setting wins.
os.environ.setdefault("POLARS_IDEAL_MORSEL_SIZE", "25000")

import polars as pl

from ..program import Clause, Program
from ..tree import Aggregate, Const, Node
from .frames import Cases, prepare
from .polars_algebra import PolarsAlgebra
from .polars_missing import masks
from .polars_nodes import Column, Translator, flag, item_columns, judged_by_case
from .reasons import Reasons
from .totals import Totals, split_columns

Stage = dict[str, pl.Expr]
_OPEN = 2  # 资料不足
_NARROW: tuple[tuple[pl.DataType, int], ...] = ((pl.Int16(), 2**15), (pl.Int32(), 2**31))


@dataclass(frozen=True, slots=True)
class Part:
    """One program in a query; ``prefix`` goes before the names of its columns."""

    program: Program
    prefix: str = ""


def evaluate_polars(
    program: Program, frame: pl.DataFrame, reasons: bool = False, shares: bool = False
) -> pl.DataFrame:
    """The columns described above, row by row as in ``frame``. Raises ColumnError."""
    cases = prepare([program], frame)
    return query([Part(program)], cases, reasons, shares).collect(engine="streaming")


def query(
    parts: Sequence[Part],
    cases: Cases,
    reasons: bool = False,
    shares: bool = False,
    missing: bool = False,
) -> pl.LazyFrame:
    """One lazy query for several programs over the same cases; select from it what is needed.

    ``missing`` adds ``{id}.missing.{n}``: what ``polars_missing.masks`` says, 0 where the
    clause is not 资料不足.
    """
    frame = cases.frame
    columns = {
        key: Column(pl.col(key), frame.schema[key], key not in cases.known) for key in frame.columns
    }
    plans = []
    for part in parts:
        translator = Translator(columns)
        for at, node in enumerate(judged_by_case(_roots(part.program))):
            name = f"#{part.prefix}{at}.sum"
            if node.items.fact.key in cases:
                sums = _flat_sum(node, frame, columns, translator)
                frame = frame.with_columns(sums.alias(name))
                translator.place(node, pl.col(name))
        plans.append(_Plan(part, translator, reasons, shares, missing))
    lazy = frame.lazy()
    for stage in zip(*(plan.stages() for plan in plans), strict=True):
        lazy = lazy.with_columns(**{name: expr for each in stage for name, expr in each.items()})
    return lazy.select([name for plan in plans for name in plan.outputs])


class _Plan:
    """The stages of one program: gates, amounts, then what follows from them."""

    def __init__(
        self, part: Part, translator: Translator, reasons: bool, shares: bool, missing: bool
    ) -> None:
        self._program, self._prefix = part.program, part.prefix
        self._translator, self._reasons, self._shares = translator, reasons, shares
        self._missing = missing
        self.outputs: list[str] = []

    def stages(self) -> Iterator[Stage]:
        clauses = self._program.computed
        yield {self._gate(c): gate for c in clauses if isinstance(gate := self._holds(c), pl.Expr)}
        computed = {self._name(c, "amount"): self._amount(c) for c in clauses}
        if self._reasons:  # beside the amounts, so that what both need is computed once
            computed |= {self._name(c, "reason"): self._reason(c) for c in clauses}
        yield computed
        last: Stage = {}
        for clause in clauses:
            last[self._name(clause, "status")] = self._status(clause)
            self.outputs += [self._name(clause, "status"), self._name(clause, "amount")]
            if self._reasons:
                self.outputs.append(self._name(clause, "reason"))
            if self._shares and clause.shares is not None and clause.amount is not None:
                amount = pl.col(self._name(clause, "amount"))
                most = clause.amount.hi // clause.amount.den
                split = split_columns(clause.shares, amount, most, PolarsAlgebra())
                for party, expr in split.items():
                    last[self._name(clause, f"share.{party}")] = expr
                    self.outputs.append(self._name(clause, f"share.{party}"))
        yield last
        yield self._totals() | (self._waiting() if self._missing else {})

    def _name(self, clause: Clause, what: str) -> str:
        return f"{self._prefix}{clause.id}.{what}"

    def _gate(self, clause: Clause) -> str:
        return f"#{self._prefix}{clause.id}.holds"

    def _holds(self, clause: Clause) -> pl.Expr | bool:
        """All conditions together, null while none is false and one is unknown."""
        nodes = [c.node for c in clause.tested]
        if any(isinstance(node, Const) and node.value == 0 for node in nodes):
            return False
        tests = [self._translator.expr(n) for n in nodes if not isinstance(n, Const)]
        return reduce(lambda a, b: a & b, tests) if tests else True

    def _known(self, clause: Clause) -> pl.Expr | bool:
        """``_holds`` as a later stage reads it."""
        holds = self._holds(clause)
        return holds if isinstance(holds, bool) else pl.col(self._gate(clause))

    def _open(self, clause: Clause) -> bool:
        """Whether the conditions can be undecided."""
        if self._holds(clause) is False:
            return False
        return any(self._translator.maybe(c.node) for c in clause.tested)

    def _amount(self, clause: Clause) -> pl.Expr:
        holds, node = self._known(clause), clause.amount
        zero = pl.lit(0, dtype=pl.Int64)
        if node is None or holds is False:
            return zero
        amount = self._translator.expr(node)
        if node.den != 1:
            amount = amount // pl.lit(node.den, dtype=pl.Int64)
        if isinstance(holds, bool):
            return amount
        if self._open(clause):
            return pl.when(~holds).then(zero).otherwise(amount)  # unknown: what follows if it holds
        if self._translator.maybe(node):
            return pl.when(holds).then(amount).otherwise(zero)
        return amount * flag(holds).cast(pl.Int64)  # measured: much faster than when/then

    def _status(self, clause: Clause) -> pl.Expr:
        holds, node = self._known(clause), clause.amount
        gate = pl.lit(holds) if isinstance(holds, bool) else holds
        status = flag(gate)
        if self._open(clause):
            status = pl.when(gate.is_null()).then(pl.lit(_OPEN, dtype=pl.Int8)).otherwise(status)
        if node is None or not self._translator.maybe(node) or holds is False:
            return status
        unknown = gate & pl.col(self._name(clause, "amount")).is_null()
        return pl.when(unknown).then(pl.lit(_OPEN, dtype=pl.Int8)).otherwise(status)

    def _reason(self, clause: Clause) -> pl.Expr:
        """The code, added up in the narrowest integer that holds it."""
        fitting = (kind for kind, most in _NARROW if clause.reasons <= most)
        algebra = PolarsAlgebra(next(fitting, None))
        reasons = Reasons(clause, self._translator, algebra)
        states, branches, holds = reasons.states(), reasons.branches(), self._known(clause)
        if branches is None or holds is False:
            code = states
        elif isinstance(holds, bool):
            code = states + branches
        elif self._open(clause):
            code = states + pl.when(~holds).then(algebra.lit(0)).otherwise(branches)
        else:
            code = states + branches * algebra.when(holds, algebra.lit(1), algebra.lit(0))
        return code.cast(pl.Int64)

    def _waiting(self) -> Stage:
        """What every open clause waits for."""
        waiting: Stage = {}
        for clause in self._program.computed:
            is_open = pl.col(self._name(clause, "status")) == _OPEN
            for at, mask in enumerate(masks(clause, self._translator)):
                zero = pl.lit(0, dtype=pl.Int64)
                name = self._name(clause, f"missing.{at}")
                waiting[name] = pl.when(is_open).then(mask).otherwise(zero)
        self.outputs += waiting
        return waiting

    def _totals(self) -> Stage:
        """Both totals; where nothing can be open they are the same number."""
        counted = [c for c in self._program.computed if c.counts]
        kept, kept_if = {}, {}
        sure = True
        for clause in counted:
            amount = pl.col(self._name(clause, "amount"))
            assert clause.amount is not None
            if self._translator.maybe(clause.amount):
                amount, sure = amount.fill_null(pl.lit(0, dtype=pl.Int64)), False
            kept_if[clause.id] = amount
            if self._open(clause):
                sure = False
                gate = pl.col(self._gate(clause))
                amount = pl.when(gate).then(amount).otherwise(pl.lit(0, dtype=pl.Int64))
            kept[clause.id] = amount
        names = [f"{self._prefix}total", f"{self._prefix}total_if"]
        self.outputs += names
        totals = Totals(self._program, self._translator, PolarsAlgebra())
        applies = totals.total(kept)
        return {names[0]: applies, names[1]: applies if sure else totals.total(kept_if)}


def _roots(program: Program) -> list[Node]:
    nodes: list[Node] = [node for clause in program.computed for node in clause.nodes()]
    return nodes + [rule.limit for rule in program.stacking if rule.limit is not None]


def _flat_sum(
    node: Aggregate, frame: pl.DataFrame, columns: dict[str, Column], translator: Translator
) -> pl.Series:
    """A sum whose items are judged by facts of their case: one row per item, then back."""
    key, item = node.items.fact.key, pl.col("#item")
    flat = (
        frame.with_columns(pl.col(key).alias("#item"))
        .with_row_index("#row")
        .filter(pl.col(key).list.len() > 0)
        .explode("#item")
    )
    fields = item_columns(node, item)
    part = translator.item_value(node, {**columns, **fields}, item).alias("#part")
    sums = (
        flat.select("#row", part)
        .group_by("#row")
        .agg(pl.col("#part").sum(), pl.col("#part").is_null().any().alias("#open"))
    )
    rows = frame.select(pl.col(key).is_null().alias("#none")).with_row_index("#row")
    joined = rows.join(sums, on="#row", how="left", maintain_order="left")
    open_ = pl.col("#none") | pl.col("#open").fill_null(value=False)
    value = pl.when(~open_).then(pl.col("#part").fill_null(0))
    return joined.select(value.cast(pl.Int64)).to_series()
