"""Forms of the finance office. Amounts are read strictly: nothing is rounded or guessed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from shuzhuan.apps.funds.actions import Item
from shuzhuan.apps.funds.models import BudgetKind, Counts, Fund, FundLine, FundSource
from shuzhuan.apps.funds.models.budget import PAPER_CHARS_MAX
from shuzhuan.apps.funds.models.fund import YEAR_MAX, YEAR_MIN
from shuzhuan.apps.funds.models.ledger import REASON_CHARS_MAX
from shuzhuan.apps.funds.queries.balances import Balances
from shuzhuan.apps.funds.queries.packs import settled
from shuzhuan.engine.money import MoneyError, parse_yuan
from shuzhuan.engine.policy.pack import Pack


class AmountField(forms.CharField):
    """An amount in 元; becomes fen, or None when it is left empty."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(widget=widget, strip=False, required=False, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = "" if value is None else str(value)
        if not text:
            return None
        try:
            fen = parse_yuan(text)
        except MoneyError as error:
            raise forms.ValidationError(f"{error}。") from None
        if fen <= 0:
            raise forms.ValidationError("金额要大于零；不填就是没有。")
        return fen


class DayField(forms.CharField):
    """A day written as 2026-01-31."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "写成 2026-01-31")
        super().__init__(
            max_length=10, widget=forms.TextInput(attrs={"inputmode": "numeric"}), **kwargs
        )

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        return day_of(text)


def day_of(text: str) -> date:
    """The day that a text says. Raises ValidationError."""
    try:
        if len(text) != len("2026-01-31") or not text.isascii():
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise forms.ValidationError(f"日期“{text[:20]}”看不懂，请写成 2026-01-31。") from None


class KeyForm(forms.Form):
    """A form that mints the key of its request, so that pressing twice books once."""

    key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"invalid": "页面过期了，请重新打开再填。"}
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        initial = {"key": uuid4(), **(kwargs.pop("initial", None) or {})}
        super().__init__(data, initial=initial, **kwargs)


class OpenForm(forms.Form):
    """Which document and year; and what the document leaves open about its lines."""

    year = forms.IntegerField(label="年度", min_value=YEAR_MIN, max_value=YEAR_MAX)
    name = forms.CharField(
        label="名称", max_length=100, required=False, help_text="不填就用年度和文件的名称。"
    )

    def __init__(self, data: Any, pack: Pack) -> None:
        super().__init__(data, initial={"year": timezone.localdate().year})
        self.pack = pack
        budget = pack.source.budget
        self.open_lines = [
            line for line in (budget.lines if budget else ()) if settled(pack)[line.id] is None
        ]
        for line in self.open_lines:
            self.fields[f"counts_{line.id}"] = forms.ChoiceField(
                label=f"“{line.name}”计入",
                choices=Counts.choices,
                widget=forms.RadioSelect,
                help_text="文件没有写明这一项从哪一边支出。选定以后写入审计日志，不能再改。",
                error_messages={"required": "请选一边。"},
            )

    def counts(self) -> dict[str, str]:
        """The decisions, by line id."""
        return {x.id: self.cleaned_data[f"counts_{x.id}"] for x in self.open_lines}


HINTS = {
    BudgetKind.APPROPRIATE: "收到的指标文号，如 宁财（企）指标〔2026〕12号。",
    BudgetKind.ALLOCATE: "预算安排的依据，如资金使用计划的文号。",
    BudgetKind.RECALL: "调回的依据，如预算调整批复的文号。",
    BudgetKind.SURRENDER: "上缴的依据，如收回结余资金的文号。",
}


class BudgetForm(KeyForm):
    """One amount per source, or per source and line; empty ones are none."""

    dated = DayField(label="业务日期", help_text="凭证上的日期，写成 2026-01-31。")
    paper = forms.CharField(label="依据文号", max_length=PAPER_CHARS_MAX)

    def __init__(self, data: Any, fund: Fund, kind: BudgetKind, now: Balances) -> None:
        super().__init__(data, initial={"dated": timezone.localdate().isoformat()})
        self.fields["paper"].help_text = HINTS[kind]
        self.cells: dict[str, tuple[FundSource, FundLine | None]] = {}
        lines: list[FundLine | None] = [None]
        if kind in (BudgetKind.ALLOCATE, BudgetKind.RECALL):
            lines = [row.line for row in now.lines]
        for line in lines:
            for source in now.sources:
                name = f"fen_{source.source.pk}_{line.pk if line else 0}"
                self.cells[name] = (source.source, line)
                label = f"{line.name} · {source.source.name}" if line else source.source.name
                self.fields[name] = AmountField(
                    label=label, help_text="单位：元，只写数字，如 3000000 或 3000000.50"
                )

    def head_fields(self) -> list[forms.BoundField]:
        """What stands above the amounts."""
        return [self["dated"], self["paper"]]

    def amount_rows(self) -> list[tuple[FundLine | None, list[tuple[str, forms.BoundField]]]]:
        """The amounts as they are laid out: a row per line, a cell per source."""
        rows: dict[int, tuple[FundLine | None, list[tuple[str, forms.BoundField]]]] = {}
        for name, (source, line) in self.cells.items():
            row = rows.setdefault(line.pk if line else 0, (line, []))
            row[1].append((source.name, self[name]))
        return list(rows.values())

    def items(self) -> list[Item]:
        """The amounts that were filled in."""
        return [
            Item(source, fen, line)
            for name, (source, line) in self.cells.items()
            if (fen := self.cleaned_data.get(name))
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) for name in self.cells):
            raise forms.ValidationError("请至少填一个金额。")
        return cleaned


class ReasonForm(forms.Form):
    """Why something is sent back."""

    reason = forms.CharField(
        label="退回原因",
        max_length=REASON_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明退回的原因。"},
    )


class PeriodForm(forms.Form):
    """Until which day the book is closed."""

    until = DayField(label="结到哪一天", help_text="这一天和以前的都不能再记。写成 2026-01-31。")


class StatementForm(forms.Form):
    """Which statement: known until the end of a day (or a moment), business up to a day."""

    known = forms.CharField(label="记账截至", required=False, max_length=40)
    dated = DayField(label="业务日期截至", required=False, help_text="")

    def clean_known(self) -> datetime | None:
        text = self.cleaned_data["known"].strip()
        if not text:
            return None
        if len(text) == len("2026-01-31"):
            day = day_of(text)
            if day >= timezone.localdate():
                return None
            return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
        try:
            moment = datetime.fromisoformat(text.replace(" ", "+"))
            if moment.tzinfo is None:
                moment = timezone.make_aware(moment)
        except (ValueError, OverflowError):
            raise forms.ValidationError(f"“{text[:20]}”看不懂，请写成 2026-01-31。") from None
        if not YEAR_MIN <= moment.year <= YEAR_MAX:
            raise forms.ValidationError(f"年份应在 {YEAR_MIN} 到 {YEAR_MAX} 之间。")
        return moment
