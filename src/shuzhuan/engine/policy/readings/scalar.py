"""Typed tree → straight-line integer code, one statement per node.

The text printed here is plain Python that also compiles as a numeric kernel: only
integers, comparisons and ``if``. An unknown number is ``U``; a truth value is 0, 1
or 2 (unknown). Where a fact is known for certain (a column without gaps) no guard
is printed. The same text serves one case (``single``) and a column (``kernel``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from ..program import Clause
from ..tree import (
    Aggregate,
    Arith,
    Between,
    Choice,
    Compare,
    Const,
    Extreme,
    Fact,
    Field,
    Logic,
    Member,
    Named,
    Node,
    Not,
    Shift,
    Year,
)

OPS = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Writer:
    """Prints the code of nodes; ``known`` are the keys of facts that are never unknown."""

    def __init__(
        self, slot: Callable[[str], str], known: Collection[str] = (), reasons: bool = True
    ) -> None:
        self.lines: list[str] = []
        self.indent = 1
        self._slot, self._known, self._reasons = slot, frozenset(known), reasons
        self._memo: list[dict[int, str]] = [{}]
        self._maybe: dict[int, bool] = {}
        self._weights: dict[int, int] = {}
        self._branching: set[int] = set()
        self._count = 0
        self.named: dict[int, str] = {}  # node -> variable, for the trace

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """An indented block; what is computed inside is not visible after it."""
        self.line(head)
        self.indent += 1
        self._memo.append({})
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self._memo.pop()
        self.indent -= 1

    def fresh(self, prefix: str = "v") -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def digits(self, clause: Clause | None) -> None:
        """Use the reason-code weights of ``clause`` from here on; none: branches do not count."""
        digits = () if clause is None else clause.digits
        self._weights = {id(d.node): d.weight for d in digits if d.node is not None}

    def forget_branches(self) -> None:
        """Let choices be computed again: one met in a condition must still count in the amount."""
        memo = self._memo[-1]
        self._memo[-1] = {key: memo[key] for key in memo if key not in self._branching}

    def maybe(self, node: Node) -> bool:
        """Whether the value can be unknown."""
        key = id(node)
        if key not in self._maybe:
            if isinstance(node, Fact):
                self._maybe[key] = node.fact.key not in self._known
            elif isinstance(node, Field | Aggregate):
                self._maybe[key] = True
            else:
                self._maybe[key] = any(self.maybe(c) for c in node.children())
        return self._maybe[key]

    def emit(self, node: Node) -> str:
        """Print what computes ``node``; returns the variable or literal that holds it."""
        for scope in self._memo:
            if id(node) in scope:
                return scope[id(node)]
        atom = _EMIT[type(node)](self, node)
        self._memo[-1][id(node)] = atom
        if isinstance(node, Extreme | Choice) or any(
            id(child) in self._branching for child in node.children()
        ):
            self._branching.add(id(node))
        self.named[id(node)] = atom
        return atom

    def assign(self, node: Node, value: str, guards: list[tuple[str, Node]], unknown: str) -> str:
        """``v = value``, or the unknown mark when any guarded operand is unknown."""
        name = self.fresh()
        tests = [f"{atom} == {unknown}" for atom, operand in guards if self.maybe(operand)]
        guard = f"{unknown} if {' or '.join(tests)} else " if tests else ""
        self.line(f"{name} = {guard}{value}")
        return name

    def mark(self, node: Node, index: int | str) -> None:
        """Add the digit of a choice to the reason code."""
        weight = self._weights.get(id(node))
        if weight is not None and self._reasons and index != 0:
            term = str(weight * index) if isinstance(index, int) else f"{weight} * ({index})"
            self.line(f"r += {term}")


def _unknown(node: Node) -> str:
    """The unknown mark of a node's type."""
    return "2" if node.type.kind == "bool" else "U"


def _times(atom: str, scale: int) -> str:
    return atom if scale == 1 else f"{atom} * {scale}"


def _const(w: Writer, node: Node) -> str:
    assert isinstance(node, Const)
    return str(node.value) if node.value >= 0 else f"({node.value})"


def _fact(w: Writer, node: Node) -> str:
    assert isinstance(node, Fact | Field)
    return w._slot(node.fact.key)


def _arith(w: Writer, node: Node) -> str:
    assert isinstance(node, Arith)
    left, right = w.emit(node.left), w.emit(node.right)
    value = f"{_times(left, node.scales[0])} {node.op} {_times(right, node.scales[1])}"
    return w.assign(node, value, [(left, node.left), (right, node.right)], "U")


def _extreme(w: Writer, node: Node) -> str:
    assert isinstance(node, Extreme)
    atoms = [w.emit(arg) for arg in node.args]
    sign = "<" if node.op == "min" else ">"
    scaled = []
    for atom, scale in zip(atoms, node.scales, strict=True):
        if scale == 1:
            scaled.append(atom)
        else:
            name = w.fresh()
            w.line(f"{name} = {atom} * {scale}")  # never read when the operand is unknown
            scaled.append(name)
    tests = [f"{a} == U" for a, arg in zip(atoms, node.args, strict=True) if w.maybe(arg)]
    name = w.fresh()
    if tests:
        with w.block(f"if {' or '.join(tests)}:"):
            w.line(f"{name} = U")
            w.mark(node, len(atoms))
        with w.block("else:"):
            _pick(w, node, name, scaled, sign)
    else:
        _pick(w, node, name, scaled, sign)
    return name


def _pick(w: Writer, node: Node, name: str, atoms: list[str], sign: str) -> None:
    """``name`` = the first of the best; two arguments are printed without a branch."""
    if len(atoms) == 2:
        first, second = atoms
        w.line(f"{name} = {second} if {second} {sign} {first} else {first}")
        w.mark(node, f"1 if {second} {sign} {first} else 0")
        return
    index = w.fresh("i")
    w.line(f"{name}, {index} = {atoms[0]}, 0")
    for at, atom in enumerate(atoms[1:], 1):
        with w.block(f"if {atom} {sign} {name}:"):
            w.line(f"{name}, {index} = {atom}, {at}")
    w.mark(node, index)


def _plain(node: Node) -> bool:
    while isinstance(node, Named):
        node = node.inner
    return isinstance(node, Const | Fact | Field)


def _choice(w: Writer, node: Node) -> str:
    assert isinstance(node, Choice)
    name = w.fresh()
    depth = 0
    for at, (test, value) in enumerate(zip(node.tests, node.values, strict=False)):
        atom = w.emit(test)
        certain = not w.maybe(test)
        with w.block(f"if {atom}:" if certain else f"if {atom} == 1:"):
            _settle(w, node, name, value, at)
        if not certain:
            with w.block(f"elif {atom} == 2:"):
                w.line(f"{name} = {_unknown(node)}")
                w.mark(node, len(node.values))
        w.line("else:")
        w.indent += 1
        w._memo.append({})
        depth += 1
    _settle(w, node, name, node.values[-1], len(node.values) - 1)
    for _ in range(depth):
        w.indent -= 1
        w._memo.pop()
    return name


def _settle(w: Writer, node: Choice, name: str, value: Node, at: int) -> None:
    atom, scale = w.emit(value), node.scales[at]
    if scale != 1 and w.maybe(value):
        w.line(f"{name} = U if {atom} == U else {atom} * {scale}")
    else:
        w.line(f"{name} = {_times(atom, scale)}")
    w.mark(node, at)


def _compare(w: Writer, node: Node) -> str:
    assert isinstance(node, Compare)
    left, right = w.emit(node.left), w.emit(node.right)
    # Truth values of facts use 2 for unknown; comparisons are never between truth values.
    test = f"{_times(left, node.scales[0])} {OPS[node.op]} {_times(right, node.scales[1])}"
    tests = [f"{atom} == U" for atom, n in ((left, node.left), (right, node.right)) if w.maybe(n)]
    name = w.fresh("b")
    guard = f"2 if {' or '.join(tests)} else " if tests else ""
    w.line(
        f"{name} = {guard}1 if {test} else 0"
        if not guard
        else f"{name} = {guard}(1 if {test} else 0)"
    )
    return name


def _member(w: Writer, node: Node) -> str:
    assert isinstance(node, Member)
    atom = w.emit(node.operand)
    test = " or ".join(f"{atom} == {c}" for c in node.choices)
    name = w.fresh("b")
    guard = f"2 if {atom} == {_unknown(node.operand)} else " if w.maybe(node.operand) else ""
    w.line(f"{name} = {guard}(1 if {test} else 0)")
    return name


def _logic(w: Writer, node: Node) -> str:
    assert isinstance(node, Logic)
    atoms = [w.emit(arg) for arg in node.args]
    name = w.fresh("b")
    if not w.maybe(node):
        sign = " & " if node.op == "and" else " | "
        w.line(f"{name} = {sign.join(atoms)}")
        return name
    decisive = 0 if node.op == "and" else 1
    decided = " or ".join(f"{a} == {decisive}" for a in atoms)
    open_ = " or ".join(f"{a} == 2" for a, n in zip(atoms, node.args, strict=True) if w.maybe(n))
    w.line(f"{name} = {decisive} if {decided} else (2 if {open_} else {1 - decisive})")
    return name


def _not(w: Writer, node: Node) -> str:
    assert isinstance(node, Not)
    atom = w.emit(node.operand)
    name = w.fresh("b")
    guard = f"2 if {atom} == 2 else " if w.maybe(node.operand) else ""
    w.line(f"{name} = {guard}1 - {atom}")
    return name


def _named(w: Writer, node: Node) -> str:
    assert isinstance(node, Named)
    return w.emit(node.inner)


def _shift(w: Writer, node: Node) -> str:
    assert isinstance(node, Shift)
    day, amount = w.emit(node.operand), w.emit(node.amount)
    value = f"{day} + {amount}" if node.unit == "days" else f"add_months({day}, {amount})"
    return w.assign(node, value, [(day, node.operand), (amount, node.amount)], "U")


def _between(w: Writer, node: Node) -> str:
    assert isinstance(node, Between)
    left, right = w.emit(node.left), w.emit(node.right)
    return w.assign(node, f"{right} - {left}", [(left, node.left), (right, node.right)], "U")


def _year(w: Writer, node: Node) -> str:
    assert isinstance(node, Year)
    day = w.emit(node.operand)
    return w.assign(node, f"year_of({day})", [(day, node.operand)], "U")


def _aggregate(w: Writer, node: Node) -> str:
    assert isinstance(node, Aggregate)
    items, name, row = w.emit(node.items), w.fresh(), w.fresh("it")
    outer = w._slot
    places = {f.key: at for at, f in enumerate(node.fields)}
    with w.block(f"if {items} == U:"):
        w.line(f"{name} = U")
    with w.block("else:"):
        w.line(f"{name} = 0")
        with w.block(f"for {row} in {items}:"):
            w._slot = lambda key: f"{row}[{places[key]}]" if key in places else outer(key)
            _item(w, node, name)
            w._slot = outer
    return name


def _item(w: Writer, node: Aggregate, name: str) -> None:
    """One pass of the loop: skip, add, or give up because something is unknown."""
    where = w.emit(node.where) if node.where is not None else "1"
    with w.block(f"if {where} == 0:"):
        w.line("continue")
    value = w.emit(node.item) if node.item is not None else "1"
    with w.block(f"if {where} == 2 or {value} == U:"):
        w.line(f"{name} = U")
        w.line("break")
    w.line(f"{name} += {value}")


_EMIT: dict[type[Node], Callable[[Writer, Node], str]] = {
    Const: _const,
    Fact: _fact,
    Field: _fact,
    Arith: _arith,
    Extreme: _extreme,
    Choice: _choice,
    Compare: _compare,
    Member: _member,
    Logic: _logic,
    Not: _not,
    Named: _named,
    Shift: _shift,
    Between: _between,
    Year: _year,
    Aggregate: _aggregate,
}
