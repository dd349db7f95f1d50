"""What the forms of `prove-states` bring, and what has to be there before a step can be done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from shuzhuan.apps.projects.models import Contract, Line, Project
from shuzhuan.apps.projects.queries.eligibility import checks
from shuzhuan.apps.projects.queries.filing import missing_papers
from shuzhuan.apps.publicity.actions.finish import withdraw_item
from shuzhuan.apps.publicity.models import PublicityItem
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.drive import EXPERTS, Firm

if TYPE_CHECKING:
    from tests.proofs.states_walk import Walk
    from tests.proofs.states_world import World


def payload(world: World, action: str, project: Project, firm: Firm, case: Any) -> dict[str, Any]:
    """A body that fits an action, as far as the project has come."""
    today, agency = timezone.localdate(), world.stage.players.agency_party.pk
    pair = {"grader": agency, "auditor": agency, "reason": "更换"}
    amount = max(project.ceiling_fen - world.source.choice((0, 1, 100_000)), 1)
    less = project.clawback_fen - world.source.choice((1, 100_000))
    other = less if less > project.returned_fen else project.paid_fen
    bodies: dict[str, dict[str, Any]] = {
        "record_experts": {**EXPERTS, "reason": "评审意见"},
        "fail_experts": {**EXPERTS, "reason": "评审意见"},
        "assign_agencies": pair,
        "replace_agencies": pair,
        "pass_county_review": {"tasks_completed": "on", "amount": amount, "opinion": "同意"},
        "determine": {"amount": max(project.proposed_fen, 1), "reason": "核定"},
        "pay": {"paid_on": today, "voucher": "GK-1"},
        "confirm_returned": {"returned_on": today, "voucher": f"TK-{world.key()}"},
        "record_partial_return": {"amount": max(project.outstanding_fen // 2, 1),
                                  "returned_on": today, "voucher": f"TK-{world.key()}"},
        "propose_claw_back_correction": {"amount": other, "reason": "核减有误"},
        "extend": {"due_on": today + timedelta(days=90), "reason": "延期"},
        "return_filing": {"reason": "补正", "return_content": "写清楚",
                          "return_paper:licence": "看不清"},
        "return_acceptance": {"reason": "补正", "return_lines": "写清楚"},
        "edit_filing": {"title": case.title, "content": "内容", "goal": "目标"},
    }  # fmt: skip
    if action == "pass_form_check":
        return {f"confirm_{c.id}": "on" for c in checks(project) if c.state is None}
    if action in ("remove_line", "audit_line"):
        return _line(action, project)
    if action in ("attach_paper", "edit_contract", "edit_line"):
        return _with_papers(world, action, project, firm)
    return bodies.get(action, {"reason": "理由", "opinion": "意见"})


def _line(action: str, project: Project) -> dict[str, Any]:
    """The first line that is left, or for the audit the first that nobody has looked at."""
    rows = Line.objects.filter(project=project, removed_at__isnull=True).order_by(
        "audited_at", "pk"
    )
    line = rows.filter(audited_at__isnull=True).first() or rows.first()
    if line is None:
        return {"line": 1, "amount": 0, "audit_reason": "不计入"}
    amount = 0 if line.kind == "other" else line.amount_fen
    return {"line": line.pk, "amount": amount, "audit_reason": "与合同核对", "reason": "重复登记"}


def _with_papers(world: World, action: str, project: Project, firm: Firm) -> dict[str, Any]:
    """Bodies that name documents of the enterprise."""
    today, document = timezone.localdate(), world.drive.document
    if action == "attach_paper" and project.at in (State.IMPLEMENTING, State.RECTIFICATION):
        paper = document(firm, "commitment", "验收申请")
        return {"paper": "acceptance_application", "document": paper.pk}
    if action == "attach_paper":
        return {"paper": "licence", "document": document(firm, "licence", "营业执照").pk}
    if action == "edit_contract":
        return {"number": f"HT-{world.key()}", "vendor_name": project.vendor_name or "供方",
                "signed_on": today, "amount": 100,
                "document": document(firm, "contract", "改造合同").pk}  # fmt: skip
    return {"kind": "software", "name": "软件", "amount": 100_000,
            "supplier": world.stage.players.vendor_party.name,
            "invoice_number": f"F{world.source.getrandbits(60)}", "invoice_on": today,
            "paid_on": today, "invoice": document(firm, "invoice", "发票1").pk,
            "proof": document(firm, "payment", "付款凭证1").pk}  # fmt: skip


def open_item(world: World, project: Project) -> PublicityItem | None:
    """The project's item in a publicity that takes objections today."""
    if project.item_id is None:
        return None
    item = PublicityItem.objects.select_related("publicity").filter(pk=project.item_id).first()
    if item is None or item.state != "running" or item.publicity.state != "running":
        return None
    return item if item.publicity.runs_on(world.clock.today) else None


def arrange(walk: Walk, action: str) -> None:
    """Bring about what the step needs, as far as people can: papers, days, what others do."""
    prepared = {
        "start_work": _contract, "remove_line": _some_line, "apply_acceptance": _acceptance,
        "report_rectified": _some_line, "finish_audit": _audited, "finish_grading": _graded,
        "start_county_review": _handed_in,
    }  # fmt: skip
    if action in prepared:
        prepared[action](walk)
    elif action.startswith("close_") and walk._now().at in _PUBLIC:
        walk._decide(upheld=False)
        if open_item(walk.world, walk._now()) is not None:
            walk.world.clock.workdays(6)
    elif action.startswith("uphold_"):
        walk._object()
        walk._decide(upheld=True)
    elif action == "disqualify" and walk._now().reserved_fen:
        walk._do("second", "propose_disqualification")
    elif action in ("withdraw_claw_back", "correct_claw_back"):
        walk._do("second", _PROPOSED[action])
    elif action.startswith("retract_"):
        walk._decide(upheld=False)
        item = open_item(walk.world, walk._now())
        if item is not None:
            withdraw_item(walk.people["county"], item, "公示内容有误")


_PROPOSED = {"withdraw_claw_back": "propose_claw_back_withdrawal",
             "correct_claw_back": "propose_claw_back_correction"}  # fmt: skip
_PUBLIC = (State.SELECTION_PUBLICITY, State.PAYMENT_PUBLICITY)


def _contract(walk: Walk) -> None:
    if not Contract.objects.filter(project=walk.project).exists():
        walk._do("firm", "edit_contract")


def _some_line(walk: Walk) -> None:
    if not Line.objects.filter(project=walk.project, removed_at__isnull=True).exists():
        walk._do("firm", "edit_line")


def _acceptance(walk: Walk) -> None:
    """Lines and papers of an application."""
    project = walk._now()
    if project.at != State.IMPLEMENTING:
        return
    _some_line(walk)
    if not missing_papers(project, "acceptance_request"):
        return
    for name, slot, title in (
        ("acceptance_application", "commitment", "验收申请"),
        ("level_evidence", "report", "数字化水平佐证"),
    ):
        document = walk.world.drive.document(walk.firm, slot, title)
        body = {"paper": name, "document": document.pk}
        walk.world.ask(walk.firm.certifier, project, "attach_paper", body, walk.world.key())


def _graded(walk: Walk) -> None:
    """The body has been there: one sheet for each round."""
    project = walk._now()
    if project.at == State.GRADING and not project.graded and project.rechecks not in walk.sheets:
        walk.sheets.add(project.rechecks)
        agency = walk.people["agency"]
        walk.world.drive.sheet(
            agency, walk.firm, "acceptance", walk.case.level_target, project.grader
        )


def _audited(walk: Walk) -> None:
    """Every line has been looked at."""
    project = walk._now()
    rows = Line.objects.filter(project=project, removed_at__isnull=True, audited_at__isnull=True)
    if project.at == State.GRADING and not project.audited:
        for _ in range(rows.count()):
            walk._do("agency", "audit_line")


def _handed_in(walk: Walk) -> None:
    project = walk._now()
    if project.at != State.GRADING:
        return
    if not project.graded:
        _graded(walk)
        walk._do("agency", "finish_grading")
    if not project.audited:
        _audited(walk)
        walk._do("agency", "finish_audit")
