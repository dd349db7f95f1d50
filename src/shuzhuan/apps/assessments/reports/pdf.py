"""A report as PDF, set by typst with the bundled Chinese fonts."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from shuzhuan.apps.assessments.reports.drawing import compile_pdf, svgs
from shuzhuan.apps.assessments.reports.model import ReportData
from shuzhuan.engine.charts import Chart

REPORT = Path(__file__).with_name("report.typ")
PHONE = Path(__file__).with_name("phone.typ")
PHONE_WIDTH_PX = 450


def report_pdf(data: ReportData) -> bytes:
    """The whole report on A4. Equal data give equal bytes."""
    return compile_pdf(REPORT, plain_data(data, svgs(data.charts)), data.timestamp)


def phone_pdf(data: ReportData) -> bytes:
    """The result of a self-assessment on pages as narrow as a phone."""
    drawn = svgs(data.charts, PHONE_WIDTH_PX)
    return compile_pdf(PHONE, plain_data(data, drawn), data.timestamp)


def plain_data(data: ReportData, pictures: list[str]) -> dict[str, Any]:
    """What the typst templates read: texts and pictures, nothing to compute."""
    plain = {
        field.name: _plain(getattr(data, field.name))
        for field in fields(data)
        if field.name != "charts"
    }
    charts = [_chart(chart, picture) for chart, picture in zip(data.charts, pictures, strict=True)]
    return plain | {"chapters": _plain(data.chapters), "charts": charts}


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value  # type: ignore[call-overload]


def _chart(chart: Chart, picture: str) -> dict[str, str]:
    return {
        "title": chart.title,
        "unit": chart.unit,
        "summary": chart.summary,
        "source": chart.source,
        "picture": picture,
    }
