"""算一算: one question at a time, everything in the address, nothing stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.policies import answers
from shuzhuan.apps.policies.case import Case, read_case
from shuzhuan.apps.policies.queries import library, questions, result
from shuzhuan.engine.policy.facts import FactDef

COOKIE = "calc-{place}"
BAD_REQUEST = 400


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """算一算: choose a place."""
    return render(request, "policies/calc_start.html", {"cards": library.cards()})


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, place: str) -> HttpResponse:
    """Show the next question, take an answer, and send the person on."""
    case = case_of(request, place)
    if request.method == "POST":
        return _answer_personal(request, case)
    asked = request.GET.get("ask", "")
    back = "policies:result" if request.GET.get("to") == "result" else "policies:calc"
    if asked in case.skipped:  # skipping comes from the same form as the answer
        return _redirect(back, case)
    if asked and "answer" in request.GET:
        return _take_answer(request, case, asked)
    if not asked and back == "policies:result":
        return _redirect(back, case)
    return _page(request, case, asked)


def _take_answer(request: HttpRequest, case: Case, asked: str) -> HttpResponse:
    """A typed answer: into the address when it is right, back into the field when it is not."""
    fact = case.program.declared.get(asked)
    if fact is None or fact.personal:
        return _page(request, case, asked)
    typed, unit = request.GET.get("answer", ""), request.GET.get("unit", "yuan")
    try:
        raw = answers.parse_answer(fact, typed, unit)
    except ValueError as error:
        return _page(request, case, asked, str(error))
    to = "policies:result" if request.GET.get("to") == "result" else "policies:calc"
    return _redirect(to, case.answered(asked, raw))


def _answer_personal(request: HttpRequest, case: Case) -> HttpResponse:
    """A personal answer goes into the browser's own signed cookie and never into the address."""
    fact = case.program.declared.get(request.POST.get("ask", ""))
    if fact is None or not fact.personal:
        return _redirect("policies:calc", case)
    known = {key: case.raw[key] for key in case.personal}
    if "skip" in request.POST:
        known.pop(fact.key, None)
        response = _redirect("policies:calc", case, ("skip", fact.key))
    else:
        try:
            typed = request.POST.get("answer", "")
            known[fact.key] = answers.parse_answer(fact, typed, request.POST.get("unit", "yuan"))
        except ValueError as error:
            return _page(request, case, fact.key, str(error))
        response = _redirect("policies:calc", case)
    name = COOKIE.format(place=case.pack.id)
    response.set_cookie(
        name,
        signing.dumps(known, salt=name, compress=True),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
        path=reverse("policies:calc", args=[case.pack.id]),
    )
    return response


def _redirect(route: str, case: Case, *more: tuple[str, str]) -> HttpResponseRedirect:
    query = case.query(*more)
    address = reverse(route, args=[case.pack.id])
    return HttpResponseRedirect(f"{address}?{query}" if query else address)


def _page(request: HttpRequest, case: Case, asked: str, error: str = "") -> HttpResponse:
    question, progress = questions.next_question(case, asked)
    if question is None and not case.mistakes and case.raw and not progress.skipped:
        return _redirect("policies:result", case)
    sent = request.POST if request.method == "POST" else request.GET
    context = page_context(case) | {
        "question": question,
        "progress": progress,
        "error": error,
        "to_result": request.GET.get("to") == "result",
        "unit": sent.get("unit", "yuan"),
    }
    if question is not None:
        fact = question.fact
        context |= {
            "hidden": [p for p in case.pairs(without=fact.key) if p[0] != "ask"],
            "typed": sent.get("answer", "") if error else typed_form(case, fact),
            "understood": understood(case, fact),
        }
    return render(
        request, "policies/calc.html", context, status=BAD_REQUEST if case.mistakes else None
    )


def typed_form(case: Case, fact: FactDef) -> str:
    """The known answer as it stands in the input."""
    return answers.typed_form(fact, case.raw[fact.key]) if fact.key in case.raw else ""


def understood(case: Case, fact: FactDef) -> str:
    """The known answer read back."""
    return answers.read_back(fact, case.raw[fact.key]) if fact.key in case.raw else ""


@require_safe
def echo(request: HttpRequest, place: str) -> HttpResponse:
    """How a typed amount is understood, while it is being typed."""
    pack = library.pack_or_404(place)
    fact = pack.facts.get(request.GET.get("ask", ""))
    typed = request.GET.get("answer", "")
    context: dict[str, str] = {}
    if fact is not None and typed.strip():
        try:
            raw = answers.parse_answer(fact, typed, request.GET.get("unit", "yuan"))
            context["understood"] = answers.read_back(fact, raw)
        except ValueError as error:
            context["doubt"] = str(error)
    return render(request, "policies/parts/echo.html", context)


def case_of(request: HttpRequest, place: str) -> Case:
    """Read the case out of the address and the person's own cookie."""
    pack = library.pack_or_404(place)
    query = dict(request.GET.lists())
    return read_case(pack, query, _personal(request, place), timezone.localdate())


def _personal(request: HttpRequest, place: str) -> Mapping[str, object]:
    name = COOKIE.format(place=place)
    try:
        known = signing.loads(request.COOKIES.get(name, ""), salt=name)
    except signing.BadSignature:
        return {}
    return known if isinstance(known, dict) else {}


def page_context(case: Case) -> dict[str, Any]:
    """What the question page and the result page share."""
    return {
        "case": case,
        "place": case.pack.id,
        "card": library.card(case.pack, timezone.localdate()),
        "query": case.query(),
        "pinned": case.query(pinned=True),
        "result": result.view(case),
    }
