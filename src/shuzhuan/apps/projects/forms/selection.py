"""What the county fills in before a project is listed: 形式审查、退回、专家评审."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.forms import BoundField
from django.utils.functional import cached_property

from shuzhuan.apps.projects.actions.guards import (
    EXPERT_FIELDS,
    EXPERTS_MAX,
    EXPERTS_MIN,
    POINTS_MAX,
)
from shuzhuan.apps.projects.forms.base import ActionForm, day, long_text, short_text
from shuzhuan.apps.projects.queries import eligibility, filing


@dataclass(frozen=True)
class Checked:
    """One condition; ``field`` where the officer has to confirm it."""

    check: eligibility.Check
    field: BoundField | None


class PassFormCheck(ActionForm):
    """Every condition of 第八、十条; what nobody could answer is confirmed one by one."""

    def build(self) -> None:
        for check in self.checks:
            if check.state is None:
                self.fields[f"confirm_{check.id}"] = forms.BooleanField(
                    label=f"已核实：{check.text}"
                )
        self.fields["opinion"] = long_text("审查意见", required=False)

    @cached_property
    def checks(self) -> list[eligibility.Check]:
        return eligibility.checks(self.project)

    @property
    def barred(self) -> str:
        """A condition that fails is not passed by anybody."""
        failed = [check.text for check in self.checks if check.state is False]
        return f"不符合申报条件，不能通过：{'；'.join(failed)}。" if failed else ""

    @property
    def rows(self) -> list[Checked]:
        return [
            Checked(c, self[f"confirm_{c.id}"] if c.state is None else None) for c in self.checks
        ]


class ReturnSections(ActionForm):
    """A reason for every part that is sent back; only these may be changed afterwards."""

    step = "filing"

    def build(self) -> None:
        for key, title in filing.sections(self.project, self.step):
            self.fields[f"return_{key}"] = long_text(title, 500, 2, required=False)

    @property
    def parts(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith("return_")]


class ReturnAcceptance(ReturnSections):
    step = "acceptance_request"


@dataclass(frozen=True)
class ExpertRow:
    """One row: number, and name, field, points and words."""

    number: int
    fields: tuple[BoundField, ...]

    @property
    def filled(self) -> bool:
        return any(field.value() or field.errors for field in self.fields)


class Experts(ActionForm):
    """Three to nine experts with points and words; sent as passed or as not passed."""

    def build(self) -> None:
        choices = [("", "请选择"), *EXPERT_FIELDS.items()]
        fields = list(EXPERT_FIELDS)
        for n in range(1, EXPERTS_MAX + 1):
            needed = n <= EXPERTS_MIN
            row = {
                "name": short_text(f"专家{n}姓名", 32, required=needed),
                "field": forms.ChoiceField(
                    label=f"专家{n}领域", choices=choices, required=needed,
                    initial=fields[n - 1] if needed else "",
                ),
                "points": forms.CharField(
                    label=f"专家{n}评分", required=needed,
                    widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "3"}),
                ),
                "text": short_text(f"专家{n}意见", 500, required=False),
            }  # fmt: skip
            self.fields |= {f"expert{n}_{name}": field for name, field in row.items()}
        self.fields["reason"] = long_text(
            "评审意见", required=False, help_text="不通过时必填，会告诉企业"
        )

    @property
    def points_max(self) -> int:
        return POINTS_MAX

    def _row(self, n: int) -> ExpertRow:
        names = ("name", "field", "points", "text")
        return ExpertRow(n, tuple(self[f"expert{n}_{name}"] for name in names))

    @property
    def first(self) -> list[ExpertRow]:
        """The rows that have to be there."""
        return [self._row(n) for n in range(1, EXPERTS_MIN + 1)]

    @property
    def more(self) -> list[ExpertRow]:
        return [self._row(n) for n in range(EXPERTS_MIN + 1, EXPERTS_MAX + 1)]

    @property
    def more_filled(self) -> bool:
        return any(row.filled for row in self.more)


class Extend(ActionForm):
    """A later last day."""

    def build(self) -> None:
        due = self.project.due_on
        self.fields["due_on"] = day("延长到", help_text=f"现在的期限是 {due}" if due else "")


SELECTION: dict[str, type[ActionForm]] = {
    "pass_form_check": PassFormCheck,
    "return_filing": ReturnSections,
    "return_acceptance": ReturnAcceptance,
    "record_experts": Experts,
    "fail_experts": Experts,
    "extend": Extend,
}
