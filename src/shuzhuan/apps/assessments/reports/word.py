"""A report as Word, filled into a template by docxtpl.

The data are values, never templates: markup in them is escaped, braces stay braces, and the
template itself runs in a sandbox because an operator may replace it.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from shuzhuan.apps.assessments.reports.drawing import PNG_WIDTH_MM, pngs, svgs
from shuzhuan.apps.assessments.reports.model import ReportData, chapters_of

SHIPPED = Path(__file__).parent


def report_docx(data: ReportData) -> bytes:
    """The whole report. Raises ValidationError when the operator's own template cannot be used."""
    path = template_path(data.kind)
    try:
        return _filled(path, data)
    except Exception as error:  # whatever is wrong with a file that somebody put there
        if path.parent == SHIPPED:
            raise
        raise ValidationError(f"自定义的报告模板 {path.name} 用不了：{error}") from error


def template_path(kind: str) -> Path:
    """The operator's template where there is one, else the one that ships."""
    own = Path(settings.REPORT_TEMPLATES_DIR) / f"{kind}.docx"
    return own if own.is_file() else SHIPPED / f"{kind}.docx"


def _filled(path: Path, data: ReportData) -> bytes:
    template = DocxTemplate(path)
    template.init_docx()
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    template.render(_context(template, data), jinja_env=environment, autoescape=True)
    document = template.docx
    for shape, chart in zip(document.inline_shapes, data.charts, strict=False):
        shape._inline.docPr.set("descr", chart.summary)
    properties, day = document.core_properties, datetime.fromtimestamp(data.timestamp, UTC)
    properties.title, properties.created, properties.modified = data.short_title[:255], day, day
    held = BytesIO()
    template.save(held)
    return held.getvalue()


def _context(template: DocxTemplate, data: ReportData) -> dict[str, Any]:
    """Plain values by the names of ``ReportData``; the charts as pictures."""
    context: dict[str, Any] = {
        name: getattr(data, name) for name in data.__dataclass_fields__ if name != "charts"
    }
    context |= {"chapters": data.chapters, "absent": data.absent}
    # A chapter that is left out leaves its foot behind, which is filled in too and never seen.
    context["called"] = {one.key: one for one in (*chapters_of(data.kind), *data.chapters)}
    pictures = pngs(svgs(data.charts))
    context["charts"] = [
        {
            "number": at,
            "title": chart.title,
            "unit": chart.unit,
            "summary": chart.summary,
            "source": chart.source,
            "picture": InlineImage(template, BytesIO(picture), width=Mm(PNG_WIDTH_MM)),
        }
        for at, (chart, picture) in enumerate(zip(data.charts, pictures, strict=True), start=1)
    ]
    for name in ("questions", "scenarios"):
        context[name] = [asdict(one) | {"answer": "\n".join(one.answer)} for one in context[name]]
    return context
