"""What the enterprise fills in: sections of the filing, papers, contract, investment lines.

A file may be chosen from the library or sent along; the view stores what was sent and names it
in the field of the document before `perform` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.evidence.slots import SLOTS
from shuzhuan.apps.projects.forms.base import ActionForm, long_text, money, short_text
from shuzhuan.apps.projects.models import Contract, Line, LineKind, Project
from shuzhuan.apps.projects.queries.rise import LEVELS
from shuzhuan.engine.money import format_plain

Choices = Sequence[tuple[Any, Any]]
FILE = "_file"  # suffix of the field that brings a new file for a document's field


class DayInput(forms.TextInput):
    """The browser's own calendar; what it could not show stays visible as text."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        try:
            picked = not shown or bool(date.fromisoformat(shown))
        except ValueError:
            picked = False
        context["widget"]["type"] = "date" if picked else "text"
        return context


def day(label: str, **options: Any) -> forms.CharField:
    """A date. Raises nothing: `perform` reads it."""
    return forms.CharField(label=label, widget=DayInput, max_length=10, **options)


class FileInput(forms.FileInput):
    """A file for a slot: on a phone the system offers the camera for pictures."""

    template_name = "projects/parts/file_input.html"

    def __init__(self, slot: str) -> None:
        kinds = SLOTS[slot].kinds
        pictures = [
            f"image/{'jpeg' if kind == 'jpg' else kind}" for kind in kinds if kind in _PICTURES
        ]
        accept = ",".join([*pictures, SLOTS[slot].accept])
        super().__init__(attrs={"accept": accept})
        self.camera = ",".join(pictures)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["camera"] = self.camera
        return context


_PICTURES = ("jpg", "png")


class FirmForm(ActionForm):
    """A form of the enterprise's pages. ``place`` keeps the ids of several forms apart."""

    def __init__(
        self,
        project: Project,
        action: str,
        data: QueryDict | None = None,
        problems: Mapping[str, str] | None = None,
        *,
        place: str = "",
        library: Iterable[Document] = (),
        **initial: Any,
    ) -> None:
        self.place, self.library = place, list(library)
        super().__init__(project, action, data, problems, **initial)
        if place:
            self.auto_id = f"{action}-{place}-%s"
        if "truthful" in self.fields:  # whoever signs has read everything above
            self.fields["truthful"] = self.fields.pop("truthful")

    def document(self, name: str, label: str, slot: str) -> None:
        """Two fields: a document of the library, or a new file that becomes one."""
        self.fields[name] = forms.ChoiceField(
            label=f"{label}：从资料库选", choices=documents(self.library, slot), required=False
        )
        self.fields[f"{name}{FILE}"] = forms.FileField(
            label=f"{label}：现在上传", widget=FileInput(slot), required=False,
            help_text=f"{SLOTS[slot].kinds_text}；传了新的就用新的",
        )  # fmt: skip


def documents(library: Iterable[Document], slot: str) -> Choices:
    """Fitting documents first, the others below."""
    rows = list(library)
    fitting = [(str(d.pk), d.title) for d in rows if d.slot == slot]
    others = [(str(d.pk), f"{d.title}（{d.get_slot_display()}）") for d in rows if d.slot != slot]
    found: list[tuple[Any, Any]] = [("", "不选")]
    if fitting:
        found.append((SLOTS[slot].label, fitting))
    if others:
        found.append(("其他资料", others))
    return found


class SectionForm(FirmForm):
    """One section of the filing, ``place`` is its key; saved by itself."""

    plans: Choices = ()
    vendors: Choices = ()
    level_hint = ""

    def __init__(self, *args: Any, plans: Choices = (), vendors: Choices = (),
                 level_hint: str = "", **options: Any) -> None:  # fmt: skip
        self.plans, self.vendors, self.level_hint = plans, vendors, level_hint
        super().__init__(*args, **options)

    def build(self) -> None:
        self.fields["version"] = forms.CharField(
            widget=forms.HiddenInput, initial=str(self.project.version)
        )
        getattr(self, f"_{self.place}")()

    def _content(self) -> None:
        p = self.project
        self.fields["title"] = short_text("项目名称", 100, initial=p.title)
        self.fields["content"] = long_text(
            "项目内容", 4000, 8, initial=p.content,
            help_text="要上哪些系统和设备，接入哪些产线和业务。公示时会公开",
        )  # fmt: skip
        self.fields["goal"] = long_text("改造目标", 2000, 5, initial=p.goal)

    def _plan(self) -> None:
        p = self.project
        self.fields["plan"] = forms.ChoiceField(
            label="一企一策方案", choices=[("", "不用平台上的方案"), *self.plans], required=False,
            initial=str(p.plan_id or ""), help_text="只列企业已经确认的方案",
        )  # fmt: skip
        self.fields["vendor"] = forms.ChoiceField(
            label="服务商", choices=[("", "不在列表里"), *self.vendors], required=False,
            initial=str(p.vendor_id or ""),
        )  # fmt: skip
        self.fields["vendor_name"] = short_text(
            "服务商名称", 128, required=False,
            initial="" if p.vendor_id else p.vendor_name, help_text="上面选了的不用填",
        )  # fmt: skip

    def _schedule(self) -> None:
        p = self.project
        self.fields["planned_fen"] = money(
            "计划投入", initial=format_plain(p.planned_fen) if p.planned_fen else "",
            help_text="只写数字，如 800000 或 800000.50。软件、云服务、数据采集传输设备的购置支出",
        )  # fmt: skip
        self.fields["starts_on"] = day("计划开工日期", initial=p.starts_on)
        last = p.batch.parameters.cycle_ends(p.pilot.starts_on)
        self.fields["ends_on"] = day(
            "计划完工日期", initial=p.ends_on, help_text=f"试点周期到 {last} 为止，要在这以前完工"
        )
        self.fields["level_target"] = forms.ChoiceField(
            label="目标等级", choices=[("", "请选择"), *LEVELS.items()],
            initial=str(p.level_target or ""), help_text=self.level_hint,
        )  # fmt: skip


class PaperForm(FirmForm):
    """One paper; ``place`` is its id."""

    slot = "other"

    def __init__(self, *args: Any, slot: str = "other", **options: Any) -> None:
        self.slot = slot
        super().__init__(*args, **options)

    def build(self) -> None:
        self.fields["paper"] = forms.CharField(widget=forms.HiddenInput, initial=self.place)
        self.document("document", "材料", self.slot)


class ConfirmForm(FirmForm):
    """What binds the enterprise: whoever signs says that it is true."""

    words = "我代表企业确认：所填内容和所附材料真实、完整"

    def build(self) -> None:
        self.fields["truthful"] = forms.BooleanField(label=self.words)


class PlainForm(FirmForm):
    """A reason at most."""


class ContractForm(FirmForm):
    """Add a contract, or change ``row``."""

    def __init__(self, *args: Any, row: Contract | None = None, **options: Any) -> None:
        self.row = row
        super().__init__(*args, **options)

    def build(self) -> None:
        row, p = self.row, self.project
        vendor = p.vendor_name
        code = p.vendor.uscc if p.vendor is not None else ""
        self.fields["contract"] = forms.CharField(
            widget=forms.HiddenInput, required=False, initial=str(row.pk) if row else ""
        )
        self.fields["number"] = short_text("合同编号", 64, initial=row.number if row else "")
        self.fields["vendor_name"] = short_text(
            "对方单位", 128, initial=row.vendor_name if row else vendor
        )
        self.fields["vendor_uscc"] = short_text(
            "对方统一社会信用代码", 18, required=False, initial=row.vendor_uscc if row else code,
            help_text="用来核对评测机构与改造机构没有关联",
        )  # fmt: skip
        self.fields["signed_on"] = day("签订日期", initial=row.signed_on if row else "")
        self.fields["amount"] = money(
            "合同金额", initial=format_plain(row.amount_fen) if row else "",
            help_text="只写数字，如 800000 或 800000.50",
        )  # fmt: skip
        self.document("document", "合同文件", "contract")
        if row is not None:
            self.initial["document"] = str(row.document_id or "")


class LineForm(FirmForm):
    """Add a purchase, or change ``row``."""

    def __init__(
        self, *args: Any, row: Line | None = None, contracts: Iterable[Contract] = (),
        window: str = "", **options: Any,
    ) -> None:  # fmt: skip
        self.row, self.contracts, self.window = row, list(contracts), window
        super().__init__(*args, **options)

    def build(self) -> None:
        row = self.row
        self.fields["line"] = forms.CharField(
            widget=forms.HiddenInput, required=False, initial=str(row.pk) if row else ""
        )
        self.fields["kind"] = forms.ChoiceField(
            label="类别", choices=LineKind.choices, widget=forms.RadioSelect,
            initial=row.kind if row else "",
            help_text="日常经营、原材料采购等与转型无关的支出不计入（第十六条）",
        )  # fmt: skip
        self.fields["name"] = short_text(
            "名称", 128, initial=row.name if row else "", help_text="买了什么，如 生产执行系统"
        )
        self.fields["supplier"] = short_text("供应单位", 128, initial=row.supplier if row else "")
        if self.contracts:
            self.fields["contract"] = forms.ChoiceField(
                label="属于哪份合同", required=False,
                choices=[("", "不属于合同"), *((str(c.pk), c.number) for c in self.contracts)],
                initial=str(row.contract_id or "") if row else str(self.contracts[0].pk),
            )  # fmt: skip
        self.fields["amount"] = money(
            "金额", initial=format_plain(row.amount_fen) if row else "",
            help_text="只写数字，如 50000 或 50000.50",
        )  # fmt: skip
        self.fields["invoice_number"] = short_text(
            "发票号码", 40, initial=row.invoice_number if row else "",
            help_text="一张发票只能登记一次",
        )  # fmt: skip
        self.fields["invoice_on"] = day(
            "开票日期", initial=row.invoice_on if row else "", help_text=self.window
        )
        self.document("invoice", "发票", "invoice")
        self.fields["paid_on"] = day(
            "付款日期", initial=row.paid_on if row else "", help_text=self.window
        )
        self.document("proof", "付款凭证", "payment")
        if row is not None:
            self.initial["invoice"] = str(row.invoice_id or "")
            self.initial["proof"] = str(row.proof_id or "")
