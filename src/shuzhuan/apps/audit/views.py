"""Pages of the audit administrator, and the checkpoints that everybody may see."""

from __future__ import annotations

from pathlib import Path

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible, visible
from shuzhuan.apps.audit import verifier
from shuzhuan.apps.audit.checkpoints import receipt, sign
from shuzhuan.apps.audit.export import lines
from shuzhuan.apps.audit.models import Chain, Checkpoint, Entry, Outcome
from shuzhuan.apps.audit.words import codes_of, said

ROWS_ON_A_PAGE = 50
CHECKPOINTS_SHOWN = 100


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The log, newest first, by chain, time, person, action and outcome: 审计日志."""
    actor = actor_of_request(request)
    chains = visible(actor, Chain).select_related("place").order_by("key")
    found, mistakes = _filtered(visible(actor, Entry), request)
    page = Paginator(
        found.select_related("chain__place", "user").order_by("-at", "-pk"), ROWS_ON_A_PAGE
    ).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [said(entry) for entry in page.object_list],
        "chains": chains,
        "outcomes": Outcome.choices,
        "asked": request.GET,
        "mistakes": mistakes,
    }
    return render(request, "audit/log.html", context)


def _filtered(rows: QuerySet[Entry], request: HttpRequest) -> tuple[QuerySet[Entry], list[str]]:
    """Apply the filters of the address; what cannot be read is named, never ignored."""
    asked, mistakes = request.GET, []
    if asked.get("outcome") in Outcome.values:
        rows = rows.filter(outcome=asked["outcome"])
    if asked.get("chain", "").isdigit():
        rows = rows.filter(chain_id=int(asked["chain"]))
    if who := asked.get("who", "").strip():
        rows = rows.filter(user__login_name=who)
    if action := asked.get("action", "").strip():
        rows = rows.filter(Q(action__startswith=action) | Q(action__in=codes_of(action)))
    for name, lookup in (("since", "at__date__gte"), ("until", "at__date__lte")):
        text = asked.get(name, "").strip()
        if not text:
            continue
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None:
            mistakes.append(f"日期“{text[:20]}”看不懂，请写成 2026-01-31。")
        else:
            rows = rows.filter(**{lookup: day})
    return rows, mistakes


@require_safe
def receipt_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of one row: 回执."""
    entry = get_visible(actor_of_request(request), Entry, pk=pk)
    answer = JsonResponse(receipt(entry), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="receipt-{entry.pk}.json"'
    return answer


@require_safe
def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """A whole chain for the offline verifier: 导出."""
    chain = get_visible(actor_of_request(request), Chain, pk=pk)
    answer = StreamingHttpResponse(lines(chain), content_type="application/x-ndjson")
    answer["Content-Disposition"] = f'attachment; filename="audit-{chain.key}.jsonl"'
    return answer


@require_POST
def make_checkpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the chain as it stands: 生成检查点."""
    chain = get_visible(actor_of_request(request), Chain, pk=pk)
    sign(actor_of_request(request), chain)
    return redirect("audit:checkpoints")


@require_safe
def verifier_file(request: HttpRequest) -> HttpResponse:
    """The one-file verifier, to read and to run anywhere: 核验程序."""
    text = Path(verifier.__file__).read_text("utf-8")
    answer = HttpResponse(text, content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify_audit.py"'
    return answer


@require_safe
def checkpoints(request: HttpRequest) -> HttpResponse:
    """The latest signed checkpoints, public so that nobody can take them back: 检查点公示."""
    points = Checkpoint.objects.select_related("chain__place").order_by("-at")[:CHECKPOINTS_SHOWN]
    return render(request, "audit/checkpoints.html", {"points": points})
