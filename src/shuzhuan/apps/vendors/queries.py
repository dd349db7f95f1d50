"""Reading consents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable, F

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.vendors.forms import PARTS
from shuzhuan.apps.vendors.models import Consent


def parts_of(consent: Consent) -> list[tuple[str, str]]:
    """The parts of the archive that a consent names: key and short label."""
    return [(name, label.partition("：")[0]) for name, label in PARTS if getattr(consent, name)]


def vendor_names(consents: Iterable[Consent]) -> dict[int, str]:
    """Names of the vendors behind consents that the caller may see."""
    wanted = {consent.vendor_id for consent in consents}
    with opened("the name of a vendor that has asked"):
        return dict(Party.objects.filter(pk__in=wanted).values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class Work:
    """What goes on at a client: where it stands, whose turn it is, and until when (a light).

    ``own``: it is the turn of the client itself.
    """

    state: str
    turn: str
    url: str
    colour: str = ""
    due: str = ""
    own: bool = False


Rule = Callable[[Actor, list[int]], Mapping[int, Work]]
_rules: list[Rule] = []


def at_clients(rule: Rule) -> Rule:
    """Register what an app above this one knows of clients: ids of parties → the work there."""
    _rules.append(rule)
    return rule


@dataclass(frozen=True, slots=True)
class Pressing:
    """What the list is put in order by, on a consent's ``enterprise_id``: is it the client's own
    turn (a condition), and until when."""

    own: Q
    due: Combinable


Presses = Callable[[Actor], Pressing]
_presses: list[Presses] = []


def pressed_by(rule: Presses) -> Presses:
    """Register what presses at clients; an app above this one knows it."""
    _presses.append(rule)
    return rule


def of_clients_themselves(actor: Actor, rows: QuerySet[Consent]) -> QuerySet[Consent]:
    """Only clients that have to do something themselves now."""
    for rule in _presses:
        rows = rows.filter(rule(actor).own)
    return rows


def in_order(actor: Actor, rows: QuerySet[Consent]) -> QuerySet[Consent]:
    """What is due first stands first, then what was asked for last."""
    days = [F(f"due{n}").asc(nulls_last=True) for n in range(len(_presses))]
    rows = rows.annotate(**{f"due{n}": rule(actor).due for n, rule in enumerate(_presses)})
    return rows.order_by(*days, "-requested_at", "-pk")


def work_at(actor: Actor, parties: list[int]) -> dict[int, Work]:
    """What goes on, as far as each client has opened it to the actor."""
    return {party: work for rule in _rules for party, work in rule(actor, parties).items()}
