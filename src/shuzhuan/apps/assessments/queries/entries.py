"""The items of a sheet in their order, each with its answer: what the pages of filling show."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.assessments.models import Answer, Assessment
from shuzhuan.apps.assessments.queries.sheet import indicator_set, label_of
from shuzhuan.apps.evidence.models import Link
from shuzhuan.engine.grading import IndicatorSet, Picked, Rate, parse_answer
from shuzhuan.engine.grading.model import Help, Question, RateInput, Scenario, numeral, show_milli

SCENARIOS = "scenarios"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of an item. ``alone``: ticked, it excludes all others."""

    key: str
    text: str
    checked: bool
    alone: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item with what is answered. ``position`` counts from 1 over the whole sheet.

    ``values`` holds the texts of the number fields (percent, part, whole, points).
    """

    item: str
    position: int
    label: str
    group: str
    heading: str
    title: str
    ask: str
    kind: str
    worth: str
    choices: tuple[Choice, ...]
    values: Mapping[str, str]
    rate: RateInput | None
    help: Help
    fields: tuple[str, ...]
    row: Answer | None
    remark: str = ""
    told: str = ""
    binding: bool | None = None
    links: tuple[Link, ...] = ()

    @property
    def answered(self) -> bool:
        return self.row is not None and bool(self.row.value)

    @property
    def saves(self) -> int:
        return 0 if self.row is None else self.row.saves

    @property
    def got(self) -> str:
        """Points of a question of a submitted sheet."""
        if self.row is None or self.row.points_milli is None:
            return ""
        return f"得 {show_milli(self.row.points_milli)} 分"


@dataclass(frozen=True, slots=True)
class Group:
    """A dimension of questions, or all scenarios."""

    key: str
    title: str
    entries: tuple[Entry, ...]

    @property
    def answered(self) -> int:
        return sum(entry.answered for entry in self.entries)

    @property
    def total(self) -> int:
        return len(self.entries)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All items of an assessment."""

    entries: tuple[Entry, ...]
    groups: tuple[Group, ...] = field(default=())

    @property
    def answered(self) -> int:
        return sum(entry.answered for entry in self.entries)

    @property
    def total(self) -> int:
        return len(self.entries)

    @property
    def open(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if not entry.answered)

    def at(self, item: str) -> Entry | None:
        """The entry of an item, or None."""
        return next((entry for entry in self.entries if entry.item == item), None)

    def beside(self, item: str, step: int) -> Entry | None:
        """The entry before (-1) or after (1) an item."""
        at = [entry.item for entry in self.entries].index(item) + step
        return self.entries[at] if 0 <= at < len(self.entries) else None


def sheet(
    assessment: Assessment, rows: Mapping[str, Answer], links: Mapping[str, Sequence[Link]]
) -> Sheet:
    """The sheet with ``rows`` as stored (or as just typed) and the evidence of each item."""
    indicators = indicator_set(assessment)
    items = (*indicators.question, *indicators.scenario)
    entries = tuple(
        _entry(indicators, item, number, rows.get(item), tuple(links.get(item, ())))
        for number, item in enumerate(items, start=1)
    )
    groups = [
        Group(d.id, d.title, tuple(e for e in entries if e.group == d.id))
        for d in indicators.dimensions
    ]
    if indicators.scenarios:
        own = tuple(e for e in entries if e.group == SCENARIOS)
        groups.append(Group(SCENARIOS, "应用场景", own))
    return Sheet(entries, tuple(groups))


def evidence(actor: Actor, rows: Mapping[str, Answer]) -> dict[str, list[Link]]:
    """By item, the documents that the actor may see as evidence; one statement."""
    by_row = {row.pk: item for item, row in rows.items()}
    found: dict[str, list[Link]] = {}
    links = visible(actor, Link).filter(
        kind=Answer._meta.label_lower, object_id__in=list(by_row), ended_at__isnull=True
    )
    for link in links.select_related("document", "version__blob").order_by("pk"):
        found.setdefault(by_row[link.object_id], []).append(link)
    return found


def as_typed(entry: Entry, posted: QueryDict) -> Entry:
    """The entry with what was typed instead of what is stored, right or wrong."""
    options = posted.getlist("option")
    return replace(
        entry,
        choices=tuple(replace(choice, checked=choice.key in options) for choice in entry.choices),
        values={name: posted.get(name, "") for name in ("percent", "part", "whole", "points")},
        remark=posted.get("remark", entry.remark),
    )


def told(indicators: IndicatorSet, item: str, stored: str) -> str:
    """A stored value in words: the options' texts, the share, the level of a scenario."""
    if not stored:
        return "没有作答"
    if item in indicators.scenario:
        level = json.loads(stored)
        text = indicators.scenario[item].levels.get(level, "还没有做")
        return f"{numeral(level)}级：{text}"
    question = indicators.question[item]
    answer = parse_answer(indicators, item, json.loads(stored))
    if isinstance(answer, Picked):
        return "；".join(question.option_text(key) for key in answer.keys)
    if isinstance(answer, Rate):
        raw = json.loads(stored)
        if isinstance(raw, dict):
            return f"{answer.text}（{raw['part']} ÷ {raw['whole']}）"
        return answer.text
    return f"{json.loads(stored)} 分"


def _entry(
    indicators: IndicatorSet, item: str, number: int, row: Answer | None, links: tuple[Link, ...]
) -> Entry:
    value = json.loads(row.value) if row is not None and row.value else None
    if item in indicators.question:
        return _question(indicators, indicators.question[item], number, row, value, links)
    return _scenario(indicators, indicators.scenario[item], number, row, value, links)


def _question(
    indicators: IndicatorSet,
    question: Question,
    number: int,
    row: Answer | None,
    value: object,
    links: tuple[Link, ...],
) -> Entry:
    dimension = next(d for d in indicators.dimensions if d.id == question.dimension)
    picked = value if isinstance(value, list) else []
    return Entry(
        item=question.id,
        position=number,
        label=label_of(indicators, question.id),
        group=question.dimension,
        heading=f"{dimension.title} · {question.topic}",
        title=question.title,
        ask=question.ask,
        kind=question.kind,
        worth=f"{show_milli(question.points_milli)} 分",
        choices=tuple(
            Choice(o.key, question.option_text(o.key), o.key in picked, o.excludes_others)
            for o in question.options
        ),
        values=_numbers(question, value),
        rate=question.rate,
        help=question.help,
        fields=question.fields,
        row=row,
        remark="" if row is None else row.remark,
        told=told(indicators, question.id, "" if row is None else row.value),
        links=links,
    )


def _numbers(question: Question, value: object) -> dict[str, str]:
    if question.kind == "points":
        return {"points": str(value or "")}
    if isinstance(value, dict):
        return {"part": str(value["part"]), "whole": str(value["whole"])}
    return {"percent": value} if isinstance(value, str) else {}


def _scenario(
    indicators: IndicatorSet,
    scenario: Scenario,
    number: int,
    row: Answer | None,
    value: object,
    links: tuple[Link, ...],
) -> Entry:
    levels = [Choice("0", "还没有做，或者没有这项业务", value == 0, mark="0级")]
    levels += [
        Choice(str(level), text, value == level, mark=f"{numeral(level)}级")
        for level, text in sorted(scenario.levels.items())
    ]
    return Entry(
        item=scenario.id,
        position=number,
        label=label_of(indicators, scenario.id),
        group=SCENARIOS,
        heading=f"应用场景 · {scenario.area}",
        title=scenario.name,
        ask=f"“{scenario.name}”做到了哪一步？",
        kind="scenario",
        worth="约束性场景" if scenario.binding else "指导性场景",
        choices=tuple(levels),
        values={},
        rate=None,
        help=scenario.help,
        fields=(),
        row=row,
        remark="" if row is None else row.remark,
        told=told(indicators, scenario.id, "" if row is None else row.value),
        binding=scenario.binding,
        links=links,
    )
