"""What the apps above this one know of contracts: they register it here for the independence check.

An app above says whom an enterprise has contracts with::

    @tied_by
    def contracts(enterprise_id: int) -> Iterable[Contract]: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract of an enterprise with a supplier.

    ``last_day``: the latest day of it that is known (signed, or ended); ``what`` tells a reader
    which one it is. The supplier is named by its party, its code or, with neither, its name.
    """

    last_day: date
    what: str
    name: str
    party_id: int | None = None
    uscc: str = ""


Rule = Callable[[int], Iterable[Contract]]
_rules: list[Rule] = []


def tied_by(rule: Rule) -> Rule:
    """Register contracts: id of the enterprise → its contracts. Several rules add up."""
    _rules.append(rule)
    return rule


def contracts_of(enterprise_id: int) -> list[Contract]:
    """All contracts that any app knows of, across places: call it where that is opened."""
    return [contract for rule in _rules for contract in rule(enterprise_id)]
