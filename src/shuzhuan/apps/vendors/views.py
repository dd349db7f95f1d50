"""Pages of consent: what the enterprise has opened, and whom the vendor works for."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.vendors.actions.consent import (
    grant_consent,
    refuse_consent,
    request_consent,
    withdraw_consent,
)
from shuzhuan.apps.vendors.forms import AnswerForm, AskForm
from shuzhuan.apps.vendors.models import Consent, ConsentState
from shuzhuan.apps.vendors.queries import (
    in_order,
    of_clients_themselves,
    parts_of,
    vendor_names,
    work_at,
)
from shuzhuan.apps.vendors.scopes import live

ROWS_ON_A_PAGE = 50
SERVED, ACTING, ASKED = "served", "acting", "asked"
TABS = ((SERVED, "服务中"), (ACTING, "轮到企业办"), (ASKED, "等待同意"), ("all", "全部"))
SENT = "申请已发出。企业同意后，它的档案会出现在这里。如果长时间没有答复，请与企业联系，确认它已在平台登记。"


@require_safe
def given(request: HttpRequest) -> HttpResponse:
    """What the enterprise has been asked for and has opened: 服务商授权."""
    actor = actor_of_request(request)
    newest = visible(actor, Consent).select_related("granted_by").order_by("-requested_at")
    rows = list(newest[:ROWS_ON_A_PAGE])
    names = vendor_names(rows)
    context = {
        "here": "vendors",
        "rows": [(row, names[row.vendor_id], parts_of(row)) for row in rows],
        "writes": actor.role == Role.ENTERPRISE_CERTIFIER,
        "today": timezone.localdate(),
    }
    return render(request, "vendors/given.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or refuse."""
    actor = actor_of_request(request)
    consent = get_visible(actor, Consent, pk=pk)
    initial = {**AnswerForm.usual(), "parts": [name for name, _ in parts_of(consent)]}
    form = AnswerForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        refused = request.POST.get("do") == "refuse"
        if refused or form.is_valid():
            try:
                if refused:
                    refuse_consent(actor, consent)
                else:
                    cleaned = form.cleaned_data
                    grant_consent(
                        actor, consent, cleaned["valid_from"], cleaned["valid_to"], cleaned["parts"]
                    )
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(
                    request,
                    "已答复：不同意。" if refused else "已同意，对方现在可以看到您选的内容。",
                )
                return redirect("vendors:given")
    context = {
        "here": "vendors",
        "consent": consent,
        "form": form,
        "open": consent.state == ConsentState.REQUESTED,
        "vendor": vendor_names([consent])[consent.vendor_id],
    }
    return render(request, "vendors/answer.html", context)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the archive to the vendor, at once."""
    actor = actor_of_request(request)
    consent = get_visible(actor, Consent, pk=pk)
    try:
        withdraw_consent(actor, consent)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "授权已撤回，立即生效。")
    back = "vendors:clients" if actor.role == Role.VENDOR_STAFF else "vendors:given"
    return redirect(back)


@require_safe
def clients(request: HttpRequest) -> HttpResponse:
    """The enterprises that the vendor works for, and how each is getting on: 我的客户."""
    actor, today = actor_of_request(request), timezone.localdate()
    state = request.GET.get("state", SERVED)
    rows = visible(actor, Consent)
    if state in (SERVED, ACTING):
        rows = rows.filter(live())
    elif state == ASKED:
        rows = rows.filter(state=ConsentState.REQUESTED)
    if state == ACTING:
        rows = of_clients_themselves(actor, rows)
    rows = rows.select_related("enterprise__enterprise", "enterprise__place")
    page = Paginator(in_order(actor, rows), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    opened = [row.enterprise_id for row in page if row.enterprise_id and row.is_live(today)]
    work = work_at(actor, opened)
    found = [
        (row, row.is_live(today), parts_of(row), work.get(row.enterprise_id or 0)) for row in page
    ]
    context = {
        "page": page,
        "rows": found,
        "tabs": TABS,
        "state": state,
        "today": today,
    }
    return render(request, "vendors/clients.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask an enterprise for its consent."""
    actor = actor_of_request(request)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            request_consent(actor, cleaned["uscc"], cleaned["purpose"], cleaned["parts"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, SENT)
            return redirect(f"{reverse('vendors:clients')}?state={ASKED}")
    return render(request, "vendors/request.html", {"form": form})
