"""Program → SQL text that an auditor can read, for DuckDB and Spark; the same columns as ``polars``.

One common table expression a clause, commented with its number, title and citation.
Amounts are fen, dates are days since 1970-01-01, NULL is unknown. No functions of our
own: what is printed is what runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import FactDef
from ..program import Clause, Program
from ..tree import Const, Named, walk
from .reasons import Reasons
from .sql_nodes import SqlNodes
from .sql_text import DIALECTS, Sql, SqlAlgebra, big, case, indented
from .totals import Totals, split_columns

if TYPE_CHECKING:
    import polars as pl

TABLE = "cases"  # one row per case, one column per fact
_INT32 = 2**31 - 1
_TYPES = {"bool": "BOOLEAN"}
_NOTES = {
    "duckdb": "在 DuckDB 中运行；整数运算溢出时报错，不会悄悄出错。",
    "spark": "在 Spark 3.4 以上运行，先执行 SET spark.sql.ansi.enabled = true（否则溢出不报错）。",
}


def sql_text(
    program: Program,
    dialect: str = "duckdb",
    *,
    reasons: bool = False,
    shares: bool = True,
    given: Collection[str] | None = None,
    carry: Sequence[str] = (),
) -> str:
    """The query over the table ``cases``.

    ``given``: the facts that the table has columns for (all by default; others are
    unknown). ``carry``: other columns of the table that go into the result. Raises
    KeyError for an unknown dialect.
    """
    return _Query(program, dialect, given, carry).text(reasons=reasons, shares=shares)


def evaluate_duckdb(
    program: Program, frame: pl.DataFrame, reasons: bool = False, shares: bool = False
) -> pl.DataFrame:
    """The columns of ``polars``, computed by DuckDB. Raises ColumnError."""
    import duckdb  # noqa: PLC0415 - a second engine, loaded only when asked for
    import polars as pl  # noqa: PLC0415

    from .frames import prepare  # noqa: PLC0415

    cases = prepare([program], frame)
    text = sql_text(program, reasons=reasons, shares=shares, given=cases.frame.columns)
    with duckdb.connect() as connection:
        connection.register(TABLE, _Stream(cases.frame))
        arrays: dict[str, Any] = connection.execute(text).fetchnumpy()
    return pl.DataFrame([_series(name, values) for name, values in arrays.items()])


def _series(name: str, values: Any) -> pl.Series:
    """A masked array as a column; the Arrow way out would leave warnings behind at exit."""
    import numpy as np  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    dtype = pl.Int8 if name.endswith(".status") else pl.Int64
    column = pl.Series(name, np.ma.getdata(values)).cast(dtype)
    gaps = pl.Series(np.ma.getmaskarray(values))
    return column.set(gaps, None) if gaps.any() else column


class _Stream:
    """Hands a frame over by the Arrow interface alone, so that pyarrow is not needed."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self._frame.__arrow_c_stream__(requested_schema)


class _Query:
    """Prints one program."""

    def __init__(
        self, program: Program, dialect: str, given: Collection[str] | None, carry: Sequence[str]
    ) -> None:
        self._program, self._dialect = program, DIALECTS[dialect]
        self._nodes, self._algebra = SqlNodes(self._dialect), SqlAlgebra(self._dialect)
        self._given, self._carry = given, carry
        self._outputs: list[str] = []

    def text(self, *, reasons: bool, shares: bool) -> str:
        parts = [("事实", "facts", "\n".join(self._facts()))]
        for at, clause in enumerate(self._program.computed, 1):
            source = parts[-1][1]
            body = self._select(list(self._clause(clause, reasons, shares)), source)
            title = f"{clause.number} {clause.title}（依据：{clause.cite}）"
            parts.append((title, f"clause_{at}", body))
        totals = self._select(list(self._totals()), parts[-1][1])
        parts.append(("叠加与合计", "totals", totals))
        tables = ",\n\n".join(
            f"{_comment(title)}\n{name} AS (\n    {indented(body)}\n)"
            for title, name, body in parts
        )
        names = [self._dialect.identifier(n) for n in (*self._carry, *self._outputs)]
        chosen = ",\n    ".join(names)
        return f"{self._head()}\nWITH\n{tables}\n\nSELECT\n    {chosen}\nFROM totals\n"

    def _head(self) -> str:
        program = self._program
        chosen = "，".join(
            f"{reading}：{program.option_labels.get((reading, option), option)}"
            for reading, option in sorted(program.chosen.items())
        )
        lines = [
            f"政策包 {program.pack_id} {program.pack_version}，摘要 {program.pack_digest}",
            f"测算日期 {program.as_of.isoformat()}，已知日期 {program.known_on.isoformat()}",
            *([f"口径 {chosen}"] if chosen else []),
            f"输入表 {TABLE}：一行一个企业，一列一个事实；金额为分，日期为自 1970-01-01 的天数，",
            "时间为自 1970-01-01 的秒数（北京时间），选项为序号（从 0 起），NULL 为未知。",
            "status：0 不适用，1 适用，2 资料不足；amount 为分，2 时是条件都成立后的金额。",
            _NOTES[self._dialect.name],
            *program.notices,
        ]
        return "\n".join(_comment(line) for line in lines)

    def _select(self, columns: list[tuple[str, str, str]], source: str) -> str:
        """``columns``: name, expression, comment."""
        lines = ["*"]
        for name, expression, note in columns:
            text = f"{expression} AS {self._dialect.identifier(name)}"
            lines.append((f"{_comment(note)}\n" if note else "") + text)
        body = ",\n".join(lines)
        return f"SELECT\n    {indented(body)}\nFROM {source}"

    # -- facts ---------------------------------------------------------------------

    def _facts(self) -> Iterator[str]:
        yield "SELECT"
        columns = [str(self._dialect.identifier(name)) for name in self._carry]
        for fact in self._program.facts:
            name, kind = self._dialect.identifier(fact.key), self._type(fact)
            given = self._given is None or fact.key in self._given
            source = name if given else "NULL"
            note = fact.label if given else f"{fact.label}（没有这一列）"
            cast = (
                str(name)
                if given and fact.kind == "list"
                else f"CAST({source} AS {kind}) AS {name}"
            )
            columns.append(f"{_comment(note)}\n{cast}")
        yield "    " + indented(",\n".join(columns or ["1 AS no_facts"]))
        yield f"FROM {TABLE}"

    def _type(self, fact: FactDef) -> str:
        if fact.kind == "list":
            return self._dialect.list_type([(f.key, self._type(f)) for f in fact.fields])
        return _TYPES.get(fact.kind, "BIGINT")

    # -- one clause -------------------------------------------------------------------

    def _clause(
        self, clause: Clause, reasons: bool, shares: bool
    ) -> Iterator[tuple[str, str, str]]:
        with self._nodes.steps() as columns:
            for node in _named_steps(clause):
                name = f"{clause.id}:{node.name}"
                if id(node) not in columns:
                    expression = self._nodes.expr(node.inner)
                    unit = f"（÷{node.den}）" if node.den != 1 else ""
                    yield name, expression, f"{node.label}{unit}"
                    columns[id(node)] = self._dialect.identifier(name)
            holds = self._holds(clause)
            if holds is not None:
                name = f"{clause.id}:holds"
                noted = "；".join(c.id for c in clause.tested)
                yield name, holds, f"条件：{noted}"
                holds = self._dialect.identifier(name)
            yield from self._results(clause, holds, reasons, shares)

    def _results(
        self, clause: Clause, holds: Sql | None, reasons: bool, shares: bool
    ) -> Iterator[tuple[str, str, str]]:
        algebra = self._algebra
        amount = self._dialect.identifier(f"{clause.id}.amount")
        self._outputs += [f"{clause.id}.status", f"{clause.id}.amount"]
        yield f"{clause.id}.amount", self._amount(clause, holds), "金额（分）"
        maybe = clause.amount is not None and self._nodes.maybe(clause.amount)
        rows = []
        if holds is not None:
            rows.append((algebra.negate(holds), algebra.lit(0)))
        unsure = [algebra.is_null(holds)] if holds is not None and self._open(clause) else []
        unsure += [algebra.is_null(amount)] if maybe else []
        if unsure:
            rows.append((algebra.either(unsure), algebra.lit(2)))
        status = case(rows, algebra.lit(1)) if rows else algebra.lit(1)
        yield f"{clause.id}.status", status, ""
        if reasons:
            yield self._output(clause, "reason"), self._reason(clause, holds), "原因码"
        if shares and clause.shares is not None and clause.amount is not None:
            most = clause.amount.hi // clause.amount.den
            names = {party: name for party, name, _ in clause.shares.parts}
            split = split_columns(clause.shares, amount, most, algebra)
            for party, expression in split.items():
                yield self._output(clause, f"share.{party}"), expression, f"分担：{names[party]}"

    def _output(self, clause: Clause, what: str) -> str:
        name = f"{clause.id}.{what}"
        self._outputs.append(name)
        return name

    def _holds(self, clause: Clause) -> Sql | None:
        """All conditions together; None when there is none."""
        nodes = [c.node for c in clause.tested]
        if any(isinstance(node, Const) and node.value == 0 for node in nodes):
            return self._algebra.no()
        tests = [self._nodes.expr(node) for node in nodes if not isinstance(node, Const)]
        return self._algebra.both(tests) if tests else None

    def _open(self, clause: Clause) -> bool:
        return any(self._nodes.maybe(c.node) for c in clause.tested)

    def _amount(self, clause: Clause, holds: Sql | None) -> Sql:
        if clause.amount is None:
            return self._algebra.lit(0)
        amount = self._nodes.amount(clause.amount)
        if isinstance(clause.amount, Const):
            amount = big(amount)
        if holds is None:
            return amount
        return case([(self._algebra.negate(holds), self._algebra.lit(0))], amount)

    def _reason(self, clause: Clause, holds: Sql | None) -> Sql:
        algebra = SqlAlgebra(self._dialect, wide=clause.reasons > _INT32)
        reasons: Reasons[Sql] = Reasons(clause, self._nodes, algebra)
        states, branches = reasons.states(), reasons.branches()
        if branches is None:
            return states
        if holds is not None:
            branches = case([(self._algebra.negate(holds), self._algebra.lit(0))], branches)
        return self._algebra.add([states, branches])

    # -- the totals --------------------------------------------------------------------

    def _totals(self) -> Iterator[tuple[str, str, str]]:
        algebra, zero = self._algebra, self._algebra.lit(0)
        totals: Totals[Sql] = Totals(self._program, self._nodes, algebra)
        counted = [c for c in self._program.computed if c.counts]
        applies, if_holds = {}, {}
        for clause in counted:
            amount = self._dialect.identifier(f"{clause.id}.amount")
            status = self._dialect.identifier(f"{clause.id}.status")
            yield (
                f"{clause.id}:kept",
                algebra.when(algebra.equal(status, algebra.lit(1)), amount, zero),
                f"{clause.number} 适用时计入",
            )
            yield f"{clause.id}:kept_if", algebra.when(algebra.is_null(amount), zero, amount), ""
            applies[clause.id] = self._dialect.identifier(f"{clause.id}:kept")
            if_holds[clause.id] = self._dialect.identifier(f"{clause.id}:kept_if")
        rules = "；".join(f"{r.say}（{r.cite}）" for r in self._program.stacking)
        yield "total", totals.total(applies), f"适用条款合计。{rules}"
        yield "total_if", totals.total(if_holds), "若资料补齐且条件都成立"
        self._outputs += ["total", "total_if"]


def _named_steps(clause: Clause) -> list[Named]:
    roots = [c.node for c in clause.tested]
    if clause.amount is not None:
        roots.append(clause.amount)
    found = {id(n): n for root in roots for n in walk(root) if isinstance(n, Named)}
    return [node for node in found.values() if not isinstance(node.inner, Const)]


def _comment(text: str) -> str:
    return "-- " + " ".join(text.split())
