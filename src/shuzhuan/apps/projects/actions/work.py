"""Contract, investment and acceptance: what the enterprise brings, what the agencies say of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from shuzhuan.apps.assessments.actions.engage import end_engagement, engage
from shuzhuan.apps.assessments.models import Engagement, EngagementKind
from shuzhuan.apps.evidence.actions.use import use_document
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.projects.actions.filing import opinion
from shuzhuan.apps.projects.actions.guards import agency, graded_by
from shuzhuan.apps.projects.actions.move import Move, Refused, handles
from shuzhuan.apps.projects.models import (
    Contract,
    Line,
    LineKind,
    OpinionKind,
    ReturnedSection,
    Verdict,
)
from shuzhuan.apps.projects.models.investment import INVOICE_CHARS_MAX
from shuzhuan.apps.projects.queries import eligibility
from shuzhuan.apps.projects.queries.ceiling import ceiling
from shuzhuan.engine import uscc
from shuzhuan.engine.money import MAX_FEN, format_cn

LINES_MAX = 300
# A body that is asked when the cycle ends still has the months of the last stage (方案三（四）).
TASK_DAYS = timedelta(days=90)
_KINDS = {str(kind): str(kind.label) for kind in LineKind}


def _use(move: Move, document: Document | None, what: str) -> None:
    if document is not None:
        use_document(move.actor, document, move.project, f"{what}（项目{move.project.pk}）"[:100])


@handles("edit_contract")
def edit_contract(move: Move) -> None:
    """Add a contract, or change one by its ``contract`` key."""
    project = move.project
    pk = move.pk("contract", required=False)
    row = Contract.objects.filter(project=project, pk=pk).first() if pk else Contract()
    if row is None:
        raise Refused("没有这份合同。", "contract")
    row.place_id, row.project, row.enterprise_id = (
        project.place_id, project, project.enterprise_id,
    )  # fmt: skip
    row.number = move.text("number", 64)
    row.vendor_name = move.text("vendor_name", 128)
    row.vendor_uscc = _code(move)
    row.vendor = project.vendor if row.vendor_name == project.vendor_name else None
    row.signed_on = move.past_day("signed_on")
    row.amount_fen = move.fen("amount")
    row.document = move.document("document", required=False) or row.document
    row.user_id = move.user_id
    row.full_clean(exclude=["place", "project", "enterprise", "vendor", "document", "user"])
    _store(row, "contract_number_once", "number")
    _use(move, row.document, "合同")
    move.detail |= {"contract": row.pk, "amount_fen": row.amount_fen}


def _code(move: Move) -> str:
    code = move.text("vendor_uscc", 18, required=False).upper()
    if code and (problem := uscc.problem(code)):
        raise Refused(problem, "vendor_uscc")
    return code


@handles("edit_line")
def edit_line(move: Move) -> None:
    """Add a purchase with invoice and payment, or change one by its ``line`` key.

    ``rows``: from a sheet, one payload per purchase under its number there; all are added, or none
    and the problems name ``<number>.<field>``. Only the program sends them.
    """
    rows = move.payload.get("rows")
    if isinstance(rows, Mapping):
        _add_lines(move, rows)
        return
    pk = move.pk("line", required=False)
    row = _held(move).filter(pk=pk).first() if pk else Line()
    if row is None:
        raise Refused("没有这笔投入。", "line")
    if pk is None:
        _room_for(move, 1)
    _fill(move, row, _contracts(move))
    row.full_clean(
        exclude=["place", "project", "enterprise", "contract", "invoice", "proof", "user"]
    )
    _store(row, "line_invoice_once", "invoice_number")
    _use(move, row.invoice, "发票")
    _use(move, row.proof, "付款凭证")
    _sum(move)
    move.detail |= {"line": row.pk, "amount_fen": row.amount_fen}


def _add_lines(move: Move, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Many purchases in one statement, read and checked as each is by hand."""
    _room_for(move, len(rows))
    contracts, problems, lines = _contracts(move), dict[str, str](), dict[str, Line]()
    seen: dict[str, str] = {}
    for number, payload in rows.items():
        line = Line()
        try:
            _fill(replace(move, payload=payload), line, contracts)
            if (first := seen.setdefault(line.invoice_number, number)) != number:
                words = f"与第 {first} 行的发票号码相同，一张发票只能用一次。"
                raise Refused(words, "invoice_number")
        except Refused as refused:
            problems |= {f"{number}.{name}": text for name, text in refused.problems.items()}
        lines[number] = line
    if problems:
        raise Refused.of(ValidationError(problems))
    try:
        with transaction.atomic():
            Line.objects.bulk_create(lines.values())
    except IntegrityError:
        raise Refused.of(ValidationError(_taken(lines))) from None
    _sum(move)
    total = sum(line.amount_fen for line in lines.values())
    move.detail |= {"lines": len(lines), "amount_fen": total}


def _taken(lines: Mapping[str, Line]) -> dict[str, str]:
    """Which of them the database refuses, one by one: it names only the first by itself."""
    problems = {}
    for number, line in lines.items():
        try:
            _store(line, "line_invoice_once", "invoice_number")
        except Refused as refused:
            problems[f"{number}.invoice_number"] = refused.text
    return problems


def _held(move: Move) -> QuerySet[Line]:
    return Line.objects.filter(project=move.project, removed_at__isnull=True)


def _room_for(move: Move, count: int) -> None:
    if _held(move).count() + count > LINES_MAX:
        raise Refused(f"一个项目最多登记 {LINES_MAX} 笔投入。")


def _contracts(move: Move) -> dict[int, Contract]:
    return Contract.objects.filter(project=move.project).in_bulk()


def _fill(move: Move, row: Line, contracts: Mapping[int, Contract]) -> None:
    """Read a purchase from the payload. Raises Refused."""
    project = move.project
    row.place_id, row.project, row.enterprise_id = (
        project.place_id, project, project.enterprise_id,
    )  # fmt: skip
    row.kind = move.choice("kind", _KINDS)
    row.name = move.text("name", 128)
    row.supplier = move.text("supplier", 128)
    row.invoice_number = _invoice_number(move)
    row.invoice_on, row.paid_on = move.past_day("invoice_on"), move.past_day("paid_on")
    _in_window(move, row)
    row.amount_fen = move.fen("amount")
    if not 0 < row.amount_fen <= MAX_FEN:
        raise Refused("金额应当大于0。", "amount")
    row.contract = contracts.get(move.pk("contract", required=False) or 0)
    row.invoice = move.document("invoice", required=False) or row.invoice
    row.proof = move.document("proof", required=False) or row.proof
    row.user_id = move.user_id
    row.audited_fen, row.audit_reason, row.audited_by, row.audited_at = None, "", None, None


def _invoice_number(move: Move) -> str:
    """One invoice has one number, however it was typed: full width, with blanks, in small letters."""
    typed = unicodedata.normalize("NFKC", move.text("invoice_number", INVOICE_CHARS_MAX)).upper()
    number = "".join(typed.split())
    if not re.fullmatch(f"[0-9A-Z-]{{1,{INVOICE_CHARS_MAX}}}", number):
        raise Refused("发票号码只写数字、字母和短横，照发票上的写。", "invoice_number")
    return number


def _store(row: Contract | Line, once: str, field: str) -> None:
    """Save; what is there already is refused in the constraint's words. Raises Refused.

    ``full_clean`` cannot look: the place is no field of the form, and in the place another
    enterprise's invoice stands behind the wall, where only the database sees it.
    """
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # every other constraint has been looked at before
        broken = next(c for c in row._meta.constraints if c.name == once)
        raise Refused(str(broken.violation_error_message), field) from error


def _in_window(move: Move, row: Line) -> None:
    """Invoices belong to the pilot's time; a payment may precede its invoice, not the pilot."""
    starts = move.project.pilot.starts_on
    for name, day in (("invoice_on", row.invoice_on), ("paid_on", row.paid_on)):
        if day < starts:
            raise Refused(f"日期早于试点开始（{starts}），不能计入。", name)


def _sum(move: Move) -> None:
    rows = Line.objects.filter(project=move.project, removed_at__isnull=True)
    move.project.claimed_fen = rows.aggregate(s=Sum("amount_fen"))["s"] or 0


@handles("remove_line")
def remove_line(move: Move) -> None:
    rows = Line.objects.filter(
        project=move.project, pk=move.needed_pk("line"), removed_at__isnull=True
    )
    if rows.update(removed_at=timezone.now()) != 1:
        raise Refused("没有这笔投入，或者已经删去。", "line")
    _sum(move)
    move.detail["line"] = move.pk("line")


@handles("apply_acceptance")
def apply_acceptance(move: Move) -> None:
    """What was sent back before has been looked at again."""
    rows = ReturnedSection.objects.filter(project=move.project, mended_at__isnull=True)
    rows.update(mended_at=timezone.now())
    move.detail["claimed_fen"] = move.project.claimed_fen


@handles("assign_agencies", "replace_agencies")
def assign_agencies(move: Move) -> None:
    """Engage both bodies; the independence is checked there again and what was seen is kept."""
    project = move.project
    until = move.day("valid_to", required=False)
    if until is None:
        ends = move.parameters.cycle_ends(project.pilot.starts_on)
        until = max(ends, move.today + TASK_DAYS)
    for name, kind in (("grader", EngagementKind.ACCEPTANCE), ("auditor", EngagementKind.AUDIT)):
        party = agency(move, name)
        old: Engagement | None = getattr(project, name)
        if old is not None and old.party_id != party.pk:
            if old.ended_at is None:
                end_engagement(move.actor, old, move.reason)
            setattr(project, "graded" if name == "grader" else "audited", False)
            if name == "auditor":  # the next body looks at every line itself
                _unaudited(move)
        found = engage(
            move.actor, project.enterprise, party, kind, move.today, until, project_id=project.pk
        )
        setattr(project, name, found)
        move.detail[name] = party.pk


def _unaudited(move: Move) -> None:
    rows = Line.objects.filter(project=move.project, removed_at__isnull=True)
    rows.update(audited_fen=None, audit_reason="", audited_by=None, audited_at=None)


@handles("audit_line")
def audit_line(move: Move) -> None:
    """核定 one line: at most what was claimed, with the reason for what is cut."""
    row = Line.objects.filter(
        project=move.project, pk=move.needed_pk("line"), removed_at__isnull=True
    ).first()
    if row is None:
        raise Refused("没有这笔投入。", "line")
    if move.project.audited:
        raise Refused("投资审核已经提交，不能再改。")
    amount, reason = move.fen("amount"), move.text("audit_reason", 500, required=False)
    if not 0 <= amount <= row.amount_fen:
        raise Refused(f"核定金额应在0和申报的{format_cn(row.amount_fen)}之间。", "amount")
    if amount and row.kind == LineKind.OTHER:
        raise Refused("“其他”类支出不能计入（第十六条），核定金额只能是0。", "amount")
    if amount < row.amount_fen and not reason:
        raise Refused("核减要写明理由。", "audit_reason")
    row.audited_fen, row.audit_reason = amount, reason
    row.audited_by_id, row.audited_at = move.user_id, timezone.now()
    row.save(update_fields=["audited_fen", "audit_reason", "audited_by", "audited_at"])
    move.detail |= {"line": row.pk, "audited_fen": amount}


@handles("finish_audit")
def finish_audit(move: Move) -> None:
    """The audited investment is the sum of the lines; the report goes with it."""
    project = move.project
    if project.audited:
        raise Refused("投资审核已经提交。")
    rows = Line.objects.filter(project=project, removed_at__isnull=True)
    project.audited_fen = rows.aggregate(s=Sum("audited_fen"))["s"] or 0
    project.audited = True
    text = move.text("opinion", 2000)
    opinion(move, OpinionKind.AUDIT, Verdict.PASS, text, amount_fen=project.audited_fen)
    move.detail["audited_fen"] = project.audited_fen


@handles("finish_grading")
def finish_grading(move: Move) -> None:
    """Take over the submitted on-site acceptance grading."""
    project = move.project
    if project.graded:
        raise Refused("定级验收已经提交。")
    found = graded_by(move)
    if found is None or found.pk == project.acceptance_id:
        raise Refused("整改后要重新到现场评测；新的验收评测还没有提交。")
    project.acceptance, project.level_after, project.graded = found, found.level, True
    if project.level_before is None and found.before is not None:
        project.level_before = found.before.level
    text = move.text("opinion", 2000, required=False)
    opinion(move, OpinionKind.GRADING, Verdict.PASS, text)
    move.detail |= {"assessment": found.pk, "level": found.level}


@handles("start_county_review")
def start_county_review(move: Move) -> None:
    """Both results are in: the ceiling is computed and stored with its decision (A13)."""
    store_decision(move)


def store_decision(move: Move) -> None:
    """The engine's answer for the case as it stands, to be replayed years later."""
    project = move.project
    decision, result = eligibility.decide(project, eligibility.ACCEPTED)
    most = ceiling(project, decision, result)
    project.decision = decision.canonical().decode()
    project.ceiling_fen, project.ceiling_note = most.fen, "\n".join(most.told)
    move.detail |= {"ceiling_fen": most.fen, "status": result.status}


@handles("report_rectified")
def report_rectified(move: Move) -> None:
    """Both bodies look again, once."""
    move.project.graded = move.project.audited = False
