"""Take the report of a submitted sheet out of the platform, with a word in the log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.models import AssessmentKind, AssessmentState
from shuzhuan.apps.assessments.queries.sheet import sheet_or_404
from shuzhuan.apps.assessments.reports.data import report_data
from shuzhuan.apps.assessments.reports.pdf import phone_pdf, report_pdf
from shuzhuan.apps.assessments.reports.word import report_docx
from shuzhuan.apps.audit.actions import record

PDF, DOCX = "pdf", "docx"
MIMES = {
    PDF: "application/pdf",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way out. ``name`` is Chinese with the day in it."""

    name: str
    content: bytes
    mime: str


def export_report(actor: Actor, pk: int, form: str) -> File:
    """Make the report and record who took it. Raises ValidationError, Http404.

    A submitted sheet never changes, so the report is made before the transaction: the chain of
    the log is not held while typst works.
    """
    if actor.user_id is None:
        raise PermissionDenied
    sheet = sheet_or_404(actor, pk)
    if sheet.state == AssessmentState.DRAFT:
        raise ValidationError("提交以后才有报告。")
    if sheet.kind == AssessmentKind.SELF and form == DOCX:
        raise ValidationError("自评结果只有 PDF；Word 报告由现场诊断或验收评测出具。")
    data = report_data(sheet, actor)
    if form == DOCX:
        content = report_docx(data)
    else:
        content = phone_pdf(data) if sheet.kind == AssessmentKind.SELF else report_pdf(data)
    detail = {
        "report": data.number,
        "form": form,
        "sha256": hashlib.sha256(content).hexdigest(),
        "marks": list(data.marks),
    }
    with transaction.atomic():
        record("export_report", actor, sheet, detail=detail)
    return File(f"{data.file_stem}.{form}", content, MIMES[form])
