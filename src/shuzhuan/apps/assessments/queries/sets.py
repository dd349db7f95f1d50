"""Indicator sets as an officer works with them: which there are, which holds, what rests on them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, Count, Q, QuerySet, Value, When

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.assessments.models import Assessment, PublishedSet, SetState
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.engine.grading import IndicatorSet, figure_differences, show_milli

_STATE_ORDER = Case(
    When(state=SetState.DRAFT, then=Value(0)), When(state=SetState.PUBLISHED, then=Value(1)),
    default=Value(2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list. ``in_force``: sheets begun today in the own place use it."""

    row: PublishedSet
    sheets: int
    in_force: bool


def reachable(actor: Actor) -> QuerySet[PublishedSet]:
    """What ships, what was published above, and everything of the own place and below."""
    above = [code for code in actor.region_path.split("/") if code]
    near = Q(place__isnull=True) | Q(place__code__in=above) | Q(place_id__in=actor.place_ids)
    rows = visible(actor, PublishedSet).filter(near)
    return rows.select_related("place", "created_by", "changed_by", "published_by", "retired_by")


def listing(actor: Actor) -> list[Listed]:
    """All of them, drafts first. Three statements."""
    rows = list(
        reachable(actor)
        .defer("document")
        .order_by(_STATE_ORDER, "sector", "-published_at", "-set_id", "-pk")
    )
    used: Counter[int] = Counter(
        dict(
            visible(actor, Assessment)
            .order_by()
            .values_list("indicators_id")
            .annotate(n=Count("pk"))
        )
    )
    holding = in_force(actor, rows)
    return [Listed(row, used[row.pk], row.pk in holding) for row in rows]


def in_force(actor: Actor, rows: list[PublishedSet]) -> set[int]:
    """Ids of the sets that hold in the actor's own place, one for each sector."""
    best: dict[str, tuple[tuple[object, ...], int]] = {}
    for row in rows:
        path = "" if row.place is None else row.place.path
        if row.state != SetState.PUBLISHED or not actor.region_path.startswith(path):
            continue
        if row.place is None:
            rank: tuple[object, ...] = (0, row.set_id, row.pk)
        else:
            assert row.published_at is not None
            rank = (len(path), row.published_at.isoformat(), row.pk)
        if row.sector not in best or rank > best[row.sector][0]:
            best[row.sector] = (rank, row.pk)
    return {pk for _, pk in best.values()}


def differences(row: PublishedSet) -> list[str]:
    """Figures that differ from the version that the set comes from, one Chinese line each."""
    if row.based_on is None:
        return []
    return _in_words(figure_differences(parsed(row.based_on), parsed(row)), parsed(row))


def checks(row: PublishedSet) -> list[Mapping[str, str]]:
    """What was compared with which document, by whom, the latest first."""
    found: list[Mapping[str, str]] = json.loads(row.checked)
    return found[::-1]


def _in_words(lines: list[str], indicators: IndicatorSet) -> list[str]:
    """``题目 q3 选项 B：…`` → ``第3题 设备联网 选项 B：…``."""
    names = {f"题目 {q.id}": f"第{n}题 {q.title}" for n, q in enumerate(indicators.questions, 1)}
    names |= {f"场景 {s.id}": f"场景{n} {s.name}" for n, s in enumerate(indicators.scenarios, 1)}
    names |= {f"维度 {d.id} 满分": f"维度“{d.title}”满分" for d in indicators.dimensions}
    shown = []
    for line in lines:
        subject, rest = line.split("：", 1)
        head, option, key = subject.partition(" 选项 ")
        shown.append(f"{names.get(head, head)}{option}{key}：{rest}")
    return shown


@dataclass(frozen=True, slots=True)
class Read:
    """A set as a page reads it."""

    indicators: IndicatorSet
    dimensions: list[tuple[str, str, list[tuple[int, object, list[tuple[str, str, str, str]]]]]]
    areas: list[tuple[str, list[tuple[int, object]]]]
    levels: list[tuple[str, str, object, str]]


def readable(indicators: IndicatorSet) -> Read:
    """Questions by dimension with (key, text, per cent, points) of their options; scenarios by area."""
    numbered = list(enumerate(indicators.questions, 1))
    dimensions = []
    for dimension in indicators.dimensions:
        asked: list[tuple[int, object, list[tuple[str, str, str, str]]]] = [
            (
                number,
                {"q": question, "points": show_milli(question.points_milli)},
                [
                    (
                        option.key,
                        question.option_text(option.key),
                        show_milli(option.percent_milli),
                        show_milli(question.worth[option.key]),
                    )
                    for option in question.options
                ],
            )
            for number, question in numbered
            if question.dimension == dimension.id
        ]
        dimensions.append((dimension.title, show_milli(dimension.points_milli), asked))
    areas: dict[str, list[tuple[int, object]]] = {}
    for number, scenario in enumerate(indicators.scenarios, 1):
        areas.setdefault(scenario.area, []).append((number, scenario))
    levels: list[tuple[str, str, object, str]] = [
        (
            indicators.level_names[rule.level],
            show_milli(rule.points_milli),
            rule.scenarios,
            rule.unverified or "",
        )
        for rule in indicators.levels
    ]
    return Read(indicators, dimensions, list(areas.items()), levels)
