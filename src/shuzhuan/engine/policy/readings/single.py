"""One case: the pack as one generated Python function, with or without its trace.

A case is a tuple of integers in the order of ``program.facts`` (``case`` makes it).
``amounts`` gives status, amount and reason code per clause; ``trace`` also keeps the
value of every step, from which the explanation is written without computing again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import dates
from ..facts import FactDef, Item, Value
from ..program import Clause, Program, StackingRule
from ..tree import MAYBE, UNKNOWN, Const, Fact, Field, Logic, Member, Named, Node, walk
from ..tree import Compare as _Compare
from ..tree import Not as _Not
from .scalar import Writer

Slots = tuple[Any, ...]
NO, YES, OPEN = 0, 1, 2  # 不适用, 适用, 资料不足 (for checks: 不符合, 符合, 资料不足)


# One clause: status, amount in fen (UNKNOWN when it cannot be computed), reason code, and the
# values of ``steps_of``. Plain tuples: a named one costs three times as much to make.
Outcome = tuple[int, int, int, tuple[int, ...]]
# Outcomes, then the total of what applies, then the total with what is still open.
Trace = tuple[tuple[Outcome, ...], int, int]


@dataclass(frozen=True)
class Single:
    """Compiled functions of a program; ``amounts`` returns plain (status, amount, reason) tuples."""

    program: Program
    amounts: Callable[[Slots], tuple[Any, int, int]]
    trace: Callable[[Slots], Trace]

    def case(self, values: Mapping[str, Value]) -> Slots:
        """The slots of a case from parsed facts; what is missing is unknown."""
        return tuple(_slot(fact, values.get(fact.key)) for fact in self.program.facts)


def _slot(fact: FactDef, value: Value | None) -> Any:
    if value is None:
        return MAYBE if fact.kind == "bool" else UNKNOWN
    if isinstance(value, tuple):
        return tuple(_item(fact, item) for item in value)
    return value


def _item(fact: FactDef, item: Item) -> tuple[int, ...]:
    return tuple(_slot(f, v) for f, v in zip(fact.fields, item, strict=True))


def compile_single(program: Program) -> Single:
    """Generate and compile both functions of ``program``."""
    return Single(program, _compile(program, traced=False), _compile(program, traced=True))


def steps_of(clause: Clause) -> tuple[Node, ...]:
    """The nodes whose values a traced outcome carries, in order: conditions first, then the amount."""
    nodes = [c.node for c in clause.tested]
    if clause.amount is not None:
        nodes.append(clause.amount)
    seen: dict[int, Node] = {}
    for root in nodes:
        for node in walk(root):
            if not isinstance(
                node, Const | Fact | Field | Named | Logic | Member | _Compare | _Not
            ):
                seen.setdefault(id(node), node)
    return tuple(seen.values())


def _condition_steps(clause: Clause) -> int:
    """How many of ``steps_of`` belong to the conditions."""
    return len(
        {id(n) for c in clause.tested for n in walk(c.node)} & {id(n) for n in steps_of(clause)}
    )


def _compile(program: Program, traced: bool) -> Callable[[Slots], Any]:
    slots = {fact.key: f"x{at}" for at, fact in enumerate(program.facts)}
    writer = Writer(slots.__getitem__)
    writer.lines.append("def run(f):")
    if slots:
        writer.line(f"({', '.join(slots.values())},) = f")
    for at, clause in enumerate(program.computed):
        _clause(writer, at, clause, traced)
    totals = [totals_code(writer, program, suffix) for suffix in ("", "_if")]
    outcomes = "".join(
        f"(s{i}, a{i}, r{i}, t{i}), " if traced else f"(s{i}, a{i}, r{i}), "
        for i in range(len(program.computed))
    )
    writer.line(f"return ({outcomes}), {totals[0]}, {totals[1]}")
    names: dict[str, Any] = {"U": UNKNOWN, "add_months": dates.add_months, "year_of": dates.year_of}
    exec(compile("\n".join(writer.lines), f"<{program.pack_id}>", "exec"), names)  # noqa: S102
    function: Callable[[Slots], Any] = names["run"]
    return function


def _clause(w: Writer, at: int, clause: Clause, traced: bool) -> None:
    """Status ``s``, amount ``a``, reason ``r`` and steps ``t`` of one clause."""
    w.digits(None)
    atoms = [w.emit(c.node) for c in clause.tested]
    w.forget_branches()
    w.digits(clause)
    weights = {d.condition: d.weight for d in clause.digits if d.node is None}
    terms = [
        f"{a} * {weights[i]}" if weights[i] > 1 else a for i, a in enumerate(atoms) if i in weights
    ]
    w.line(f"r = {' + '.join(terms) or '0'}")
    steps = steps_of(clause)
    early = steps[: _condition_steps(clause)]
    no = " or ".join(f"{a} == 0" for i, a in enumerate(atoms) if i in weights) or "False"
    open_ = " or ".join(f"{a} == 2" for i, a in enumerate(atoms) if w.maybe(clause.tested[i].node))
    if any(isinstance(c.node, Const) and c.node.value == 0 for c in clause.tested):
        no = "True"
    with w.block(f"if {no}:"):
        w.line(f"s{at} = a{at} = 0")
        if traced:
            w.line(f"t{at} = {_tuple(w, early)}")
    with w.block("else:"):
        if clause.amount is None:
            w.line(f"s{at} = {f'2 if {open_} else 1' if open_ else '1'}")
            w.line(f"a{at} = 0")
        else:
            _amount(w, at, clause, open_, traced)
        if traced:
            w.line(f"t{at} = {_tuple(w, steps)}")
    w.line(f"r{at} = r")


def _amount(w: Writer, at: int, clause: Clause, open_: str, traced: bool) -> None:
    amount = clause.amount
    assert amount is not None
    start = len(w.lines)
    for named in clause.hoisted:
        w.emit(named)
    value = w.emit(amount)
    if traced:
        _declare(w, start)
    floor = value if amount.den == 1 else f"{value} // {amount.den}"
    settled = f"2 if {open_} else 1" if open_ else "1"
    if not w.maybe(amount):
        w.line(f"a{at} = {floor}")
        w.line(f"s{at} = {settled}")
        return
    with w.block(f"if {value} == U:"):
        w.line(f"s{at}, a{at} = 2, U")
    with w.block("else:"):
        w.line(f"a{at} = {floor}")
        w.line(f"s{at} = {settled}")


def _declare(w: Writer, start: int) -> None:
    """Steps of branches that are not taken are unknown in the trace: name them beforehand."""
    depth = "    " * w.indent
    inner = [
        name
        for text in w.lines[start:]
        if text.startswith(depth + " ")
        for name in _assigned(text.strip())
    ]
    names = list(dict.fromkeys(inner))
    if names:
        w.lines.insert(start, f"{depth}{' = '.join(names)} = U")


def _assigned(text: str) -> Iterator[str]:
    target, sign, _ = text.partition(" = ")
    if sign and not text.startswith(("if ", "elif ", "for ")):
        yield from (name for name in target.split(", ") if name.startswith("v"))


def _tuple(w: Writer, nodes: tuple[Node, ...]) -> str:
    return "(" + "".join(f"{w.named.get(id(n), 'U')}, " for n in nodes) + ")"


def totals_code(w: Writer, program: Program, suffix: str) -> str:
    """Print the stacking of one total; returns its variable. ``suffix`` ``_if`` adds what is open."""
    kept: dict[str, str] = {}
    for at, clause in enumerate(program.computed):
        if not clause.counts:
            continue
        name = kept[clause.id] = f"k{at}{suffix}"
        holds = f"s{at} == 1" if not suffix else f"a{at} != U"  # an amount of 不适用 is 0
        w.line(f"{name} = a{at} if {holds} else 0")
    unknown: list[str] = []
    for rule in program.stacking:
        members = [kept[c] for c in rule.clauses if c in kept]
        if rule.rule == "exclusive" and len(members) > 1:
            _exclusive(w, members)
        elif rule.rule == "ceiling" and members:
            unknown.extend(_ceiling(w, rule, members))
    total = f"total{suffix}"
    w.line(f"{total} = {' + '.join(kept.values()) or '0'}")
    if unknown:
        w.line(f"if {' or '.join(unknown)}: {total} = U")
    return total


def _exclusive(w: Writer, members: list[str]) -> None:
    best = w.fresh("m")
    w.line(f"{best} = max({', '.join(members)})")
    for member in members:
        with w.block(f"if {member} == {best}:"):
            w.line(f"{best} = -1")
        with w.block("else:"):
            w.line(f"{member} = 0")


def _ceiling(w: Writer, rule: StackingRule, members: list[str]) -> list[str]:
    assert rule.limit is not None
    limit, over = w.emit(rule.limit), w.fresh("e")
    w.line(f"{over} = {' + '.join(members)} - {limit} // {rule.limit.den}")
    with w.block(f"if {over} > 0:"):
        cut = w.fresh("c")
        for member in reversed(members):
            w.line(f"{cut} = {member} if {member} < {over} else {over}")
            w.line(f"{member} -= {cut}")
            w.line(f"{over} -= {cut}")
    return [f"({limit} == U)"] if w.maybe(rule.limit) else []
