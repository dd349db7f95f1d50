"""政策匹配、免申即享: what an enterprise is entitled to, is one fact short of, or could reach.

No form is filled in: the engine decides every clause from the archive. A clause is *nearly*
there when exactly one thing is missing: one unknown fact, or one failed condition that the
enterprise can still change. It is *within reach* when several are. What cannot change (where a
firm is registered, its size, an accident) makes a clause not applicable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shuzhuan.apps.enterprises.queries.archive import Archive
from shuzhuan.apps.enterprises.queries.facts import FILLED_IN, facts_of
from shuzhuan.apps.enterprises.queries.places import packs_at
from shuzhuan.engine.money import format_cn
from shuzhuan.engine.policy.decision import ClauseResult, Decision
from shuzhuan.engine.policy.facts import FactDef, Value, parse_facts
from shuzhuan.engine.policy.pack import Pack
from shuzhuan.engine.policy.program import APPLICANTS, Clause
from shuzhuan.engine.policy.readings.chinese import amount_text
from shuzhuan.engine.policy.readings.evaluate import Evaluation

_SHOWN_MAX_FEN = 10_000_000_000  # a bound above 1亿元 says nothing about one enterprise
# Enterprises, also as leaders of a chain or builders of a platform; not vendors or governments.
_PAYEES = frozenset(APPLICANTS) - {"vendor"}
# Who tells a fact that no section of the archive asks for, by the source that the pack names.
_TOLD_BY = {
    "archive": "由主管部门登记",
    "self_assessment": "自评时填报",
    "project": "项目实施中填报",
    "diagnosis": "入企诊断时评定",
    "acceptance": "验收评测时认定",
    "officer": "由主管部门认定",
    "public": "由主管部门按公开信息核查",
    "finance": "由财政或银行提供",
}
_AWARDS = "qualifications"  # what others award, nobody can fill in
_AWARDED = "由主管部门认定，取得后在“资质”里登记"
# What an enterprise cannot change within a pilot; a condition on it that fails is final.
_FIXED = frozenset(
    {
        "enterprise.is_sme",
        "enterprise.is_legal_person",
        "enterprise.registered_here",
        "enterprise.in_leading_industry",
        "enterprise.major_accident_3y",
        "enterprise.illegal_3y",
        "enterprise.refused_supervision",
        "project.false_materials",
        "project.same_kind_funded",
        "project.is_only_project",
    }
)


class Nearness(StrEnum):
    """How near a clause is."""

    ENTITLED = "entitled"
    NEARLY = "nearly"
    REACHABLE = "reachable"
    NOT = "not"


LABELS = {
    Nearness.ENTITLED: "符合条件",
    Nearness.NEARLY: "差一项",
    Nearness.REACHABLE: "可争取",
    Nearness.NOT: "不适用",
}


@dataclass(frozen=True)
class Gap:
    """One thing between the enterprise and the money.

    ``section`` is where the enterprise fills it in, or looks at what it has said; empty where it
    lies with others, and then ``text`` says with whom.
    """

    text: str
    section: str = ""
    unknown: bool = False


@dataclass(frozen=True)
class Match:
    """One clause of one place. ``amount`` is in words with its certainty; ``fen`` for sorting."""

    pack: Pack
    result: ClauseResult
    nearness: Nearness
    amount: str
    fen: int
    gaps: tuple[Gap, ...]

    @property
    def label(self) -> str:
        return LABELS[self.nearness]

    @property
    def held(self) -> list[str]:
        """The conditions that hold, with what they saw."""
        return [c.text for c in self.result.conditions if c.state is True]


@dataclass(frozen=True)
class PlaceMatches:
    """All clauses of one document that pay enterprises."""

    pack: Pack
    decision: Decision
    matches: tuple[Match, ...]
    facts: Mapping[str, object] = field(default_factory=dict)

    def of(self, nearness: Nearness) -> list[Match]:
        return [match for match in self.matches if match.nearness == nearness]

    @property
    def groups(self) -> list[tuple[Nearness, str, list[Match]]]:
        return [(near, LABELS[near], self.of(near)) for near in Nearness]

    @property
    def entitled_fen(self) -> int:
        """What the clauses in hand come to after stacking."""
        return self.decision.total_fen or 0


def matches(archive: Archive) -> list[PlaceMatches]:
    """Every document in force for the enterprise's place, decided from the archive."""
    return [match_pack(archive, pack) for pack in packs_at(archive.enterprise.place)]


def match_pack(archive: Archive, pack: Pack) -> PlaceMatches:
    """One document decided from the archive."""
    raw = facts_of(archive, pack)
    program = pack.bind(archive.today)
    values = parse_facts(pack.facts, raw)
    decision = program.decider.decide_values(values)
    found = [
        _match(pack, result, values)
        for result in decision.results
        if result.clause.amount is not None and result.clause.payee in _PAYEES
    ]
    return PlaceMatches(pack, decision, tuple(sorted(found, key=lambda m: -m.fen)), raw)


def _match(pack: Pack, result: ClauseResult, values: Mapping[str, Value]) -> Match:
    clause, seen = result.clause, Evaluation(values)
    if result.status == "适用":
        return Match(pack, result, Nearness.ENTITLED, result.amount_cn, result.amount_fen or 0, ())
    failed, gaps = False, []
    missing: dict[str, FactDef] = {}
    for condition, said in zip(clause.conditions, result.conditions, strict=True):
        if said.state is None:
            missing.update(seen.missing(condition.node))
        elif not said.state:
            keys = set(condition.keys)
            failed = failed or bool(keys & _FIXED)
            gaps.append(_failed(pack, said.text, keys))
    if clause.amount is not None:
        missing.update(seen.missing(clause.amount))
    gaps += [_unknown(fact) for fact in missing.values()]
    near = Nearness.NEARLY if len(gaps) == 1 else Nearness.REACHABLE
    if failed or not gaps:
        near = Nearness.NOT
    fen, words = _possible(clause, seen)
    return Match(pack, result, near, "" if near == Nearness.NOT else words, fen, tuple(gaps))


def _unknown(fact: FactDef) -> Gap:
    """A fact that nobody has told yet, with who will."""
    section = FILLED_IN.get(fact.key, "")
    return Gap(fact.label if section else _with(fact.label, _TOLD_BY[fact.source]), section, True)


def _failed(pack: Pack, text: str, keys: set[str]) -> Gap:
    """A condition that does not hold, with who could change that."""
    section = next((FILLED_IN[key] for key in sorted(keys) if key in FILLED_IN), "")
    if section == _AWARDS:
        return Gap(_with(text, _AWARDED))
    if section or not keys:
        return Gap(text, section)
    return Gap(_with(text, _TOLD_BY[pack.facts[min(keys)].source]))


def _with(text: str, teller: str) -> str:
    return f"{text}（{teller}）"


def _possible(clause: Clause, seen: Evaluation) -> tuple[int, str]:
    """What the clause could pay: computed when its facts are known, else its proven bound."""
    if clause.amount is None:
        return 0, ""
    value, den = seen.value(clause.amount), clause.amount.den
    if value is not None and value > 0:
        return value // den, amount_text(clause, value // den)
    bound = clause.amount.hi // den
    if 0 < bound <= _SHOWN_MAX_FEN:
        return bound, f"最高{format_cn(bound)}"
    return 0, "按投入的比例计算"
