"""A form for an action: it draws what `perform` will read, and shows what `perform` refused.

Nothing is validated here: the handlers are the only judges of a payload, so a form and an action
cannot disagree. Fields are named as the payload; ``required`` only says what is optional.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict

from shuzhuan.apps.projects.models import Project
from shuzhuan.engine.process import BY_ACTION

# What a form carries besides the payload.
CARRIED = frozenset({"csrfmiddlewaretoken", "key", "version"})
BROKEN = "页面不完整，没有提交。请刷新页面后重新填写。"
REASON_LABELS: Mapping[str, str] = {
    "return_filing": "总的说明",
    "return_acceptance": "总的说明",
    "determine": "核定理由",
    "order_rectification": "不通过的原因和整改要求",
    "report_rectified": "整改了什么",
    "reject_filing": "不予受理的理由",
    "fail_experts": "不通过的理由",
}


def payload_of(post: QueryDict) -> dict[str, str]:
    """What a posted form says, as `perform` reads it."""
    return {name: str(value) for name, value in post.items() if name not in CARRIED}


def key_of(post: QueryDict) -> UUID | None:
    """The key that the form minted; None when it is missing or no UUID."""
    try:
        return UUID(post.get("key", ""))
    except ValueError:
        return None


class ActionForm(forms.Form):
    """Fields of one action for one project. ``problems``: what `perform` answered, by field."""

    key = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        project: Project,
        action: str,
        data: QueryDict | None = None,
        problems: Mapping[str, str] | None = None,
        **initial: Any,
    ) -> None:
        self.project, self.transition = project, BY_ACTION[action]
        self.problems = dict(problems or {})
        super().__init__(data, initial={"key": str(uuid4()), **initial}, auto_id=f"{action}-%s")
        if self.transition.target is not None:
            # Work within a state may go on beside another person's; a move may not.
            self.fields["version"] = forms.CharField(
                widget=forms.HiddenInput, initial=str(project.version)
            )
        self.build()
        if self.transition.reason and "reason" not in self.fields:
            self.fields["reason"] = long_text(REASON_LABELS.get(action, "理由"))
        if data is not None:  # what was refused is answered; the next attempt is a new request
            self.data = data.copy()
            self.data["key"], self.data["version"] = str(uuid4()), str(project.version)

    def build(self) -> None:
        """Add the fields of the action; forms override this."""

    @property
    def action(self) -> str:
        return self.transition.action

    @property
    def label(self) -> str:
        return self.transition.label

    @property
    def barred(self) -> str:
        """Why nobody could do it now, whatever they typed; empty when nothing is known."""
        return ""

    @property
    def asks(self) -> bool:
        """Whether there is anything to fill in."""
        return any(not field.is_hidden for field in self)

    def full_clean(self) -> None:
        """Take over the refusals instead of judging again."""
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        for name, message in self.problems.items():
            known = name if name in self.fields and name not in CARRIED else None
            self.add_error(known, message or BROKEN)


def short_text(label: str, chars_max: int, **options: Any) -> forms.CharField:
    """One line."""
    return forms.CharField(label=label, max_length=chars_max, **options)


def long_text(label: str, chars_max: int = 1000, rows: int = 4, **options: Any) -> forms.CharField:
    """Several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=chars_max, widget=widget, **options)


def money(label: str, **options: Any) -> forms.CharField:
    """An amount typed in 元; read strictly by `perform`."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=f"{label}（元）", widget=widget, **options)


def day(label: str, **options: Any) -> forms.CharField:
    """A date, as text: what was typed wrong stays visible."""
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    options.setdefault("help_text", "写成 2026-05-01")
    return forms.CharField(label=label, widget=widget, max_length=10, **options)
