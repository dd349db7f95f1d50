"""The officer's pages about levels across the place, and doubtful gradings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.assessments import spending
from shuzhuan.apps.assessments.actions.doubts import note_doubt
from shuzhuan.apps.assessments.actions.export_levels import export_levels, export_list
from shuzhuan.apps.assessments.actions.remind import remind
from shuzhuan.apps.assessments.models import AssessmentKind, DoubtKind
from shuzhuan.apps.assessments.queries import doubts, level_list, levels
from shuzhuan.apps.assessments.queries.levels import Asked, Line, Overview
from shuzhuan.apps.assessments.templatetags.levels import level_text
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine import charts

UNPROCESSABLE = 422
PAGE_ROWS = 50
DOUBTS_ON_A_PAGE = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPEN, LOOKED = "open", "looked"


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How the place stands: 数字化水平."""
    actor = actor_of_request(request)
    asked = levels.read(actor, request.GET.dict())
    found = levels.overview(actor, asked)
    trend = levels.trend(actor, asked)
    after = asked.kind == AssessmentKind.ACCEPTANCE
    reached = [n for n in levels.LEVELS if found.whole.counts.get(n)]
    context = {
        **_shell(request, asked, "overview"),
        "found": found,
        "reached": reached,
        "tables": [
            (title, [(line, [line.cells[n] for n in reached]) for line in lines])
            for title, lines in (
                (found.places_title, found.places),
                ("按行业", found.industries),
                ("按规模", found.sizes),
            )
            if len(lines) > 1 or (lines and title == "按行业")
        ],
        "levels": list(levels.LEVELS),
        "distribution": _distribution(asked, found) if found.whole.total else None,
        "trend": _trend(asked, trend),
        "moves": levels.movement(actor) if after else None,
        "coverage": levels.coverage(actor),
    }
    return render(request, "assessments/levels/overview.html", context)


def _distribution(asked: Asked, found: Overview) -> charts.Chart:
    whole: Line = found.whole
    values = [(level_text(n), whole.counts.get(n, 0), whole.total) for n in levels.LEVELS]
    return charts.fills(
        "distribution",
        f"各等级有多少家（{asked.kind.label}）",
        "家",
        values,
        columns=("等级", "企业（家）", "已评（家）"),
        source=_source(asked),
    )


def _trend(asked: Asked, rows: list[tuple[str, int, int]]) -> charts.Chart | None:
    if not any(n for _, n, _ in rows):
        return None
    return charts.lines(
        "trend",
        f"每月提交的{asked.kind.label}",
        "份",
        [month for month, _, _ in rows],
        [
            ("提交", [n for _, n, _ in rows]),
            ("二级及以上", [good for _, _, good in rows]),
        ],
        source=_source(asked),
    )


def _source(asked: Asked) -> str:
    day = timezone.localdate().isoformat()
    return f"企业现行的{asked.kind.label}，{asked.version.label if asked.version else ''}，{day}"


def _shell(request: HttpRequest, asked: Asked, here: str) -> dict[str, Any]:
    actor = actor_of_request(request)
    return {
        "asked": asked,
        "here": here,
        "region": Region.objects.get(pk=actor.region_id or 0),
        "officer": actor.role in OFFICERS,
        "kinds": AssessmentKind,
        "query": request.GET.urlencode(),
    }


@require_safe
def scenarios(request: HttpRequest) -> HttpResponse:
    """Where the trades are weakest."""
    actor = actor_of_request(request)
    asked = levels.read(actor, request.GET.dict())
    everything, trades = levels.weakest(actor, asked)
    context = {
        **_shell(request, asked, "scenarios"),
        "everything": everything,
        "trades": trades,
    }
    return render(request, "assessments/levels/scenarios.html", context)


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The enterprises behind a figure."""
    actor = actor_of_request(request)
    query = request.GET.dict()
    asked = levels.read(actor, query)
    absent = level_list.missing(actor, query)
    context = _shell(request, asked, "list")
    rows: Any = absent
    if absent is None:
        narrowed = level_list.sheets(actor, asked, query)
        context["words"] = narrowed.words
        rows = narrowed.rows
    else:
        context["absent"] = AssessmentKind(query["missing"])
        context["pilots"] = bool(query.get("pilots"))
    page = Paginator(rows, PAGE_ROWS).get_page(query.get("page"))
    context["page"] = page
    if absent is None:
        names = level_list.bodies(page.object_list)
        context["sheets"] = [(sheet, names.get(sheet.party_id, "企业自评")) for sheet in page]
    return render(request, "assessments/levels/list.html", context)


@require_POST
def send_reminders(request: HttpRequest) -> HttpResponse:
    """Ask the enterprises of the shown page to assess themselves."""
    actor = actor_of_request(request)
    query = {"missing": str(AssessmentKind.SELF), "pilots": request.POST.get("pilots", "")}
    absent = level_list.missing(actor, query)
    assert absent is not None
    page = Paginator(absent, PAGE_ROWS).get_page(request.POST.get("page"))
    told, people = remind(actor, page.object_list)
    if told:
        messages.success(request, f"已提醒 {told} 家企业的 {people} 个人。同一家一天只提醒一次。")
    else:
        messages.info(request, "没有发出提醒：这些企业今天已经提醒过，或还没有人登录过。")
    more = f"&pilots=1&page={page.number}" if query["pilots"] else f"&page={page.number}"
    return redirect(f"{reverse('assessments:level_list')}?missing=self{more}")


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """What the page shows, as Excel."""
    actor = actor_of_request(request)
    query = {k: v for k, v in request.GET.dict().items() if k != "page"}
    listed = request.POST.get("what") == "list"
    try:
        data = export_list(actor, query) if listed else export_levels(actor, query)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("assessments:levels")
    answer = HttpResponse(data, content_type=XLSX)
    title = "数字化水平名单" if listed else "数字化水平"
    name = quote(f"{title}-{timezone.localdate():%Y%m%d}.xlsx")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@require_safe
def doubtful(request: HttpRequest) -> HttpResponse:
    """Gradings that deserve a second look."""
    return _doubtful(request, request.GET.get("kind", ""), request.GET.get("state", ""))


def _doubtful(
    request: HttpRequest, kind_text: str, state: str, wrong: tuple[str, str] | None = None
) -> HttpResponse:
    actor = actor_of_request(request)
    found = {kind: doubts.candidates(actor, kind) for kind in DoubtKind}
    looked = {kind: doubts.looked_at(actor, kind) for kind in DoubtKind}
    still = {kind: [o for o in found[kind] if o.key not in looked[kind]] for kind in DoubtKind}
    if kind_text in DoubtKind.values:
        kind = DoubtKind(kind_text)
    else:  # the first where something is still to be looked at
        kind = next((one for one in DoubtKind if still[one]), DoubtKind.SELF_FAR)
    seen = [one for one in found[kind] if one.key in looked[kind]]
    chosen = seen if state == LOOKED else still[kind]
    page = Paginator(chosen, DOUBTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": Region.objects.get(pk=actor.region_id or 0),
        "officer": actor.role in OFFICERS,
        "here": "doubts",
        "kinds": [(one, len(still[one])) for one in DoubtKind],
        "kind": kind,
        "state": LOOKED if state == LOOKED else OPEN,
        "page": page,
        "rows": doubts.read(actor, list(page.object_list)),
        "limits": doubts.LIMITS,
        "spending_known": spending.is_known(),
        "wrong": SimpleNamespace(key=wrong[0], text=wrong[1]) if wrong else None,
    }
    status = UNPROCESSABLE if wrong else None
    return render(request, "assessments/levels/doubts.html", context, status=status)


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Record what a look at one doubt found."""
    actor = actor_of_request(request)
    kind, key = request.POST.get("kind", ""), request.POST.get("key", "")
    try:
        note_doubt(actor, kind, key, request.POST.get("finding", ""))
    except ValidationError as error:
        return _doubtful(request, kind, OPEN, (key, error.messages[0]))
    messages.success(request, "已记下核查结论。评测结果没有改动。")
    return redirect(f"{reverse('assessments:doubts')}?kind={kind}")
