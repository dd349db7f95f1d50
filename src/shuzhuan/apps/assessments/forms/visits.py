"""Forms of a visit: the submission, and the lists of findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from shuzhuan.apps.assessments.models import Finding, FindingKind
from shuzhuan.apps.assessments.queries.sheet import label_of
from shuzhuan.apps.enterprises.forms.fields import DayField
from shuzhuan.engine.grading import IndicatorSet

EMPTY_LINES = 3
LINES_READ_MAX = 200


class SubmitForm(forms.Form):
    """The day on site and the name of whoever commits."""

    visited_on = DayField(label="现场日期", required=True)
    committed_name = forms.CharField(
        label="输入您的姓名，表示以上属实",
        max_length=64,
        error_messages={"required": "请输入您的姓名，表示承诺属实。"},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One line of a list as the page shows it."""

    item: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class FindingList:
    """One list with the items that a line may belong to: (item, label)."""

    kind: str
    title: str
    hint: str
    lines: tuple[FindingLine, ...]
    items: tuple[tuple[str, str], ...]


_HINTS = {
    FindingKind.PROBLEM: "现场看到的差距和堵点，一行一条",
    FindingKind.NEED: "企业自己提出、现场核实过的需求",
    FindingKind.SCENARIO: "建议改造的应用场景，一企一策从这里开始",
}


def finding_lines(posted: QueryDict) -> dict[str, list[tuple[str, str]]]:
    """What was typed, by kind; fields are ``<kind>-item`` and ``<kind>-text``, repeated."""
    found: dict[str, list[tuple[str, str]]] = {}
    for kind in FindingKind.values:
        items, texts = posted.getlist(f"{kind}-item"), posted.getlist(f"{kind}-text")
        found[kind] = list(zip(items, texts, strict=False))[:LINES_READ_MAX]
    return found


def finding_rows(
    indicators: IndicatorSet, stored: Sequence[Finding], typed: QueryDict | None
) -> list[FindingList]:
    """The three lists: what is stored, or what was just typed, and some empty lines."""
    every = (*indicators.question, *indicators.scenario)
    lists = []
    for kind in FindingKind:
        pairs = [(row.item, row.text) for row in stored if row.kind == kind]
        if typed is not None:
            pairs = [pair for pair in finding_lines(typed)[kind] if any(pair)]
        items = tuple(indicators.scenario) if kind == FindingKind.SCENARIO else every
        lines = [FindingLine(i, label_of(indicators, i) if i else "", text) for i, text in pairs]
        lists.append(
            FindingList(
                kind,
                kind.label,
                _HINTS[kind],
                tuple([*lines, *[FindingLine("", "", "")] * EMPTY_LINES]),
                tuple((item, label_of(indicators, item)) for item in items),
            )
        )
    return lists
