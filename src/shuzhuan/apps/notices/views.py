"""Pages of the public, and of the office that writes."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.notices import actions, queries
from shuzhuan.apps.notices.forms import NoticeForm, ReasonForm
from shuzhuan.apps.notices.models import Kind, Notice, State


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Everything published, by place, kind and words of the title: 通知公告."""
    asked = queries.read(request.GET.dict())
    page, places = queries.listing(asked, request.GET.get("page"))
    context = {
        "page": page,
        "places": places,
        "kinds": Kind.choices,
        "asked": asked,
        "writes": actor_of_request(request).role in OFFICERS,
    }
    return render(request, "notices/list.html", context)


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice; a withdrawn one says why and what stands in its place."""
    notice, newer = queries.public_or_404(pk)
    return render(request, "notices/page.html", {"notice": notice, "newer": newer})


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The office's own notices in every state."""
    rows = visible(actor_of_request(request), Notice).select_related("created_by").defer("body")
    state = request.GET.get("state", "")
    tests = {
        State.DRAFT: {"published_at__isnull": True, "withdrawn_at__isnull": True},
        State.PUBLISHED: {"published_at__isnull": False, "withdrawn_at__isnull": True},
        State.WITHDRAWN: {"withdrawn_at__isnull": False},
    }
    if state in tests:
        rows = rows.filter(**tests[State(state)])
    shown = Paginator(rows.order_by("-updated_at", "-pk"), queries.ROWS_ON_A_PAGE)
    context = {
        "page": shown.get_page(request.GET.get("page")),
        "state": state,
        "states": [
            (State.DRAFT, "草稿"),
            (State.PUBLISHED, "已发布"),
            (State.WITHDRAWN, "撤回和作废"),
        ],
    }
    return render(request, "notices/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Start a draft."""
    form = NoticeForm(
        request.POST if request.method == "POST" else None, initial={"kind": Kind.NOTICE}
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        notice = actions.write_draft(
            actor_of_request(request), cleaned["kind"], cleaned["title"], cleaned["body"]
        )
        messages.success(request, "草稿已保存。看一遍，确认无误再发布。")
        return redirect("notices:sheet", notice.pk)
    return render(request, "notices/form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Work on a draft."""
    actor = actor_of_request(request)
    notice = get_visible(actor, Notice, pk=pk)
    if notice.state != State.DRAFT:
        messages.error(request, "已经发布或作废的内容不能改动；要改请拟新的版本。")
        return redirect("notices:sheet", pk)
    initial = {"kind": notice.kind, "title": notice.title, "body": notice.body}
    form = NoticeForm(
        request.POST if request.method == "POST" else None,
        initial={**initial, "seen": notice.edits},
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            actions.change_draft(
                actor, pk, cleaned["seen"] or 0, cleaned["kind"], cleaned["title"], cleaned["body"]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "草稿已保存。")
            return redirect("notices:sheet", pk)
    return render(request, "notices/form.html", {"form": form, "notice": notice})


@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the office's notices as the public will see it, with what can be done next."""
    notice = get_visible(actor_of_request(request), Notice, pk=pk)
    return _sheet(request, notice, ReasonForm())


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the draft that was seen to everybody."""
    seen = request.POST.get("seen", "")
    try:
        actions.publish(actor_of_request(request), pk, int(seen) if seen.isdecimal() else 0)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "已发布，所有人都能看到。")
    return redirect("notices:sheet", pk)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back, or discard, with a reason."""
    actor = actor_of_request(request)
    notice = get_visible(actor, Notice, pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            actions.withdraw(actor, pk, form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已撤回。" if notice.published_at else "草稿已作废。")
            return redirect("notices:sheet", pk)
    return _sheet(request, notice, form)


@require_POST
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a new version of what is published."""
    try:
        notice = actions.new_version(actor_of_request(request), pk)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("notices:sheet", pk)
    return redirect("notices:change", notice.pk)


def _sheet(request: HttpRequest, notice: Notice, form: ReasonForm) -> HttpResponse:
    return render(request, "notices/sheet.html", {"notice": notice, "form": form})
