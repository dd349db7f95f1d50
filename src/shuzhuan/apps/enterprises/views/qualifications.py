"""The list of qualifications, and one of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible
from shuzhuan.apps.enterprises.actions import qualifications as acting
from shuzhuan.apps.enterprises.forms.qualification import FIELDS, QualificationForm, load
from shuzhuan.apps.enterprises.models import Qualification
from shuzhuan.apps.enterprises.queries import archive as reading
from shuzhuan.apps.enterprises.sections import FILLERS
from shuzhuan.apps.enterprises.views import parsing
from shuzhuan.apps.enterprises.views.conflict import conflict


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """All qualifications; posting confirms that the list is complete."""
    actor = actor_of_request(request)
    enterprise = reading.own_enterprise(actor)
    if request.method == "POST":
        acting.confirm_qualifications(actor, enterprise)
        messages.success(request, "已确认：没有列出的资质按“没有”计算。以后有了新的，随时加上。")
        return redirect("enterprises:qualifications")
    found = reading.load(enterprise, timezone.localdate())
    context = {
        "here": "archive",
        "archive": found,
        "enterprise": enterprise,
        "writes": actor.role in FILLERS,
    }
    return render(request, "enterprises/qualifications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Write down a new qualification."""
    actor = actor_of_request(request)
    enterprise = reading.own_enterprise(actor)
    if request.method != "POST":
        return _form(request, QualificationForm(enterprise=enterprise), None)
    saved = acting.add_qualification(actor, enterprise, parsing.typed(request, FIELDS))
    if saved.stored:
        messages.success(request, "资质已登记。")
        return redirect("enterprises:qualifications")
    return _form(request, saved.form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a qualification."""
    actor = actor_of_request(request)
    row = get_visible(actor, Qualification, pk=pk, withdrawn_at__isnull=True)
    now = load(row)
    if request.method != "POST":
        form = QualificationForm(initial=now, enterprise=row.enterprise)
        return _form(request, form, row, now)
    mine, before = parsing.resolved(request, parsing.typed(request, FIELDS), now)
    saved = acting.change_qualification(actor, row, mine, before)
    if saved.stored:
        messages.success(request, "资质已更新。")
        return redirect("enterprises:qualifications")
    if saved.conflicts:
        return conflict(request, "资质", saved, mine, now)
    return _form(request, saved.form, row, before)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a qualification off the list."""
    actor = actor_of_request(request)
    row = get_visible(actor, Qualification, pk=pk)
    try:
        acting.withdraw_qualification(actor, row, request.POST.get("reason", ""))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("enterprises:qualification", pk)
    messages.success(request, "资质已撤销，记录仍然保留。")
    return redirect("enterprises:qualifications")


def _form(
    request: HttpRequest,
    form: QualificationForm | object,
    row: Qualification | None,
    before: dict[str, str] | None = None,
) -> HttpResponse:
    context = {
        "here": "archive",
        "form": form,
        "row": row,
        "before": [(parsing.WAS + name, text) for name, text in (before or {}).items()],
    }
    return render(request, "enterprises/qualification.html", context)
