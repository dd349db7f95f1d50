"""Contract, investment and acceptance as the enterprise enters them: 合同、投入、验收申请."""

from __future__ import annotations

from urllib.parse import quote
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.evidence.checks import UploadRefused
from shuzhuan.apps.projects import lines_book
from shuzhuan.apps.projects.actions.import_lines import import_lines
from shuzhuan.apps.projects.actions.work import LINES_MAX
from shuzhuan.apps.projects.forms import key_of
from shuzhuan.apps.projects.forms.firm import ConfirmForm, ContractForm, LineForm, PlainForm
from shuzhuan.apps.projects.models import Contract, Opinion, OpinionKind, Project, Verdict
from shuzhuan.apps.projects.queries import mine
from shuzhuan.apps.projects.queries.due import lit
from shuzhuan.apps.projects.queries.offers import Attempt
from shuzhuan.apps.projects.views.filing import form_for, loose, own_or_404, papers
from shuzhuan.engine.batch.errors import BatchError
from shuzhuan.engine.process import BY_ACTION, State

UNPROCESSABLE = 422
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DIGITS_MAX = 18


def _status(attempt: Attempt | None) -> int:
    return 200 if attempt is None else UNPROCESSABLE


def _base(actor: Actor, project: Project) -> dict[str, object]:
    return {
        "here": "projects", "project": project, "enterprise": project.enterprise,
        "due": lit(project, timezone.localdate()), "signs": actor.role == Role.ENTERPRISE_CERTIFIER,
        "returned": mine.returned(actor, project),
    }  # fmt: skip


def _asked(request: HttpRequest, attempt: Attempt | None, name: str) -> int | None:
    """The row that the form is about: from the address, or from what was posted. Raises Http404."""
    text = request.GET.get(name, "") if attempt is None else attempt.data.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise Http404
    return int(text)


# -- contract -----------------------------------------------------------------------------------


@require_safe
def contract(request: HttpRequest, pk: int) -> HttpResponse:
    """The contracts of a project; add one, change one, begin the work."""
    return show_contract(request, own_or_404(request, pk))


def show_contract(
    request: HttpRequest, project: Project, attempt: Attempt | None = None
) -> HttpResponse:
    """The same after a refused attempt."""
    actor = actor_of_request(request)
    base, rows = _base(actor, project), mine.contracts(actor, project)
    form = None
    if project.at in BY_ACTION["edit_contract"].sources:
        mine_ = attempt if attempt is not None and attempt.action == "edit_contract" else None
        asked = _asked(request, mine_, "contract")
        row = _row(rows, asked)
        form = form_for(
            ContractForm, project, "edit_contract", attempt, row=row,
            library=mine.library(actor),
        )  # fmt: skip
    start = None
    if project.at in BY_ACTION["start_work"].sources:
        start = form_for(PlainForm, project, "start_work", attempt)
    context = {
        **base, "contracts": rows, "form": form, "start": start,
        "ready": any(row.document_id is not None for row in rows),
        "loose": loose(attempt, [form, start if base["signs"] else None]),
    }  # fmt: skip
    return render(request, "projects/contract.html", context, status=_status(attempt))


def _row(rows: list[Contract], pk: int | None) -> Contract | None:
    if pk is None:
        return None
    found = next((row for row in rows if row.pk == pk), None)
    if found is None:
        raise Http404
    return found


# -- investment ---------------------------------------------------------------------------------


@require_safe
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """Every purchase with its sum, what counts, and what is still missing."""
    return show_lines(request, own_or_404(request, pk))


def show_lines(
    request: HttpRequest, project: Project, attempt: Attempt | None = None,
    wrong: list[lines_book.Wrong] | None = None,
) -> HttpResponse:  # fmt: skip
    """The same after a refused attempt, or with the faults of a file row by row."""
    actor = actor_of_request(request)
    rows = list(mine.lines(actor, project))
    found = mine.sums(rows)
    context = {
        **_base(actor, project),
        "lines": rows,
        "sums": found,
        "counted_fen": sum(s.fen for s in found if s.counts),
        "total_fen": sum(s.fen for s in found),
        "bare": sum(1 for row in rows if row.invoice_id is None or row.proof_id is None),
        "writes": project.at in BY_ACTION["edit_line"].sources,
        "removing": form_for(PlainForm, project, "remove_line", attempt),
        "audited": any(row.audited_fen is not None for row in rows),
        "window": _window(project),
        "lines_max": LINES_MAX,
        "key": uuid4(),
        "wrong": wrong,
        "attempt": attempt,
    }
    status = UNPROCESSABLE if wrong or attempt is not None else 200
    return render(request, "projects/lines.html", context, status=status)


def _window(project: Project) -> str:
    return f"{project.pilot.starts_on:%Y-%m-%d} 以后，不晚于今天"


@require_safe
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """One purchase: a new one, or the one that ``line`` in the address names."""
    return show_line(request, own_or_404(request, pk))


def show_line(
    request: HttpRequest, project: Project, attempt: Attempt | None = None
) -> HttpResponse:
    """The same after a refused attempt."""
    actor = actor_of_request(request)
    if project.at not in BY_ACTION["edit_line"].sources and attempt is None:
        return redirect("projects:lines", project.pk)
    asked, row = _asked(request, attempt, "line"), None
    if asked is not None:
        row = mine.lines(actor, project).filter(pk=asked).first()
        if row is None:
            raise Http404
    form = form_for(
        LineForm, project, "edit_line", attempt, row=row, library=mine.library(actor),
        contracts=mine.contracts(actor, project), window=_window(project),
    )  # fmt: skip
    context = {
        **_base(actor, project), "form": form, "line": row,
        "removing": form_for(PlainForm, project, "remove_line", None),
    }  # fmt: skip
    return render(request, "projects/lines_form.html", context, status=_status(attempt))


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """The empty table for an import."""
    return _book(lines_book.template(), "投入明细模板.xlsx")


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The purchases as a workbook."""
    project = own_or_404(request, pk)
    rows = list(mine.lines(actor_of_request(request), project))
    name = f"投入明细-{project.number or project.pk}.xlsx"
    return _book(lines_book.export(project, rows), name)


def _book(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


@require_POST
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Add every row of a file, or none of them and say what is wrong with which."""
    actor, project = actor_of_request(request), own_or_404(request, pk)
    key, file = key_of(request.POST), request.FILES.get("file")
    if key is None or file is None or file.file is None:
        wrong = [lines_book.Wrong(0, "", "请选择一个 .xlsx 或 .csv 文件。")]
        return show_lines(request, project, wrong=wrong)
    try:
        rows, wrong = lines_book.read(
            file.name or "", file.file, mine.contracts(actor, project), LINES_MAX
        )
    except (BatchError, UploadRefused) as error:
        return show_lines(request, project, wrong=[lines_book.Wrong(0, "", f"{error}。")])
    wrong = wrong or import_lines(actor, project, rows, key)
    if wrong:
        return show_lines(request, project, wrong=wrong)
    messages.success(request, f"已导入 {len(rows)} 笔投入。接下来给每一笔附上发票和付款凭证。")
    return redirect("projects:lines", pk)


# -- acceptance ---------------------------------------------------------------------------------


@require_safe
def acceptance(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply for acceptance, or hand in what was rectified."""
    return show_acceptance(request, own_or_404(request, pk))


def show_acceptance(
    request: HttpRequest, project: Project, attempt: Attempt | None = None
) -> HttpResponse:
    """The same after a refused attempt."""
    actor = actor_of_request(request)
    base = _base(actor, project)
    returned = mine.returned(actor, project)
    send = None
    for action in ("apply_acceptance", "report_rectified"):
        if project.at in BY_ACTION[action].sources:
            send = form_for(ConfirmForm, project, action, attempt)
    needs, library = mine.needs(actor, project), mine.library(actor)
    wanted = papers(actor, project, "acceptance_request", attempt, returned, library)
    context = {
        **base,
        "needs": needs,
        "open": [need for need in needs if not need.done],
        "papers": wanted,
        "loose": loose(attempt, [*(p.form for p in wanted), send if base["signs"] else None]),
        "send": send,
        "certifiers": mine.certifiers(project.enterprise),
        "rectifying": project.at == State.RECTIFICATION,
        "ordered": _ordered(actor, project) if project.at == State.RECTIFICATION else None,
    }
    return render(request, "projects/acceptance.html", context, status=_status(attempt))


def _ordered(actor: Actor, project: Project) -> Opinion | None:
    """Why the acceptance was not passed."""
    rows = visible(actor, Opinion).filter(
        project=project, kind=OpinionKind.COUNTY, verdict=Verdict.RETURN
    )
    return rows.order_by("-at", "-pk").first()
