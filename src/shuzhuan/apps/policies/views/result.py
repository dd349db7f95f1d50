"""The result of 算一算: page, PDF and the decision document."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shuzhuan.apps.policies.case import Case
from shuzhuan.apps.policies.queries import questions
from shuzhuan.apps.policies.queries import result as results
from shuzhuan.apps.policies.reports.result_pdf import result_pdf
from shuzhuan.apps.policies.views.calculator import BAD_REQUEST, case_of, page_context


@require_safe
def page(request: HttpRequest, place: str) -> HttpResponse:
    """What the case would get, why, and what is missing."""
    case = case_of(request, place)
    _, progress = questions.next_question(case, "")
    context = page_context(case) | {
        "progress": progress,
        "share_url": request.build_absolute_uri(request.path) + "?" + case.query(pinned=True),
        "day": case.as_of,
    }
    return render(
        request, "policies/result.html", context, status=BAD_REQUEST if case.mistakes else None
    )


@require_safe
def pdf(request: HttpRequest, place: str) -> HttpResponse:
    """The result as one A4 document."""
    case = case_of(request, place)
    if case.mistakes:
        return _refused(request, case)
    view = results.view(case)
    address = request.build_absolute_uri(request.path.removesuffix(".pdf") + "/")
    content = result_pdf(case, view, f"{address}?{case.query(pinned=True)}")
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{case.pack.id}-{case.as_of.isoformat()}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def document(request: HttpRequest, place: str) -> HttpResponse:
    """The decision document, which `shuzhuan policy replay` reproduces."""
    case = case_of(request, place)
    if case.mistakes:
        return _refused(request, case)
    decision = results.decide(case)
    body = json.dumps(decision.to_json(), ensure_ascii=False, indent=2)
    response = HttpResponse(body + "\n", content_type="application/json; charset=utf-8")
    name = f"{case.pack.id}-{case.as_of.isoformat()}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _refused(request: HttpRequest, case: Case) -> HttpResponse:
    """No file is made from an address that was only partly understood."""
    if request.path.endswith(".json"):
        problems = [{"key": m.key, "label": m.label, "message": m.message} for m in case.mistakes]
        return JsonResponse(
            {"problems": problems}, status=BAD_REQUEST, json_dumps_params={"ensure_ascii": False}
        )
    return page(request, case.pack.id)
