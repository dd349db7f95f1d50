"""Where other apps react to what happens to a publicity, inside the same transaction.

An app that publishes things of its own registers in its ``ready()``, and looks at
``subject_kind`` to find out whether the item is one of its own::

    @hooks.on_decision
    def heard(actor: Actor, objection: Objection) -> None: ...

An exception in a rule undoes the whole step.
"""

from __future__ import annotations

from collections.abc import Callable

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.publicity.models import Objection, Publicity, PublicityItem

ObjectionRule = Callable[[Actor, Objection], None]
PublicityRule = Callable[[Actor, Publicity], None]
ItemRule = Callable[[Actor, PublicityItem], None]

_objections: list[ObjectionRule] = []
_decisions: list[ObjectionRule] = []
_closings: list[PublicityRule] = []
_cancellings: list[PublicityRule] = []
_withdrawals: list[ItemRule] = []
_recounts: list[PublicityRule] = []


def on_objection(rule: ObjectionRule) -> ObjectionRule:
    """Register what happens when an objection was received."""
    _objections.append(rule)
    return rule


def on_decision(rule: ObjectionRule) -> ObjectionRule:
    """Register what happens when an objection was decided; its state says how."""
    _decisions.append(rule)
    return rule


def on_close(rule: PublicityRule) -> PublicityRule:
    """Register what happens when a publicity was closed; its items say how it went for each."""
    _closings.append(rule)
    return rule


def on_cancel(rule: PublicityRule) -> PublicityRule:
    """Register what happens when a whole publicity was cancelled."""
    _cancellings.append(rule)
    return rule


def on_withdrawal(rule: ItemRule) -> ItemRule:
    """Register what happens when one item was taken out."""
    _withdrawals.append(rule)
    return rule


def on_recount(rule: PublicityRule) -> PublicityRule:
    """Register what happens when the end of a publicity was counted again."""
    _recounts.append(rule)
    return rule


def objected(actor: Actor, objection: Objection) -> None:
    """Tell everybody of a new objection."""
    for rule in _objections:
        rule(actor, objection)


def decided(actor: Actor, objection: Objection) -> None:
    """Tell everybody of a decision."""
    for rule in _decisions:
        rule(actor, objection)


def closed(actor: Actor, publicity: Publicity) -> None:
    """Tell everybody that a publicity was closed."""
    for rule in _closings:
        rule(actor, publicity)


def cancelled(actor: Actor, publicity: Publicity) -> None:
    """Tell everybody that a publicity was cancelled."""
    for rule in _cancellings:
        rule(actor, publicity)


def recounted(actor: Actor, publicity: Publicity) -> None:
    """Tell everybody that a publicity ends on another day."""
    for rule in _recounts:
        rule(actor, publicity)


def withdrawn(actor: Actor, item: PublicityItem) -> None:
    """Tell everybody that an item was taken out."""
    for rule in _withdrawals:
        rule(actor, item)
