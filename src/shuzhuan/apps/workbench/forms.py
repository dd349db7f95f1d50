"""Forms of bulk actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from shuzhuan.apps.enterprises.forms.officers import PilotForm, SurveyForm
from shuzhuan.apps.workbench.models import BulkAction
from shuzhuan.apps.workbench.places import Places
from shuzhuan.engine.policy.pack import Library


class BulkSurveyForm(SurveyForm):
    """For many enterprises at once; what is left open stays as it is for each of them."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("willingness") is None and cleaned.get("readiness") is None:
            raise forms.ValidationError("请至少选择改造意愿或数字化基础中的一项。")
        return cleaned


def bulk_form(action: BulkAction, places: Places, data: Any = None) -> forms.Form:
    """The form of an action, empty or as posted."""
    if action == BulkAction.SURVEY:
        return BulkSurveyForm(data)
    library = Library.load()
    packs = [
        (name, library.get(name).source.pack.document.title)
        for name in places.packs
        if name in library.ids
    ]
    today = {"on": timezone.localdate().isoformat()}
    return PilotForm(data, packs=packs if action == BulkAction.ENTER else [], initial=today)


def parameters_of(action: BulkAction, cleaned: dict[str, Any]) -> dict[str, Any]:
    """What the run keeps of the form, as JSON."""
    if action == BulkAction.SURVEY:
        return {key: cleaned[key] for key in ("willingness", "readiness", "note")}
    return {
        "on": cleaned["on"].isoformat(),
        "reason": cleaned["reason"],
        "batch": cleaned.get("batch"),
        "pack": cleaned.get("pack") or "",
    }
