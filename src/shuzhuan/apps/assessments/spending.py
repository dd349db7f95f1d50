"""What an enterprise spent between two gradings, as an app above this one knows it.

    @spend_of
    def spending(sheets: Sequence[Assessment]) -> Mapping[int, int]: ...

The rule answers for acceptance sheets by id with fen; a sheet that it leaves out is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shuzhuan.apps.assessments.models import Assessment

Fen = int
Rule = Callable[[Sequence[Assessment]], Mapping[int, Fen]]
_rules: list[Rule] = []


def spend_of(rule: Rule) -> Rule:
    """Register a rule; amounts of several rules are added."""
    _rules.append(rule)
    return rule


def is_known() -> bool:
    """Whether anybody knows about spending."""
    return bool(_rules)


def spending(sheets: Sequence[Assessment]) -> dict[int, Fen]:
    """Fen by the id of the sheet, of those that somebody knows about."""
    found: dict[int, Fen] = {}
    for rule in _rules:
        for pk, fen in rule(sheets).items():
            found[pk] = found.get(pk, 0) + fen
    return found
