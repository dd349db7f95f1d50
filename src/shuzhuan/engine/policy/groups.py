"""One group of a pack's conditions decided by itself, for whoever no clause pays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from .bind import Binder
from .decision import ConditionResult
from .facts import parse_facts
from .pack import Pack
from .program import Condition
from .readings.chinese import render
from .readings.evaluate import Evaluation
from .readings.phrases import Phrases

_KEPT = 64


def check_group(
    pack: Pack, group: str, as_of: date, raw_facts: Mapping[str, object]
) -> tuple[ConditionResult, ...]:
    """Each condition with its state (None: a fact is missing) and what it saw.

    Raises KeyError for a group that the pack does not have, FactError for bad facts.
    """
    conditions = _bound(pack, as_of)[group]
    seen = Evaluation(parse_facts(pack.facts, raw_facts))
    phrases = Phrases({}, pack.facts)
    results: list[ConditionResult] = []
    state: bool | None
    for condition in conditions:
        value = seen.value(condition.node)
        if value is None:
            labels = "、".join(fact.label for fact in seen.missing(condition.node).values())
            text, state = f"还不知道：{labels}", None
        else:
            text, state = render(phrases.condition(condition, value), seen), bool(value)
        results.append(ConditionResult(condition.id, condition.cite, state, text))
    return tuple(results)


@lru_cache(_KEPT)
def _bound(pack: Pack, as_of: date) -> Mapping[str, tuple[Condition, ...]]:
    binder = Binder(pack, as_of, as_of, pack.defaults)
    binder.program()
    return binder.groups
