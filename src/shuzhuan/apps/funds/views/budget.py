"""Opening a fund, entering a change of its budget, and confirming what somebody else entered."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.funds import actions
from shuzhuan.apps.funds.actions.budget import CONFIRMING
from shuzhuan.apps.funds.forms import BudgetForm, OpenForm, ReasonForm
from shuzhuan.apps.funds.models import BudgetKind, BudgetProposal, BudgetState, Fund
from shuzhuan.apps.funds.queries.balances import balances
from shuzhuan.apps.funds.queries.packs import pack_with_budget, packs_with_budget
from shuzhuan.apps.funds.views.pages import ELSEWHERE, works_here


@require_http_methods(["GET", "HEAD", "POST"])
def open_fund(request: HttpRequest) -> HttpResponse:
    """Open the special account of a document and year: 设立专项资金."""
    actor = actor_of_request(request)
    if actor.region_id is None:
        raise PermissionDenied
    packs = packs_with_budget(actor.region_id)
    asked = request.POST.get("pack") or request.GET.get("pack") or (packs[0].id if packs else "")
    pack = pack_with_budget(actor.region_id, asked)
    if pack is None:
        return render(request, "funds/open.html", {"packs": packs})
    form = OpenForm(request.POST if request.method == "POST" else None, pack)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            fund = actions.open_fund(actor, pack.id, data["year"], form.counts(), data["name"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "专项资金已设立。下一步录入到账。")
            return redirect("funds:fund", fund.pk)
    context = {"form": form, "pack": pack, "packs": packs, "budget": pack.source.budget}
    return render(request, "funds/open.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Enter money that arrived, or what goes to which line, for a colleague to confirm."""
    actor = actor_of_request(request)
    fund = get_visible(actor, Fund, pk=pk)
    if kind not in BudgetKind.values:
        raise Http404
    if not works_here(actor, fund):
        messages.error(request, ELSEWHERE)
        return redirect("funds:fund", pk)
    what = BudgetKind(kind)
    now = balances(fund)
    form = BudgetForm(request.POST if request.method == "POST" else None, fund, what, now)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.propose_budget(
                actor, fund=fund, kind=what, items=form.items(), dated=data["dated"],
                paper=data["paper"], key=data["key"],
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已提交，等另一个人复核以后才记账。")
            return redirect("funds:proposal", made.pk)
    context = {"fund": fund, "form": form, "kind": what, "now": now, "works_here": True}
    return render(request, "funds/propose.html", context)


@require_safe
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal, and what the person who looks at it can do."""
    actor = actor_of_request(request)
    return _sheet(request, actor, get_visible(actor, BudgetProposal, pk=pk), ReasonForm())


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Book what somebody else entered."""
    actor = actor_of_request(request)
    get_visible(actor, BudgetProposal, pk=pk)
    try:
        actions.confirm_budget(actor, pk)
    except PermissionDenied:
        messages.error(request, ELSEWHERE)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "已复核并记账。")
    return redirect("funds:proposal", pk)


@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it back with a reason."""
    actor = actor_of_request(request)
    found = get_visible(actor, BudgetProposal, pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            actions.decline_budget(actor, pk, form.cleaned_data["reason"])
        except PermissionDenied:
            messages.error(request, ELSEWHERE)
            return redirect("funds:proposal", pk)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已退回，没有记账。")
            return redirect("funds:proposal", pk)
    return _sheet(request, actor, found, form)


def _sheet(
    request: HttpRequest, actor: Actor, found: BudgetProposal, form: ReasonForm
) -> HttpResponse:
    rows = visible(actor, BudgetProposal).select_related("fund", "maker", "checker")
    shown = rows.get(pk=found.pk)
    waits = shown.state == BudgetState.PROPOSED
    second = actor.role in CONFIRMING and actor.region_id == shown.place_id
    context = {
        "fund": shown.fund,
        "proposal": shown,
        "items": shown.items.select_related("source", "line").order_by("pk"),
        "form": form,
        "may_decide": waits and second and shown.maker_id != actor.user_id,
        "own": waits and shown.maker_id == actor.user_id,
        "works_here": works_here(actor, shown.fund),
    }
    return render(request, "funds/proposal.html", context)
