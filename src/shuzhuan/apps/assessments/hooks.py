"""What others do when an assessment is submitted or withdrawn, in the same transaction.

The apps above this one register here: a project that waits for its acceptance grading moves on,
and one that was paid by it forbids the withdrawal by raising ValidationError.
"""

from __future__ import annotations

from collections.abc import Callable

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.models import Assessment

Hook = Callable[[Actor, Assessment], None]
_submitted: list[Hook] = []
_withdrawn: list[Hook] = []


def when_submitted(hook: Hook) -> Hook:
    """Register what follows a submission. It may raise ValidationError: then nothing is stored."""
    _submitted.append(hook)
    return hook


def when_withdrawn(hook: Hook) -> Hook:
    """Register what follows a withdrawal. It may raise ValidationError: then nothing is stored."""
    _withdrawn.append(hook)
    return hook


def submitted(actor: Actor, assessment: Assessment) -> None:
    """Tell everybody, inside the transaction of the submission."""
    for hook in _submitted:
        hook(actor, assessment)


def withdrawn(actor: Actor, assessment: Assessment) -> None:
    """Tell everybody, inside the transaction of the withdrawal."""
    for hook in _withdrawn:
        hook(actor, assessment)
