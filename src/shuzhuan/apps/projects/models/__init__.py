"""Models of a project: itself, its history, papers, contract, investment, opinions, requests."""

from shuzhuan.apps.projects.models.history import ActionRequest, Opinion, OpinionKind, Step, Verdict
from shuzhuan.apps.projects.models.investment import Contract, Line, LineKind
from shuzhuan.apps.projects.models.papers import Paper, ReturnedSection
from shuzhuan.apps.projects.models.project import Project, StateField

__all__ = [
    "ActionRequest",
    "Contract",
    "Line",
    "LineKind",
    "Opinion",
    "OpinionKind",
    "Paper",
    "Project",
    "ReturnedSection",
    "StateField",
    "Step",
    "Verdict",
]
