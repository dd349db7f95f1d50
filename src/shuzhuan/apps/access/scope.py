"""What an actor may see: one scoped query per model, in one place, closed unless opened.

Each app registers its models::

    @scoped(Enterprise)
    def enterprises(actor: Actor) -> Q: ...

A model without a rule shows nothing. A foreign record answers exactly like a missing one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import Model, Q, QuerySet
from django.http import Http404

from shuzhuan.apps.access.actor import Actor

logger = logging.getLogger("shuzhuan.access")

M = TypeVar("M", bound=Model)
Rule = Callable[[Actor], Q]
NOTHING = Q(pk__in=[])
_RULES: dict[type[Model], Rule] = {}


def scoped(model: type[Model]) -> Callable[[Rule], Rule]:
    """Register the rule that says which rows of ``model`` an actor may see."""

    def register(rule: Rule) -> Rule:
        if model in _RULES:
            raise ValueError(f"{model.__name__} already has a scope")
        _RULES[model] = rule
        return rule

    return register


def visible(actor: Actor, model: type[M]) -> QuerySet[M]:
    """The rows of ``model`` that the actor may see; none when the model has no rule."""
    rule = _RULES.get(model)
    if rule is None:
        logger.error("no scope is registered for %s: nothing is shown", model.__name__)
        return model._default_manager.none()
    return model._default_manager.filter(rule(actor))


def get_visible(actor: Actor, model: type[M], **lookup: Any) -> M:
    """One visible row, or the same 404 as for a row that does not exist."""
    found = visible(actor, model).filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def locking(actor: Actor, model: type[Model], pk: int) -> tuple[str, list[Any]]:
    """The statement that finds one visible row and locks it, and its values; for ``prepared.ask``.

    Raises Http404 when the actor can see no row at all. Only inside a transaction.
    """
    rule = _RULES.get(model)
    try:
        sql, values = _locking(model, NOTHING if rule is None else rule(actor))
    except EmptyResultSet:
        raise Http404 from None
    return sql, [*values, pk]


@lru_cache(maxsize=256)  # an entry takes up to 16 KB
def _locking(model: type[Model], rule: Q) -> tuple[str, tuple[Any, ...]]:
    """Text and values of a rule, which are the same for an equal rule.

    A query set within a rule is equal to itself alone: such a rule is never found again, and what
    it says of other tables is compiled at each call.
    """
    rows = model._default_manager.select_for_update(no_key=True, of=("self",))
    sql, values = rows.filter(rule).filter(pk=0).values_list("pk").query.sql_with_params()
    if values[-1] != 0:
        raise AssertionError(f"the row's key is not the last value: {sql}")
    return sql, tuple(values[:-1])


def rules() -> dict[type[Model], Rule]:
    """All registered rules, for the tests."""
    return dict(_RULES)
