"""Commit to a self-assessment, read any result that may be seen, withdraw one's own."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.accounts.roles import ENTERPRISE, GOVERNMENT
from shuzhuan.apps.assessments import drawings
from shuzhuan.apps.assessments.actions.submit import submit
from shuzhuan.apps.assessments.actions.withdraw import withdraw
from shuzhuan.apps.assessments.actions.writing import CERTIFIERS
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, AssessmentState
from shuzhuan.apps.assessments.queries import entries as listing
from shuzhuan.apps.assessments.queries import result as telling
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.peers import peers
from shuzhuan.apps.assessments.views.filling import closed
from shuzhuan.engine.grading import Result, show_milli

UNPROCESSABLE = 422
_DIGITS_MAX = 9


@require_http_methods(["GET", "HEAD", "POST"])
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    """What is declared; the certifier types the own name, then the result is there."""
    actor = actor_of_request(request)
    found = reading.sheet_or_404(actor, pk)
    if closed(found):
        return redirect("assessments:result", pk)
    wrong = ""
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        known = seen.isascii() and seen.isdigit() and len(seen) <= _DIGITS_MAX
        try:
            submit(
                actor,
                pk,
                committed_name=request.POST.get("name", ""),
                seen_saves=int(seen) if known else -1,
            )
        except ValidationError as error:
            wrong = error.messages[0]
        else:
            return redirect("assessments:result", pk)
    rows = reading.rows(found)
    context = {
        "here": "level",
        "assessment": found,
        "sheet": listing.sheet(found, rows, {}),
        "indicators": reading.indicator_set(found),
        "commits": actor.role in CERTIFIERS,
        "store_key": f"{actor.user_id}:{found.pk}",
        "typed": request.POST.get("name", ""),
        "wrong": wrong,
    }
    status = UNPROCESSABLE if wrong else 200
    return render(request, "assessments/self/commit.html", context, status=status)


@require_safe
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """The result of one submitted assessment, for whoever may see it."""
    actor = actor_of_request(request)
    found = reading.sheet_or_404(actor, pk)
    if found.state == AssessmentState.DRAFT:
        return _draft(found)
    graded = reading.result(found)
    rows = reading.rows(found)
    kept = set(request.GET.getlist("keep"))
    target = request.GET.get("target", "")
    context = {
        "here": "level",
        "assessment": found,
        "result": graded,
        "total": show_milli(graded.points_milli.low),
        "full": show_milli(graded.max_milli),
        "checks": telling.checks(graded),
        "dimensions": drawings.dimension_bars(graded),
        "radar": drawings.scenario_radar(graded, found.get_kind_display()),
        "onward": telling.onward(
            reading.indicator_set(found),
            reading.answers(found),
            graded,
            int(target) if target.isascii() and target.isdigit() and len(target) == 1 else 0,
            kept,
        ),
        "sheet": listing.sheet(found, rows, listing.evidence(actor, rows)),
        "own": actor.role in ENTERPRISE,
        "withdraws": _withdraws(actor, found),
        **_peers(actor, found, graded),
    }
    return render(request, "assessments/self/result.html", context)


def _draft(found: Assessment) -> HttpResponse:
    """A draft has no result yet: back to where it is written."""
    if found.kind == AssessmentKind.SELF:
        return redirect("assessments:self_sheet", found.pk)
    return redirect("assessments:visit", found.engagement_id or 0)


def _withdraws(actor: Actor, found: Assessment) -> bool:
    return (
        actor.role in CERTIFIERS
        and found.kind == AssessmentKind.SELF
        and found.party_id == actor.party_id
        and found.state == AssessmentState.SUBMITTED
    )


def _peers(actor: Actor, found: Assessment, graded: Result) -> dict[str, object]:
    """The comparison, for the enterprise itself and the government of its place."""
    shown = actor.role in ENTERPRISE or actor.role in GOVERNMENT
    if not shown or found.kind != AssessmentKind.SELF:
        return {}
    return {"peers": peers(found, graded.level_names)}


@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a submitted self-assessment, with the reason."""
    actor = actor_of_request(request)
    found = reading.sheet_or_404(actor, pk)
    if not _withdraws(actor, found):
        return redirect("assessments:result", pk)
    wrong = ""
    if request.method == "POST":
        try:
            withdraw(actor, pk, request.POST.get("reason", ""))
        except ValidationError as error:
            wrong = error.messages[0]
        else:
            messages.success(request, "已撤销。这份自评仍留在历史里，可以重新评一次。")
            return redirect("assessments:self_home")
    context = {
        "here": "level",
        "assessment": found,
        "wrong": wrong,
        "typed": request.POST.get("reason", ""),
    }
    status = UNPROCESSABLE if wrong else 200
    return render(request, "assessments/self/withdraw.html", context, status=status)
