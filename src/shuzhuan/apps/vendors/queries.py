"""Reading consents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

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
    """What goes on at a client: where it stands, whose turn it is, and until when (a light)."""

    state: str
    turn: str
    url: str
    colour: str = ""
    due: str = ""
    day: date | None = None


Rule = Callable[[Actor, list[int]], Mapping[int, Work]]
_rules: list[Rule] = []


def at_clients(rule: Rule) -> Rule:
    """Register what an app above this one knows of clients: ids of parties → the work there."""
    _rules.append(rule)
    return rule


def work_at(actor: Actor, parties: list[int]) -> dict[int, Work]:
    """What goes on, as far as each client has opened it to the actor."""
    return {party: work for rule in _rules for party, work in rule(actor, parties).items()}
