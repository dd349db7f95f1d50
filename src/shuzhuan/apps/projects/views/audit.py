"""Lines that an agency audits, each saved by itself without leaving the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.projects.models import Line, Project
from shuzhuan.apps.projects.queries.offers import Attempt, offers
from shuzhuan.apps.projects.queries.page import Shown
from shuzhuan.engine.money import format_plain

AUDIT_LINE, FINISH = "audit_line", "finish_audit"


@dataclass(frozen=True)
class AuditRow:
    """One line with what its two fields hold; what was refused keeps what was typed."""

    line: Line
    amount: str
    reason: str
    problems: Mapping[str, str]
    key: UUID = field(default_factory=uuid4)


def rows_of(lines: list[Line], attempt: Attempt | None) -> list[AuditRow]:
    """Every line; the one that was just refused as it was typed."""
    tried = attempt.data.get("line") if attempt is not None else None
    found = []
    for line in lines:
        if attempt is not None and str(line.pk) == tried:
            typed = attempt.data
            found.append(
                AuditRow(
                    line, typed.get("amount", ""), typed.get("audit_reason", ""), attempt.problems
                )
            )
        else:
            fen = line.amount_fen if line.audited_fen is None else line.audited_fen
            found.append(AuditRow(line, format_plain(fen), line.audit_reason, {}))
    return found


def row(request: HttpRequest, project: Project, attempt: Attempt | None, pk: str) -> HttpResponse:
    """One row as it stands now, the sums, and the form that ends the audit."""
    actor = actor_of_request(request)
    shown = Shown(actor, project, [])
    rows = rows_of(shown.lines, attempt)
    finish = next((o for o in offers(actor, project, []) if o.action == FINISH), None)
    context = {
        "project": project, "shown": shown, "finish": finish,
        "row": next((each for each in rows if str(each.line.pk) == pk), None),
    }  # fmt: skip
    return render(request, "projects/parts/audit_saved.html", context)


def where(attempt: Attempt | None) -> str:
    """The field of the line that was refused, for the summary on top of the page."""
    if attempt is None or attempt.action != AUDIT_LINE:
        return ""
    name = "reason" if "audit_reason" in attempt.problems else "amount"
    line = attempt.data.get("line", "")
    return f"#{name}-{line}" if line.isascii() and line.isdigit() else ""
