"""A pack bound to a day, a set of readings and (for populations) fixed facts.

A Program is what all readings read: conditions, named steps and one amount per
clause, as typed trees, plus the numbering of reason codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from shuzhuan.engine.money import splitter

from .facts import FactDef
from .tree import LIMIT, Choice, Const, Extreme, Named, Node, facts_of, walk

if TYPE_CHECKING:
    from .decision import Decider, Decision

# Money for these goes to the applicant and counts in a total; the rest are a
# government's own spending or an estimate.
APPLICANTS = ("enterprise", "vendor", "chain_leader", "platform")


@dataclass(frozen=True)
class Condition:
    """``say`` / ``fail`` are the author's phrases, with {fact.key} places; empty = automatic."""

    id: str
    cite: str
    node: Node
    say: str = ""
    fail: str = ""

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Keys of the facts that it reads, in order of first use."""
        return tuple(fact.key for fact in facts_of(self.node))


@dataclass(frozen=True)
class Shares:
    """Who pays which part. ``floors`` are amounts in fen that a party bears at least."""

    cite: str
    parts: tuple[tuple[str, str, int], ...]  # party, Chinese name, weight
    remainder: str
    floors: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def split(self) -> Callable[[int], dict[str, int]]:
        """The parts of an amount by party; they add up exactly."""
        return splitter([(p, weight) for p, _, weight in self.parts], self.remainder, self.floors)


@dataclass(frozen=True, slots=True)
class Instalment:
    """``amount`` None means the rest; ``when`` None means without a condition."""

    name: str
    amount: Node | None
    when: Node | None


@dataclass(frozen=True, slots=True)
class Digit:
    """One place of a reason code: value = code // weight % radix."""

    node: Node | None
    condition: int
    radix: int
    weight: int


@dataclass(frozen=True)
class Clause:
    """One clause, bound. ``amount`` is None for clauses without money."""

    id: str
    number: str
    title: str
    cite: str
    kind: str
    payee: str
    certainty: str
    conditions: tuple[Condition, ...]
    checks: tuple[Condition, ...]
    amount: Node | None
    shares: Shares | None = None
    instalments: tuple[Instalment, ...] = ()
    readings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unverified: str = ""

    @property
    def tested(self) -> tuple[Condition, ...]:
        """What decides the status: the conditions, or the checks of a clause without money."""
        return self.conditions if self.amount is not None else self.checks

    @cached_property
    def hoisted(self) -> tuple[Named, ...]:
        """Named steps of the amount that vary, in order; computed once, before the amount."""
        if self.amount is None:
            return ()
        named = [n for n in walk(self.amount) if isinstance(n, Named)]
        return tuple(n for n in named if not isinstance(n.inner, Const))

    @cached_property
    def digits(self) -> tuple[Digit, ...]:
        """Numbering of the reason code: conditions first, then every choice of the amount."""
        found: list[tuple[Node | None, int, int]] = [
            (None, at, 3) for at, c in enumerate(self.tested) if not isinstance(c.node, Const)
        ]
        for step in walk(self.amount) if self.amount is not None else ():
            if isinstance(step, Extreme):
                found.append((step, -1, len(step.args) + 1))
            elif isinstance(step, Choice):
                found.append((step, -1, len(step.values) + 1))
        digits, weight = [], 1
        for node, condition, radix in found:
            digits.append(Digit(node, condition, radix, weight))
            weight *= radix
        if weight >= LIMIT:
            raise ValueError(f"条款 {self.id} 的条件和分支太多，原因码放不进 64 位整数；请拆成两条")
        return tuple(digits)

    @cached_property
    def reasons(self) -> int:
        """How many reason codes there are."""
        last = self.digits[-1] if self.digits else None
        return last.weight * last.radix if last else 1

    @cached_property
    def facts(self) -> tuple[FactDef, ...]:
        nodes = [c.node for c in (*self.conditions, *self.checks)]
        nodes += [n for i in self.instalments for n in (i.amount, i.when) if n is not None]
        if self.amount is not None:
            nodes.append(self.amount)
        found = {fact.key: fact for node in nodes for fact in facts_of(node)}
        return tuple(found.values())

    def nodes(self) -> Iterator[Node]:
        for condition in (*self.conditions, *self.checks):
            yield condition.node
        if self.amount is not None:
            yield self.amount

    @property
    def counts(self) -> bool:
        """Whether its money belongs in the applicant's total."""
        return self.amount is not None and self.payee in APPLICANTS and self.kind != "estimate"


@dataclass(frozen=True, slots=True)
class StackingRule:
    """``rule``: exclusive, additive or ceiling (``limit``, a money node).

    ``scope``: project, enterprise or none. A ceiling of an enterprise also counts what its other
    projects got, which one case cannot know: see ``stacking.enterprise_ceilings``.
    """

    id: str
    rule: str
    clauses: tuple[str, ...]
    cite: str
    say: str
    limit: Node | None = None
    scope: str | None = None


@dataclass(frozen=True)
class Program:
    """``as_of``: the day asked about; ``known_on``: the day whose knowledge is used."""

    pack_id: str
    pack_version: str
    pack_digest: str
    as_of: date
    known_on: date
    chosen: Mapping[str, str]
    clauses: tuple[Clause, ...]
    stacking: tuple[StackingRule, ...]
    declared: Mapping[str, FactDef]
    notices: tuple[str, ...] = ()
    option_labels: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def facts(self) -> tuple[FactDef, ...]:
        """All facts that any clause reads, in order of first use: the slots of a case."""
        found = {fact.key: fact for clause in self.clauses for fact in clause.facts}
        for rule in self.stacking:
            if rule.limit is not None:
                found.update((fact.key, fact) for fact in facts_of(rule.limit))
        return tuple(found.values())

    @cached_property
    def decider(self) -> Decider:
        """Compiled on first use and kept with the program."""
        from .decision import Decider  # noqa: PLC0415 - the decision is built on the program

        return Decider(self)

    def decide(self, raw_facts: Mapping[str, object]) -> Decision:
        """Decide one case given as JSON facts. Raises FactError."""
        return self.decider.decide(raw_facts)

    @cached_property
    def computed(self) -> tuple[Clause, ...]:
        """Clauses that give an answer: an amount or a check."""
        return tuple(c for c in self.clauses if c.amount is not None or c.checks)
