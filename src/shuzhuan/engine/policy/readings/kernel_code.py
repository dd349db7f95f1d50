"""Programs → the text of one module of compiled loops.

One function per clause over the slices of a block of rows, so that a loop touches few
arrays (a compiler checks each pair for overlap and gives up beyond some dozens); one
driver that walks the blocks, so that a block's columns stay in the cache from clause to
clause. The driver also proves every value to be in its fact's range before it is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from ..facts import FactDef
from ..program import Clause, Program, Shares, StackingRule
from ..tree import LIMIT, UNKNOWN, Node
from .kernel_nodes import NO, U32, YES, Body, Number, Unsupported, both, either, literal, opposite
from .kernel_reach import Reach
from .kernel_reasons import Reasons

BLOCK = 4096  # rows; their columns and results together stay within a core's second cache
_ADDENDS = 6  # arrays per loop of a sum

HEADER = """\
# Generated; edit the policy pack or the generator instead.
import numpy as np
from numba import njit
from shuzhuan.engine.policy import dates
from shuzhuan.engine.policy.readings.kernel_pointer import array_at

U, I, L, UNKNOWN = np.uint32, np.int64, np.uint64, np.int64({unknown})
add_months = njit(error_model="numpy")(dates.add_months)
year_of = njit(error_model="numpy")(dates.year_of)
"""
OUTSIDE = """\
@njit(error_model="numpy")
def outside_{dtype}(n, x, least, most):
    x = array_at(x, n, np.{dtype})
    low = high = x[0]
    for i in range(n):
        low = x[i] if x[i] < low else low
        high = x[i] if x[i] > high else high
    return low < least or high > most
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One program of a kernel; ``prefix`` goes before the names of its columns."""

    program: Program
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a kernel computes besides the amounts. ``reasons``: no, clause (a column each) or packed.

    ``shares`` of the clauses, and totals of the programs, that are named by id with prefix and by
    prefix; or True for all.
    """

    status: bool = True
    reasons: str = "no"
    shares: bool | frozenset[str] = False
    total: bool | frozenset[str] = True
    total_if: bool | frozenset[str] = True


def _named(wanted: bool | frozenset[str], name: str) -> bool:
    return wanted if isinstance(wanted, bool) else name in wanted


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reason code of a clause is: ``column // weight % count``."""

    column: str
    weight: int
    count: int


@dataclass(frozen=True)
class Code:
    """A printed kernel: its text and the order of its arrays."""

    text: str
    facts: tuple[FactDef, ...]  # that are read, in the order of the arguments
    types: Mapping[str, str]  # fact -> type of its array
    gaps: tuple[FactDef, ...]  # facts whose validity is an argument too, after all facts
    outputs: Mapping[str, str]  # column -> type
    aliases: Mapping[str, str]  # column -> the column that holds the same numbers
    places: Mapping[str, Place]  # clause, with prefix -> its reason code
    open: tuple[str, ...]  # columns that may hold UNKNOWN


def generate(
    parts: Sequence[Part],
    known: Collection[str],
    gaps: Collection[str],
    wanted: Wanted,
    types: Mapping[str, str] | None = None,
) -> Code:
    """Print the kernel for columns ``known`` (no gaps) and ``gaps``. Raises Unsupported.

    ``types``: numpy types of columns that are not of the narrowest type of their fact.
    """
    return _Printer(parts, frozenset(known), frozenset(gaps), wanted, types or {}).code()


def narrowest(fact: FactDef) -> str:
    """The smallest numpy type that holds every value of a fact."""
    if fact.kind == "bool":
        return "bool_"
    for bits in (8, 16, 32):
        if -(2 ** (bits - 1)) <= fact.lo and fact.hi < 2 ** (bits - 1):
            return f"int{bits}"
    return "int64"


def placed(parts: Sequence[Part], *, packed: bool) -> dict[str, Place]:
    """Where reason codes are. Packed: first fit, largest first, into 32 bits, which vectorise best."""
    counted = [(f"{p.prefix}{c.id}", c.reasons) for p in parts for c in p.program.computed]
    if not packed:
        return {name: Place(f"{name}.reason", 1, count) for name, count in counted}
    places: dict[str, Place] = {}
    columns: list[tuple[int, int]] = []  # what is used, and what fits
    for name, count in sorted(counted, key=lambda each: -each[1]):
        at = next((at for at, (used, most) in enumerate(columns) if used * count < most), None)
        if at is None:
            at = len(columns)
            columns.append((1, U32 if count < U32 else LIMIT))
        used, most = columns[at]
        places[name] = Place(f"reasons.{at}", used, count)
        columns[at] = (used * count, most)
    return places


class _Printer:
    def __init__(
        self, parts: Sequence[Part], known: frozenset[str], gaps: frozenset[str], wanted: Wanted,
        types: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._parts, self._known, self._gaps, self._wanted = parts, known, gaps, wanted
        found = {f.key: f for part in parts for f in part.program.facts}
        self._facts = [f for key, f in found.items() if key in known | gaps]
        self._names = {fact.key: str(at) for at, fact in enumerate(self._facts)}
        self._types = {fact.key: types.get(fact.key, narrowest(fact)) for fact in self._facts}
        self._dtypes = {f"x{self._names[key]}": dtype for key, dtype in self._types.items()}
        self._dtypes |= {f"k{name}": "bool_" for name in self._names.values()}
        self._read: dict[str, None] = {}
        self._outputs: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._open: list[str] = []
        self._arrays: dict[str, str] = {}  # output column -> its array
        self._functions: list[str] = []
        self._calls: list[tuple[str, list[str]]] = []
        self._places = placed(parts, packed=wanted.reasons == "packed")
        self._filled: set[str] = set()

    def code(self) -> Code:
        for part in self._parts:
            undecided = {c.id for c in part.program.computed if self._clause(part, c)}
            self._totals(part, undecided)
        facts = [f for f in self._facts if f"x{self._names[f.key]}" in self._read]
        gaps = [f for f in facts if f"k{self._names[f.key]}" in self._read]
        checks = [OUTSIDE.format(dtype=f"int{bits}") for bits in (8, 16, 32, 64)]
        text = HEADER.format(unknown=UNKNOWN) + "\n\n" + "\n\n".join(checks + self._functions)
        text += "\n\n" + self._driver(facts, gaps)
        return Code(
            text, tuple(facts), {f.key: self._types[f.key] for f in facts}, tuple(gaps),
            self._outputs, self._aliases,
            self._places if self._wanted.reasons != "no" else {}, tuple(dict.fromkeys(self._open)),
        )  # fmt: skip

    # -- columns --------------------------------------------------------------------

    def _output(self, name: str, dtype: str) -> str:
        """The array of an output column."""
        if name not in self._arrays:
            self._arrays[name] = f"o{len(self._arrays)}"
            self._outputs[name] = self._dtypes[self._arrays[name]] = dtype
        return self._arrays[name]

    # -- clauses --------------------------------------------------------------------

    def _clause(self, part: Part, clause: Clause) -> bool:
        """Print the function of one clause; returns whether it can be open."""
        name = part.prefix + clause.id
        told = self._wanted.reasons != "no"
        roots = [c.node for c in clause.tested]
        if clause.amount is not None:
            roots.append(clause.amount)
        ids = {id(d.node) for d in clause.digits if d.node is not None} if told else set()
        body = Body(self._names, self._known, self._gaps, Reach(roots, ids))
        truths = [body.truth(c.node) for c in clause.tested]
        fails = body.condition(either(*(body.condition(t.no) for t in truths)))
        holds = body.condition(both(*(body.condition(t.yes) for t in truths)))
        given = YES if clause.amount is None else body.known(clause.amount)
        live = body.condition(opposite(fails))
        is_open = fails != YES and any(body.open(c.node) for c in clause.tested)
        outputs: list[str] = []
        # A total tells by the status whether an amount that is open counts.
        if self._wanted.status or (
            is_open and clause.counts and _named(self._wanted.total, part.prefix)
        ):
            outputs.append(array := self._output(f"{name}.status", "int8"))
            settled = body.condition(both(holds, given))
            rest = f"(I(0) if {fails} else I(2))" if is_open or given != YES else "I(0)"
            body.lines.append(f"{array}[i] = I(1) if {settled} else {rest}")
        if told:
            outputs.append(self._reason(body, clause, self._places[name], live))
        outputs.append(array := self._output(f"{name}.amount", "int64"))
        if given != YES:
            self._open.append(f"{name}.amount")
        amount = self._amount(body, clause, live, given)
        body.lines.append(f"{array}[i] = {amount.text}")
        outputs += self._shares(body, name, clause, amount, given)
        self._function(f"c{len(self._functions)}", body, outputs)
        return is_open

    def _amount(self, body: Body, clause: Clause, live: str, given: str) -> Number:
        if clause.amount is None or live == NO:
            return literal(0)
        value = body.quotient(clause.amount, 1, clause.amount.den)
        if given != YES:
            text = f"{value.wide} if {given} else UNKNOWN"
            value = Number(body.keep(text), min(value.lo, UNKNOWN), value.hi, narrow=False)
        return body.pick(live, value, literal(0))

    def _reason(self, body: Body, clause: Clause, place: Place, live: str) -> str:
        packed = self._wanted.reasons == "packed"
        wide = not packed or any(
            p.column == place.column and p.weight * p.count >= U32 for p in self._places.values()
        )
        array = self._output(place.column, "int64" if wide else "uint32")
        text = Reasons(body, clause, place.weight, wide).text(live)
        if array in self._filled:
            before = f"{array}[i] + {text}"
            text = before if wide else f"U({before})"
        self._filled.add(array)
        body.lines.append(f"{array}[i] = {text}")
        return array

    def _function(self, name: str, body: Body, outputs: Sequence[str]) -> None:
        """Add a function of ``body`` over its arrays, and its call in the driver."""
        arrays = list(dict.fromkeys([*body.arrays, *outputs]))
        self._read.update(body.arrays)
        lines = [
            '@njit(error_model="numpy")',
            f"def {name}(n, {', '.join(arrays)}):",
            *(f"    {a} = array_at({a}, n, np.{self._dtypes[a]})" for a in arrays),
            "    for i in range(n):",
            *(f"        {line}" for line in body.lines),
        ]
        self._functions.append("\n".join(lines) + "\n")
        self._calls.append((name, arrays))

    # -- shares -----------------------------------------------------------------------

    def _shares(
        self, body: Body, name: str, clause: Clause, amount: Number, given: str
    ) -> list[str]:
        chosen = _named(self._wanted.shares, name)
        if not chosen or clause.shares is None or clause.amount is None:
            return []
        known = amount if given == YES else body.pick(
            given, Number(amount.text, 0, amount.hi, amount.narrow), literal(0)
        )  # fmt: skip
        parts = _floored(body, clause.shares, known) if clause.shares.floors else _split(
            body, clause.shares, known
        )  # fmt: skip
        arrays = []
        for party, _, _ in clause.shares.parts:
            column = f"{name}.share.{party}"
            arrays.append(array := self._output(column, "int64"))
            text = parts[party].text
            if given != YES:
                self._open.append(column)
                text = f"{amount.text} if {amount.text} == UNKNOWN else {parts[party].wide}"
            body.lines.append(f"{array}[i] = {text}")
        return arrays

    # -- totals -----------------------------------------------------------------------

    def _totals(self, part: Part, undecided: Collection[str]) -> None:
        counted = [c for c in part.program.computed if c.counts]
        amounts = {c.id: self._arrays[f"{part.prefix}{c.id}.amount"] for c in counted}
        unknown = {c.id for c in counted if f"{part.prefix}{c.id}.amount" in self._open}
        undecided = {c.id for c in counted} & set(undecided)
        names = [f"{part.prefix}total", f"{part.prefix}total_if"]
        settled = _named(self._wanted.total, part.prefix)
        if settled:
            self._total(part, names[0], amounts, unknown, undecided)
        if _named(self._wanted.total_if, part.prefix):
            if settled and not unknown | undecided:
                self._aliases[names[1]] = names[0]
            else:
                self._total(part, names[1], amounts, unknown, set())

    def _total(
        self, part: Part, column: str, amounts: Mapping[str, str], unknown: set[str],
        undecided: set[str],
    ) -> None:  # fmt: skip
        """Print one total; what is only alone in a rule is summed in short loops of its own."""
        rules = [r for r in part.program.stacking if r.rule != "additive"]
        groups = _joined(rules, list(amounts))
        array = self._output(column, "int64")
        first = True
        for members, ruled in groups:
            body = Body(self._names, self._known, self._gaps, Reach(_limits(ruled), ()))
            kept = {c: self._kept(body, part, c, amounts[c], unknown, undecided) for c in members}
            lost = [_apply(body, rule, kept) for rule in ruled]
            total = " + ".join(kept.values()) or "I(0)"
            total = total if first else f"{array}[i] + {total}"
            before = column in self._open
            if any(each != YES for each in lost):
                known = body.condition(both(*lost))
                total = f"({total} if {known} else UNKNOWN)"
                self._open.append(column)
            if before:  # without its limit there is no total, whatever is added
                total = f"UNKNOWN if {array}[i] == UNKNOWN else {total}"
            body.lines.append(f"{array}[i] = {total}")
            self._function(f"c{len(self._functions)}", body, [array])
            first = False
        if first:
            body = Body(self._names, self._known, self._gaps, Reach((), ()))
            body.lines.append(f"{array}[i] = I(0)")
            self._function(f"c{len(self._functions)}", body, [array])

    def _kept(
        self, body: Body, part: Part, clause: str, array: str, unknown: set[str],
        undecided: set[str],
    ) -> str:  # fmt: skip
        """The amount of a clause that counts in this total."""
        body.arrays.setdefault(array)
        text = f"{array}[i]"
        if clause in unknown:
            text = body.keep(f"I(0) if {text} == UNKNOWN else {text}")
        if clause in undecided:
            status = self._arrays[f"{part.prefix}{clause}.status"]
            body.arrays.setdefault(status)
            text = body.keep(f"{text} if {status}[i] == 1 else I(0)")
        return text if text.isidentifier() else body.keep(text)

    # -- the driver ---------------------------------------------------------------------

    def _driver(self, facts: Sequence[FactDef], gaps: Sequence[FactDef]) -> str:
        """Rows start..stop, block by block; ``p`` are the addresses of all arrays."""
        names = [f"x{self._names[f.key]}" for f in facts]
        names += [f"k{self._names[f.key]}" for f in gaps]
        names += self._arrays.values()
        sizes = [np.dtype(self._dtypes[name]).itemsize for name in names]
        lines = [
            '@njit(nogil=True, error_model="numpy", cache=CACHE)',
            "def run(start, stop, checked, p):",
            f"    for at in range(start, stop, {BLOCK}):",
            f"        n = min({BLOCK}, stop - at)",
            *(
                f"        {name} = p[{i}] + at * {size}"
                for i, (name, size) in enumerate(zip(names, sizes, strict=True))
            ),
        ]
        for at, fact in enumerate(facts):
            if fact.kind == "bool":
                continue
            check = f"outside_{self._types[fact.key]}(n, {names[at]}, I({fact.lo}), I({fact.hi}))"
            lines += [f"        if checked and {check}:", f"            return {at}"]
        lines += [f"        {name}(n, {', '.join(arrays)})" for name, arrays in self._calls]
        return "\n".join([*lines, "    return -1"]) + "\n"


def _limits(rules: Sequence[StackingRule]) -> list[Node]:
    return [rule.limit for rule in rules if rule.limit is not None]


def _joined(
    rules: Sequence[StackingRule], clauses: Sequence[str]
) -> list[tuple[list[str], list[StackingRule]]]:
    """Clauses that share a rule, directly or through others, with their rules in order."""
    groups: list[tuple[list[str], list[StackingRule]]] = []
    for rule in rules:
        members = [c for c in rule.clauses if c in clauses]
        if not members or (rule.rule == "exclusive" and len(members) < 2):
            continue
        touched = [g for g in groups if set(g[0]) & set(members)]
        together = list(dict.fromkeys([c for g in touched for c in g[0]] + members))
        ruled = [r for g in touched for r in g[1]] + [rule]
        groups = [g for g in groups if g not in touched] + [(together, ruled)]
    free = [c for c in clauses if not any(c in group for group, _ in groups)]
    order = {rule.id: at for at, rule in enumerate(rules)}
    groups = [(c, sorted(r, key=lambda rule: order[rule.id])) for c, r in groups]
    return groups + [(free[at : at + _ADDENDS], []) for at in range(0, len(free), _ADDENDS)]


def _apply(body: Body, rule: StackingRule, kept: dict[str, str]) -> str:
    """Replace the amounts in ``kept`` by what the rule leaves; the condition that its limit is known."""
    members = [c for c in rule.clauses if c in kept]
    if rule.rule == "exclusive":
        best = body.keep(reduce(lambda a, b: f"max({a}, {b})", (kept[c] for c in members)))
        taken = NO
        for clause in members:
            equal = body.condition(f"{kept[clause]} == {best}")
            first = body.condition(both(equal, body.condition(opposite(taken))))
            taken = body.condition(either(taken, equal))
            kept[clause] = body.keep(f"{kept[clause]} if {first} else I(0)")
        return YES
    assert rule.limit is not None
    limit = body.quotient(rule.limit, 1, rule.limit.den)
    total = " + ".join(kept[c] for c in members)
    over = body.keep(f"max({total} - {limit.wide}, I(0))")
    for clause in reversed(members):
        cut = body.keep(f"min({kept[clause]}, {over})")
        kept[clause] = body.keep(f"{kept[clause]} - {cut}")
        over = body.keep(f"{over} - {cut}")
    return body.known(rule.limit)


def _split(body: Body, shares: Shares, amount: Number) -> dict[str, Number]:
    """``money.split`` without floors."""
    weights = sum(weight for _, _, weight in shares.parts)
    result = {
        party: body.divided(amount, weight, weights)
        for party, _, weight in shares.parts
        if party != shares.remainder
    }
    rest = amount
    for part in result.values():
        texts, narrow = body.same_width(rest, part)
        rest = body.number(f"{texts[0]} - {texts[1]}", 0, amount.hi, narrow=narrow)
    return {**result, shares.remainder: rest}


def _floored(body: Body, shares: Shares, amount: Number) -> dict[str, Number]:
    """``money.split`` with floors: parties below theirs are fixed there until nothing changes."""
    weights = {party: weight for party, _, weight in shares.parts}
    if amount.hi * sum(weights.values()) >= LIMIT:
        raise Unsupported("the split of an amount that leaves 64 bits")
    whole = amount.wide

    def free(fixed: Mapping[str, str]) -> tuple[str, str]:
        rest, weight = whole, f"I({sum(weights.values())})"
        for party, floor in shares.floors.items():
            rest = body.keep(f"{rest} - I({floor}) if {fixed[party]} else {rest}")
            weight = body.keep(f"{weight} - I({weights[party]}) if {fixed[party]} else {weight}")
        return rest, weight

    fixed = dict.fromkeys(shares.floors, NO)
    for _ in shares.floors:
        rest, weight = free(fixed)
        below = {
            party: body.condition(f"{rest} * I({weights[party]}) < {weight} * I({floor})")
            for party, floor in shares.floors.items()
        }
        fixed = {party: body.condition(either(fixed[party], below[party])) for party in fixed}
    rest, weight = free(fixed)
    # Where the floors use up everything there may be no weight left; that case is settled below.
    weight = body.keep(f"max({weight}, I(1))")
    result = {}
    for party, own in weights.items():
        part = body.keep(f"{rest} * I({own}) // {weight}")
        floor = shares.floors.get(party)
        held = part if floor is None else body.keep(f"I({floor}) if {fixed[party]} else {part}")
        result[party] = held
    others = body.keep(" + ".join(result.values()))
    result[shares.remainder] = body.keep(f"{result[shares.remainder]} + ({whole} - {others})")
    short = body.condition(f"{whole} <= I({sum(shares.floors.values())})")
    left, served = whole, dict.fromkeys(weights, "I(0)")
    for party, floor in shares.floors.items():
        served[party] = body.keep(f"min({left}, I({floor}))")
        left = body.keep(f"{left} - {served[party]}")
    return {
        party: Number(
            body.keep(f"{served[party]} if {short} else {result[party]}"),
            0,
            amount.hi,
            narrow=False,
        )
        for party in weights
    }
