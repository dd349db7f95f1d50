"""What an office fills in to set up a pilot and a batch."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from shuzhuan.apps.enterprises.forms.fields import CountField, DayField
from shuzhuan.apps.pilots.actions.pilot import paying
from shuzhuan.engine.policy.pack import Library, Pack
from shuzhuan.engine.process import (
    HEARING_DAYS,
    OFFICE_DAYS,
    ProcessError,
    State,
    parameters_of,
)
from shuzhuan.engine.process.parameters import DAYS_MAX

_DAYS = "days_"


class ActedForm(forms.Form):
    """A form whose action has the last word."""

    def complain(self, error: ValidationError) -> None:
        """Show what the action refused at the field that it names."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


class PilotForm(ActedForm):
    """One place running one pack over a period."""

    pack = forms.ChoiceField(label="政策包", help_text="办理流程、条件和金额都按这个政策包")
    name = forms.CharField(label="试点名称", max_length=100)
    starts_on = DayField(label="起始日期", required=True)
    ends_on = DayField(label="截止日期", required=True)

    def __init__(self, *args: Any, pack: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["pack"]
        assert isinstance(field, forms.ChoiceField)
        runnable = [each for each in Library.load().places.values() if _runs(each)]
        field.choices = [(each.id, each.name) for each in runnable]
        if pack not in {each.id for each in runnable}:
            # Nobody runs the pack of another place because it happened to stand first.
            field.choices = [("", "请选择"), *field.choices]
        self.initial.setdefault("pack", pack)


class BatchForm(ActedForm):
    """The next batch of a pilot: what it pays by, when it receives, how long each office takes."""

    title = forms.CharField(label="批次名称", max_length=100)
    clause = forms.ChoiceField(label="按哪一条补助")
    opens_on = DayField(label="受理开始", required=True)
    closes_on = DayField(label="受理截止", required=True)
    contact = forms.CharField(
        label="联系方式",
        max_length=200,
        help_text="公示和申报指南上公开，例如：县工信商务局 0954-7010000",
    )
    guide = forms.CharField(
        label="申报说明", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="给企业看的补充说明；条件、材料和流程会自动列出，不用重复",
    )  # fmt: skip
    hearing_days = CountField(
        label="异议核查（工作日）", most=DAYS_MAX, required=True, initial=str(HEARING_DAYS)
    )

    def __init__(self, pack: Pack, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pack = pack
        self.parameters = parameters_of(pack)
        field = self.fields["clause"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(c.id, f"{c.cite} {c.title}") for c in paying(pack)]
        for state, count in OFFICE_DAYS.items():
            if self.parameters.has(state):
                self.fields[f"{_DAYS}{state}"] = CountField(
                    label=state.label, most=DAYS_MAX, required=True, initial=str(count)
                )

    @property
    def main(self) -> list[forms.BoundField]:
        names = ("title", "clause", "opens_on", "closes_on", "contact", "guide")
        return [self[name] for name in names]

    @property
    def spans(self) -> list[tuple[str, forms.BoundField]]:
        """Who acts, and the field with the working days that they have."""
        rows = [
            (State(name.removeprefix(_DAYS)).lane.label, self[name])
            for name in self.fields
            if name.startswith(_DAYS)
        ]
        return [*rows, ("县级主管部门", self["hearing_days"])]

    @property
    def office_days(self) -> dict[str, int]:
        """Only what differs from the platform's own."""
        cleaned = {
            name.removeprefix(_DAYS): value
            for name, value in self.cleaned_data.items()
            if name.startswith(_DAYS)
        }
        return {name: n for name, n in cleaned.items() if n != OFFICE_DAYS[State(name)]}


def _runs(pack: Pack) -> bool:
    try:
        parameters_of(pack)
    except ProcessError:
        return False
    return True
