"""What offices and agencies fill in from the acceptance on: 委派、核定投入、初审、核定、兑付、追回."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.projects.actions import publishing
from shuzhuan.apps.projects.actions.claw_back import proposed_correction
from shuzhuan.apps.projects.forms.base import ActionForm, day, long_text, money, short_text
from shuzhuan.apps.projects.models import Step
from shuzhuan.apps.projects.queries import eligibility, explain
from shuzhuan.engine.money import format_cn, format_plain
from shuzhuan.engine.process import Period

UNITS = {"workday": "个工作日", "day": "日", "month": "个月", "year": "年"}
_WANTED = (("grader", "定级验收机构"), ("auditor", "投资审核机构"))


class AssignAgencies(ActionForm):
    """Two tasks, which one agency may hold together; ties to the work are refused with why."""

    def build(self) -> None:
        choices = [("", "请选择"), *((str(pk), name) for pk, name in self.agencies)]
        for name, label in _WANTED:
            held = getattr(self.project, name)
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, initial=str(held.party_id) if held else ""
            )
        self.fields["valid_to"] = day(
            "委派到", required=False, help_text="不填就到试点周期结束，至少三个月；写成 2026-05-01"
        )

    @cached_property
    def agencies(self) -> list[tuple[int, str]]:
        """Every agency of the platform, wherever it is registered; whose controlling person nobody
        recorded cannot be compared with who did the work, and says so."""
        with opened("an agency of another place may be asked"):
            rows = Party.objects.filter(kind=PartyKind.AGENCY).order_by("name", "pk")
            found = list(rows.values_list("pk", "name", "body_record__controller_digest"))
        return [(pk, name if known else f"{name}（实际控制人待核实）") for pk, name, known in found]


class FinishAudit(ActionForm):
    def build(self) -> None:
        self.fields["opinion"] = long_text("审核意见", 2000)


class FinishGrading(ActionForm):
    def build(self) -> None:
        self.fields["opinion"] = long_text("验收意见", 2000, required=False)


class PassCountyReview(ActionForm):
    """An amount at or below what the engine computes, which stands beside it."""

    def build(self) -> None:
        self.fields["tasks_completed"] = forms.BooleanField(label="企业已按方案完成改造任务")
        self.fields["amount"] = money("拟补助金额", initial=self._amount())
        self.fields["opinion"] = long_text("初审意见", 2000)

    def _amount(self) -> str:
        ceiling = self.explained.ceiling_fen
        return format_plain(ceiling) if ceiling else ""

    @cached_property
    def explained(self) -> explain.Explained:
        return explain.now(self.project)

    @property
    def barred(self) -> str:
        failed = self.explained.failed
        if failed:
            return f"不符合补助条件：{'；'.join(failed)}。"
        if not self.explained.ceiling_fen:
            return "".join(("补助上限是0，没有可以补助的金额。", *self.explained.steps[-1:]))
        return ""


class PassCityReview(ActionForm):
    def build(self) -> None:
        self.fields["opinion"] = long_text("审核意见", 2000)

    @cached_property
    def explained(self) -> explain.Explained:
        return explain.stored(self.project)


class Determine(ActionForm):
    """At or below what was shown to the public and reserved."""

    def build(self) -> None:
        self.fields["amount"] = money(
            "核定金额", initial=format_plain(self.project.proposed_fen) if self.project else ""
        )

    @cached_property
    def explained(self) -> explain.Explained:
        return explain.stored(self.project)


class StartPublicity(ActionForm):
    """Nothing to fill in: what will be shown, for how long and by which rule is settled."""

    kind = "selection"

    @cached_property
    def period(self) -> Period:
        return self.project.batch.parameters.publicity[self.kind]

    @property
    def span(self) -> str:
        return f"{self.period.days}{UNITS[self.period.unit]}"

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Exactly the columns that the public will read."""
        spec = publishing.spec_of(self.project, self.period.fields, self.amount_fen)
        amount = format_cn(self.amount_fen)
        return [(name, str(spec.values.get(name, amount))) for name in self.period.fields]

    @cached_property
    def amount_fen(self) -> int:
        return eligibility.estimated(self.project).fen


class StartPaymentPublicity(StartPublicity):
    kind = "payment"

    @cached_property
    def amount_fen(self) -> int:
        return self.project.proposed_fen


class Confirm(ActionForm):
    """The second person sees the same explanation."""

    @cached_property
    def explained(self) -> explain.Explained:
        return explain.stored(self.project)


class Pay(ActionForm):
    def build(self) -> None:
        today = timezone.localdate().isoformat()
        self.fields["paid_on"] = day("付款日期", initial=today)
        self.fields["voucher"] = short_text("国库支付凭证号", 64)

    @cached_property
    def explained(self) -> explain.Explained:
        return explain.stored(self.project)


class OrderClawBack(ActionForm):
    def build(self) -> None:
        self.fields["amount"] = money(
            "追回金额", required=False, help_text="不填就追回已兑付的全部金额"
        )


class ProposeCorrection(ActionForm):
    def build(self) -> None:
        p = self.project
        self.fields["amount"] = money(
            "更正后的追回金额",
            help_text=f"现在是{format_cn(p.clawback_fen)}，已经收到{format_cn(p.returned_fen)}，"
            f"兑付的是{format_cn(p.paid_fen)}；要在后两者之间",
        )


class Correct(ActionForm):
    """What is confirmed is what was seen: a proposal that was changed meanwhile is read first."""

    def build(self) -> None:
        _watching(self)

    @property
    def proposal(self) -> Step | None:
        return proposed_correction(self.project)


class RecordPartialReturn(ActionForm):
    """One of several receipts. It stays in the state, but two of them may not pass each other."""

    def build(self) -> None:
        rest = format_cn(self.project.outstanding_fen)
        _watching(self)
        self.fields["amount"] = money("这一笔退款", help_text=f"还没有退回{rest}，这一笔要少于它")
        _receipt(self)

    @property
    def barred(self) -> str:
        return "" if self.project.outstanding_fen else "已经全部退回，请用“确认退清”办理。"


class ConfirmReturned(ActionForm):
    """The receipt that settles the order: its amount is all that is outstanding."""

    @property
    def outstanding_fen(self) -> int:
        return self.project.outstanding_fen

    def build(self) -> None:
        if self.outstanding_fen:
            _receipt(self)


def _watching(form: ActionForm) -> None:
    """Work within a state that must not pass by what a colleague did meanwhile."""
    form.fields["version"] = forms.CharField(
        widget=forms.HiddenInput, initial=str(form.project.version)
    )


def _receipt(form: ActionForm) -> None:
    form.fields["returned_on"] = day("退款到账日期", initial=timezone.localdate().isoformat())
    form.fields["voucher"] = short_text("退款凭证号", 64)


ACCEPTANCE: dict[str, type[ActionForm]] = {
    "assign_agencies": AssignAgencies,
    "replace_agencies": AssignAgencies,
    "finish_audit": FinishAudit,
    "finish_grading": FinishGrading,
    "pass_county_review": PassCountyReview,
    "pass_city_review": PassCityReview,
    "start_selection_publicity": StartPublicity,
    "start_payment_publicity": StartPaymentPublicity,
    "determine": Determine,
    "confirm_determination": Confirm,
    "pay": Pay,
    "order_claw_back": OrderClawBack,
    "propose_claw_back_correction": ProposeCorrection,
    "correct_claw_back": Correct,
    "record_partial_return": RecordPartialReturn,
    "confirm_returned": ConfirmReturned,
}
