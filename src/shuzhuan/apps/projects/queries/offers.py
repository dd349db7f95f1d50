"""What an actor can do with a project now: the rows of the table that admit them, with forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from django.http import QueryDict

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.projects.actions.move import GUARDS, Move, Refused
from shuzhuan.apps.projects.actions.perform import permit
from shuzhuan.apps.projects.forms import ActionForm, form_of
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.engine.process import BY_ACTION, Transition, leaving

# Guards that ask nothing of a form: what they say can be said before anybody tries.
_FORESEEN = frozenset(
    {
        "batch_open", "filing_complete", "eligible", "in_time", "publicity_over",
        "no_open_objection", "publicity_ran", "has_contract", "lines_complete",
        "acceptance_papers", "in_cycle", "is_grader", "is_auditor", "all_lines_audited",
        "grading_submitted", "graded", "audited", "recheck_left",
        "release_proposed", "nothing_returned", "withdrawal_proposed",
        "correction_proposed",
    }
)  # fmt: skip
# While one of these does not hold, the action is not even thought of.
_UNTHOUGHT = frozenset({"objection_upheld", "publicity_taken_back"})
# One body may have only one of the two tasks.
_TASKS = frozenset({"is_grader", "is_auditor"})
# Drawn as a second button of another action's form.
JOINED = {"fail_experts": "record_experts"}
# Drawn where its object stands: each line has its own.
_ELSEWHERE = frozenset({"audit_line"})
# Forms that show more than their fields.
_DRAWN = {
    "pay": "amount", "confirm_returned": "returned", "correct_claw_back": "corrected",
    "pass_form_check": "form_check", "return_filing": "sections", "return_acceptance": "sections",
    "record_experts": "experts", "pass_county_review": "amount", "pass_city_review": "amount",
    "determine": "amount", "confirm_determination": "amount",
    "start_selection_publicity": "publicity", "start_payment_publicity": "publicity",
}  # fmt: skip
# Beside the main line, but what the state is there for.
_OPEN = frozenset(
    {
        "finish_audit", "finish_grading", "uphold_selection_objection",
        "uphold_payment_objection", "retract_selection_publicity", "retract_payment_publicity",
        "confirm_returned", "record_partial_return", "refile", "report_rectified",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """What was just refused: its action, what was typed, and why, by field."""

    action: str
    data: QueryDict
    problems: Mapping[str, str]


@dataclass(frozen=True)
class Offer:
    """One action that the table gives to this actor in this state.

    ``barred``: why it cannot be done now (another person has to, something is missing); the
    button is not drawn then. ``tried``: it was just refused and its form shows why.
    """

    transition: Transition
    form: ActionForm
    barred: str
    tried: bool

    @property
    def action(self) -> str:
        return self.transition.action

    @property
    def label(self) -> str:
        return self.transition.label

    @property
    def template(self) -> str:
        """The template of its form; a plain one unless it shows more than its fields."""
        return f"projects/acts/{_DRAWN.get(self.action, 'plain')}.html"

    @property
    def first(self) -> bool:
        """Whether it stands open on the page; the rest is folded."""
        return self.transition.main or self.action in _OPEN or self.tried


def offers(
    actor: Actor, project: Project, steps: list[Step], attempt: Attempt | None = None
) -> list[Offer]:
    """In the order of the table. ``steps``: the project's history, oldest first."""
    found = []
    last = {step.action: step.user_id for step in steps}
    for row in leaving(project.at):
        try:
            permit(actor, project, row)
        except Refused:
            continue
        barred = _made(actor, row, last) or _foreseen(actor, project, row)
        if barred is None:
            continue
        if row.action in JOINED or row.action in _ELSEWHERE:
            continue
        tried = attempt is not None and JOINED.get(attempt.action, attempt.action) == row.action
        form = (
            form_of(project, row.action, attempt.data, attempt.problems)
            if attempt is not None and tried
            else form_of(project, row.action)
        )
        found.append(Offer(row, form, barred or form.barred, tried))
    return found


def _made(actor: Actor, row: Transition, last: Mapping[str, int]) -> str:
    """Why the second person has to be somebody else; empty when this one may."""
    for action in row.not_after:
        if actor.user_id is not None and last.get(action) == actor.user_id:
            return f"“{BY_ACTION[action].label}”是您办的，这一步要由另一个人办。"
    return ""


def _foreseen(actor: Actor, project: Project, row: Transition) -> str | None:
    """What a guard would say; empty when nothing stands against it, None to leave it out."""
    move = Move(actor, project, row, {}, uuid4())
    for name in row.guards:
        if name not in _FORESEEN and name not in _UNTHOUGHT:
            continue
        try:
            GUARDS[name](move)
        except Refused as refused:
            return None if name in _UNTHOUGHT or name in _TASKS else refused.text
    return ""
