"""Forms of the actions: one per action that asks more than a reason."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import QueryDict

from shuzhuan.apps.projects.forms.acceptance import ACCEPTANCE
from shuzhuan.apps.projects.forms.base import ActionForm, key_of, payload_of
from shuzhuan.apps.projects.forms.selection import SELECTION
from shuzhuan.apps.projects.models import Project

__all__ = ["FORMS", "ActionForm", "form_of", "key_of", "payload_of"]

FORMS: dict[str, type[ActionForm]] = {**SELECTION, **ACCEPTANCE}


def form_of(
    project: Project,
    action: str,
    data: QueryDict | None = None,
    problems: Mapping[str, str] | None = None,
) -> ActionForm:
    """The form of an action; without one of its own it asks at most for a reason."""
    return FORMS.get(action, ActionForm)(project, action, data, problems)
