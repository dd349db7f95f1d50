"""一企一策: the pages of whoever writes the plan, and of whoever reads and answers it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.accounts.roles import ENTERPRISE
from shuzhuan.apps.assessments.actions.plan import (
    MeasureText,
    accept_plan,
    drop_measure,
    open_plan,
    save_measure,
    save_outline,
    send_back,
    submit_plan,
)
from shuzhuan.apps.assessments.actions.writing import CERTIFIERS
from shuzhuan.apps.assessments.forms.answer import read_value
from shuzhuan.apps.assessments.forms.plans import MeasureForm, OutlineForm, ReturnForm
from shuzhuan.apps.assessments.forms.typed import typed
from shuzhuan.apps.assessments.models import (
    Assessment,
    AssessmentKind,
    AssessmentState,
    Finding,
    FindingKind,
    Measure,
    Plan,
    PlanState,
)
from shuzhuan.apps.assessments.queries import entries as listing
from shuzhuan.apps.assessments.queries import sheet as reading
from shuzhuan.apps.assessments.queries.expected import (
    SUPPOSED_TEXT,
    Expected,
    as_submitted,
    expected,
)
from shuzhuan.apps.assessments.queries.plans import (
    measure_lines,
    newest_plan,
    plan_or_404,
    plans_of_firm,
)
from shuzhuan.apps.assessments.queries.visits import Visit, enterprise_of, visit_or_404
from shuzhuan.engine.money import format_plain

UNPROCESSABLE = 422
_DIGITS_MAX = 9


def _diagnosis(actor: Actor, pk: int) -> tuple[Visit, Assessment | None]:
    """A visit with its submitted diagnosis; None while there is none to plan on."""
    found = visit_or_404(actor, pk)
    sheet = found.sheet
    if sheet is None or sheet.kind != AssessmentKind.DIAGNOSIS:
        return found, None
    if sheet.state != AssessmentState.SUBMITTED:
        return found, None
    return found, reading.sheet_or_404(actor, sheet.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def writing(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan of a visit: begin, outline, measures, figures, hand over."""
    actor = actor_of_request(request)
    found, sheet = _diagnosis(actor, pk)
    if sheet is None:
        return redirect("assessments:visit", pk)
    plan = newest_plan(actor, sheet)
    form = OutlineForm(initial=_outline(plan))
    if request.method == "POST":
        form = OutlineForm(request.POST)
        try:
            if _written(request, actor, sheet, plan, form):
                return redirect("assessments:visit_plan", pk)
        except ValidationError as error:
            if request.POST.get("do") != "outline":
                messages.error(request, error.messages[0])
                return redirect("assessments:visit_plan", pk)
            form.add_error(None, error)
    context = {"visit": found, "assessment": sheet, "plan": plan, "form": form}
    if plan is not None:
        lines = measure_lines(plan)
        context |= {
            "lines": lines,
            "drafting": plan.state == PlanState.DRAFT,
            "figures": _figures(plan, [line.row for line in lines], actor, found),
            "supposed": SUPPOSED_TEXT,
            "choices": _choices(sheet),
        }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "assessments/visit/plan.html", context, status=status)


def _outline(plan: Plan | None) -> dict[str, object]:
    if plan is None:
        return {}
    days = {"starts_on": plan.starts_on, "ends_on": plan.ends_on}
    shown = {name: "" if day is None else day.isoformat() for name, day in days.items()}
    return {"summary": plan.summary, **shown}


def _written(
    request: HttpRequest, actor: Actor, sheet: Assessment, plan: Plan | None, form: OutlineForm
) -> bool:
    """Do what the pressed button says; False shows the form again."""
    done = request.POST.get("do", "")
    if done == "open" or plan is None:
        open_plan(actor, sheet)
    elif done == "submit":
        submit_plan(actor, plan.pk, seen_edits=_number(request.POST.get("seen", "")))
        messages.success(request, "方案已提交企业。")
    elif done.startswith("drop-"):
        drop_measure(actor, plan.pk, _number(done.removeprefix("drop-")))
        messages.success(request, "已删除这一项。")
    elif done == "outline":
        if not form.is_valid():
            return False
        cleaned = form.cleaned_data
        save_outline(actor, plan.pk, cleaned["summary"], cleaned["starts_on"], cleaned["ends_on"])
        messages.success(request, "已保存。")
    return True


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else -1


def _figures(plan: Plan, rows: list[Measure], actor: Actor, found: Visit) -> Expected:
    enterprise = enterprise_of(actor, found)
    return expected(plan.diagnosis, rows, enterprise, timezone.localdate())


def _choices(sheet: Assessment) -> list[tuple[str, list[tuple[str, str]]]]:
    """Items that a measure may serve: proposed scenarios first, then everything."""
    indicators = reading.indicator_set(sheet)
    proposed = Finding.objects.filter(
        place_id=sheet.place_id, diagnosis=sheet, kind=FindingKind.SCENARIO
    )
    first = [row.item for row in proposed]
    rest = [item for item in (*indicators.scenario, *indicators.question) if item not in first]
    groups = [("诊断提出的场景", first), ("其他场景和题目", rest)]
    return [
        (title, [(item, reading.label_of(indicators, item)) for item in items])
        for title, items in groups
        if items
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def measure(request: HttpRequest, pk: int, measure: int = 0) -> HttpResponse:
    """Add one measure (``?item=``), or change one."""
    actor = actor_of_request(request)
    found, sheet = _diagnosis(actor, pk)
    if sheet is None:
        return redirect("assessments:visit", pk)
    plan = newest_plan(actor, sheet)
    if plan is None or plan.state != PlanState.DRAFT:
        return redirect("assessments:visit_plan", pk)
    row = get_visible(actor, Measure, pk=measure, plan=plan) if measure else None
    item = row.item if row is not None else request.GET.get("item", "")
    indicators = reading.indicator_set(sheet)
    if item and item not in indicators.question and item not in indicators.scenario:
        raise Http404
    form = MeasureForm(
        request.POST if request.method == "POST" else None, initial=_measure_initial(row)
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            text = MeasureText(
                item,
                read_value(indicators, item, request.POST) if item else None,
                cleaned["kind"],
                cleaned["product"],
                cleaned["supplier"],
                cleaned["cost"],
                cleaned["note"],
            )
            save_measure(actor, plan.pk, text, None if row is None else row.pk)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已保存。")
            return redirect("assessments:visit_plan", pk)
    context = {
        "visit": found,
        "plan": plan,
        "form": form,
        "measure": row,
        **_target(request, sheet, item, row),
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "assessments/visit/measure.html", context, status=status)


def _measure_initial(row: Measure | None) -> dict[str, str]:
    if row is None:
        return {}
    shown = {name: getattr(row, name) for name in ("kind", "product", "supplier", "note")}
    return {**shown, "cost": format_plain(row.cost_fen)}


def _target(
    request: HttpRequest, sheet: Assessment, item: str, row: Measure | None
) -> dict[str, object]:
    """The item with the target ticked: what was typed, what is stored, or the diagnosis."""
    if not item:
        return {"entry": None}
    rows = reading.rows(sheet)
    now = listing.told(reading.indicator_set(sheet), item, rows[item].value)
    if row is not None and row.target:
        rows[item].value = row.target
    entry = listing.sheet(sheet, rows, {}).at(item)
    if request.method == "POST" and entry is not None:
        entry = typed(entry, request.POST)
    return {"entry": entry, "now": now}


@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One version as everybody reads it; the certifier of the enterprise answers here."""
    actor = actor_of_request(request)
    return _read(request, actor, plan_or_404(actor, pk), ReturnForm())


def _read(request: HttpRequest, actor: Actor, found: Plan, form: ReturnForm) -> HttpResponse:
    if found.state == PlanState.DRAFT:
        return redirect("assessments:visit_plan", found.diagnosis.engagement_id or 0)
    lines = measure_lines(found)
    context = {
        "here": "plan",
        "plan": found,
        "lines": lines,
        "figures": as_submitted(found, [line.row for line in lines]),
        "supposed": SUPPOSED_TEXT,
        "own": actor.role in ENTERPRISE,
        "answers": actor.role in CERTIFIERS and found.state == PlanState.SUBMITTED,
        "form": form,
        "versions": visible(actor, Plan)
        .filter(enterprise_id=found.enterprise_id, party_id=found.party_id)
        .order_by("-number"),
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "assessments/visit/plan_read.html", context, status=status)


@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """The plans handed over to the enterprise: 我的方案."""
    rows = plans_of_firm(actor_of_request(request))
    return render(
        request, "assessments/visit/plan_own.html", {"here": "plan", "rows": rows, "own": True}
    )


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the plan, or send it back with the reason."""
    actor = actor_of_request(request)
    found = plan_or_404(actor, pk)
    accepts = request.POST.get("do") == "accept"
    form = ReturnForm(None if accepts else request.POST)
    if not accepts and not form.is_valid():
        return _read(request, actor, found, form)
    try:
        if accepts:
            accept_plan(actor, pk)
        else:
            send_back(actor, pk, form.cleaned_data["reason"])
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "已确认方案。" if accepts else "已退回，编制单位会收到原因。")
    return redirect("assessments:plan", pk)
