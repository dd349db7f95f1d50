"""Reading: the fund, its book, its statement, its closed days."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds import actions
from shuzhuan.apps.funds.forms import PeriodForm, StatementForm
from shuzhuan.apps.funds.models import BudgetProposal, BudgetState, Fund, Period, Purpose
from shuzhuan.apps.funds.queries import books
from shuzhuan.apps.funds.queries import ledger as book
from shuzhuan.apps.funds.queries.balances import balances
from shuzhuan.apps.funds.queries.picture import where_the_money_is
from shuzhuan.apps.funds.queries.statement import Statement, statement

EXPORT_ROWS_MAX = 100_000
WAITING_SHOWN = 20
ELSEWHERE = "这笔资金由所在地的财政、经办和领导办理；上级可以查看，不能代办。"


def works_here(actor: Actor, fund: Fund) -> bool:
    """Whether the actor keeps the books of this fund."""
    return actor.role == Role.FINANCE_OFFICER and actor.region_id == fund.place_id


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The funds of the place; when there is only one, that one: 专项资金."""
    actor = actor_of_request(request)
    funds = list(
        visible(actor, Fund).select_related("place").order_by("-year", "place__path", "pk")
    )
    if len(funds) == 1:
        return _fund(request, actor, funds[0])
    context = {"funds": funds, "finance": actor.role == Role.FINANCE_OFFICER}
    return render(request, "funds/home.html", context)


@require_safe
def fund(request: HttpRequest, pk: int) -> HttpResponse:
    """One fund as it stands: by source and line, the ratio, and where the money is."""
    actor = actor_of_request(request)
    return _fund(request, actor, _one(actor, pk))


def _one(actor: Actor, pk: int) -> Fund:
    get_visible(actor, Fund, pk=pk)
    return visible(actor, Fund).select_related("place").get(pk=pk)


def _fund(request: HttpRequest, actor: Actor, found: Fund) -> HttpResponse:
    now = balances(found)
    waiting = (
        visible(actor, BudgetProposal)
        .filter(fund=found, state=BudgetState.PROPOSED)
        .select_related("maker")
        .order_by("-proposed_at")[:WAITING_SHOWN]
    )
    context = {
        "fund": found,
        "now": now,
        "waiting": waiting,
        "picture": where_the_money_is(now),
        "works_here": works_here(actor, found),
    }
    return render(request, "funds/fund.html", context)


@require_safe
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """The book, newest first: 资金台账."""
    actor = actor_of_request(request)
    found = _one(actor, pk)
    asked = book.read(request.GET.dict())
    told = book.listing(actor, found, asked, request.GET.get("page"))
    context = {
        "fund": found,
        "asked": asked,
        "told": told,
        "page": told.page,
        "purposes": Purpose.choices,
        "lines": list(found.lines.values_list("key", "name")),
        "query": urlencode({k: v for k, v in request.GET.dict().items() if k != "page" and v}),
        "works_here": works_here(actor, found),
    }
    return render(request, "funds/ledger.html", context)


@require_safe
def ledger_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of the book that were asked for, as a workbook."""
    actor = actor_of_request(request)
    found = _one(actor, pk)
    asked = book.read(request.GET.dict())
    rows = book.narrowed(actor, found, asked)
    count = rows.count()
    if asked.mistakes or not count or count > EXPORT_ROWS_MAX:
        said = asked.mistakes or (
            ("没有符合条件的记账。",)
            if not count
            else (f"一次最多导出 {EXPORT_ROWS_MAX:,} 笔，请缩小范围。",)
        )
        for sentence in said:
            messages.error(request, sentence)
        return redirect("funds:ledger", pk)
    now = timezone.now()
    notes = [f"{timezone.localtime(now):%Y-%m-%d %H:%M} 由{actor.name}导出，{count:,} 笔"]
    content = books.ledger_book(
        f"{found.name} 资金台账", notes, book.shown(rows).iterator(chunk_size=2000), now
    )
    return _file(content, books.TYPE, f"{found.name}台账-{timezone.localdate():%Y%m%d}.xlsx")


def _asked(request: HttpRequest, actor: Actor, pk: int) -> tuple[StatementForm, Statement | None]:
    """The statement of the address; none, with a message in the form, when it cannot be."""
    found = _one(actor, pk)
    form = StatementForm(request.GET)
    if not form.is_valid():
        return form, None
    try:
        told = statement(found, form.cleaned_data["known"], form.cleaned_data["dated"])
    except ValidationError as error:
        form.add_error("known", error)
        return form, None
    return form, told


def _query(told: Statement) -> str:
    return urlencode({"known": told.known_at.isoformat(), "dated": told.dated_to.isoformat()})


@require_safe
def statement_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The fund as it was known then: 对账单. The address of the answer names its moment."""
    actor = actor_of_request(request)
    form, told = _asked(request, actor, pk)
    found = told.fund if told is not None else _one(actor, pk)
    context: dict[str, Any] = {"fund": found, "form": form, "told": told}
    context["works_here"] = works_here(actor, found)
    if told is not None:
        last = [{**row, "label": Purpose(row["purpose"]).label} for row in told.rows[-50:]]
        context |= {"query": _query(told), "last": last[::-1], "count": len(told.rows)}
    return render(request, "funds/statement.html", context, status=200 if told else 400)


@require_safe
def statement_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement as a workbook."""
    _, told = _asked(request, actor_of_request(request), pk)
    if told is None:
        return redirect("funds:statement", pk)
    return _file(books.statement_book(told), books.TYPE, f"{_name(told)}.xlsx")


@require_safe
def statement_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes whose fingerprint stands on the statement."""
    _, told = _asked(request, actor_of_request(request), pk)
    if told is None:
        return redirect("funds:statement", pk)
    return _file(told.canonical(), "application/json", f"{_name(told)}.json")


def _name(told: Statement) -> str:
    known: datetime = timezone.localtime(told.known_at)
    return f"{told.fund.name}对账单-到{told.dated_to:%Y%m%d}-{known:%Y%m%d%H%M%S}以前记账"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def periods(request: HttpRequest, pk: int) -> HttpResponse:
    """The days that are closed, and closing more of them: 结账."""
    actor = actor_of_request(request)
    found = _one(actor, pk)
    form = PeriodForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            closed = actions.close_period(actor, fund=found, until=form.cleaned_data["until"])
        except PermissionDenied:
            messages.error(request, ELSEWHERE)
            return redirect("funds:periods", pk)
        except ValidationError as error:
            form.add_error("until", error)
        else:
            messages.success(request, f"{closed} 已结账。")
            return redirect("funds:periods", pk)
    rows = visible(actor, Period).filter(fund=found).select_related("closed_by").order_by("-ends")
    context = {
        "fund": found,
        "form": form,
        "periods": rows,
        "works_here": works_here(actor, found),
    }
    return render(request, "funds/periods.html", context)


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Take no new money and no new reservations: 结清."""
    actor = actor_of_request(request)
    found = _one(actor, pk)
    try:
        actions.close_fund(actor, fund=found)
    except PermissionDenied:
        messages.error(request, ELSEWHERE)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "已结清，不再接受新的到账和锁定；追回的款项仍会记回这里。")
    return redirect("funds:periods", pk)
