"""The report of any sheet that may be seen, as PDF and as Word."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.assessments.actions.export_report import DOCX, PDF, export_report
from shuzhuan.apps.evidence.views.files import sealed_headers


@require_POST
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as PDF; a POST, because taking it out is put on record."""
    return _file(request, pk, PDF)


@require_POST
def docx(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as Word."""
    return _file(request, pk, DOCX)


def _file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    try:
        made = export_report(actor_of_request(request), pk, form)
    except ValidationError as error:
        messages.error(request, f"没有生成报告：{error.messages[0]}")
        return redirect("assessments:result", pk)
    response = HttpResponse(made.content, content_type=made.mime)
    sealed_headers(response, made.name)
    return response
