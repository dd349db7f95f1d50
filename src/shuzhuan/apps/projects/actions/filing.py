"""Filing and selection: 申报、形式审查、专家评审、遴选公示、入库."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.assessments.models import Plan, PlanState
from shuzhuan.apps.enterprises.actions.pilot import enter_pilot
from shuzhuan.apps.enterprises.models import PilotState
from shuzhuan.apps.evidence.actions.use import use_document
from shuzhuan.apps.pilots.models import Batch
from shuzhuan.apps.projects.actions import publishing
from shuzhuan.apps.projects.actions.guards import scores
from shuzhuan.apps.projects.actions.move import Move, Refused, handles
from shuzhuan.apps.projects.models import (
    Opinion,
    OpinionKind,
    Paper,
    Project,
    ReturnedSection,
    Verdict,
)
from shuzhuan.apps.projects.queries import eligibility, filing
from shuzhuan.apps.projects.queries.rise import LEVELS, rise, too_low
from shuzhuan.engine.process import State
from shuzhuan.engine.workdays import china

_TEXTS = {"title": 100, "content": 4000, "goal": 2000}


def opinion(move: Move, kind: str, verdict: str, text: str, **more: Any) -> None:
    """One opinion of this project, to be stored with its step."""
    found = Opinion(
        place_id=move.project.place_id,
        project=move.project,
        enterprise_id=move.project.enterprise_id,
        kind=kind,
        verdict=verdict,
        text=text,
        user_id=move.user_id,
        party_id=move.actor.party_id,
        at=timezone.now(),
        round=more.pop("round", move.project.rechecks + 1),
        **more,
    )
    move.rows.append(found)


@handles("edit_filing")
def edit_filing(move: Move) -> None:
    """Save the parts of the filing that the form brings; a returned one only in what was returned."""
    changed: list[str] = []
    for key, (_, columns) in filing.SECTIONS.items():
        present = [c for c in columns if c in move.payload]
        if not present:
            continue
        _only_returned(move, key)
        for column in present:
            _set_column(move, column)
        changed.append(key)
    if not changed:
        raise Refused("没有要保存的内容。")
    if "schedule" in changed:
        _require_time(move)
    move.detail["sections"] = changed


def _require_time(move: Move) -> None:
    """The work begins before it ends, within the pilot's cycle."""
    project = move.project
    if project.starts_on and project.ends_on and project.ends_on < project.starts_on:
        raise Refused("完工日期不能早于开工日期。", "ends_on")
    ends = move.parameters.cycle_ends(project.pilot.starts_on)
    if project.ends_on and project.ends_on > ends:
        raise Refused(
            f"试点周期到{ends}为止（{move.parameters.cycle_cite}），之后不能申请验收。", "ends_on"
        )


def _only_returned(move: Move, section: str) -> None:
    if move.project.at != State.RETURNED:
        return
    rows = ReturnedSection.objects.filter(project=move.project, section=section)
    if not rows.filter(round=move.project.returns).exists():
        raise Refused("这一部分没有退回，不用改。")


def _set_column(move: Move, column: str) -> None:
    project = move.project
    if column in _TEXTS:
        setattr(project, column, move.text(column, _TEXTS[column], required=False))
    elif column in ("starts_on", "ends_on"):
        setattr(project, column, move.day(column, required=False))
    elif column == "planned_fen":
        project.planned_fen = move.fen(column) if move.payload.get(column) not in ("", None) else 0
        if project.planned_fen < 0:
            raise Refused("计划投入不能是负数。", column)
    elif column == "level_target":
        raw = str(move.payload.get(column) or "")
        project.level_target = int(move.choice(column, LEVELS)) if raw else None
    elif column == "plan":
        project.plan = _plan(move)
    elif column == "vendor":
        project.vendor = _vendor(move)
        if project.vendor is not None:
            project.vendor_name = project.vendor.name
    elif column == "vendor_name":
        name = move.text(column, 128, required=False)
        project.vendor_name = name or (project.vendor.name if project.vendor else "")


def _plan(move: Move) -> Plan | None:
    pk = move.pk("plan", required=False)
    if pk is None:
        return None
    rows = Plan.objects.filter(enterprise=move.project.enterprise, state=PlanState.ACCEPTED)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Refused("请选择企业已经确认的一企一策方案。", "plan")
    return found


def _vendor(move: Move) -> Party | None:
    pk = move.pk("vendor", required=False)
    if pk is None:
        return None
    with opened("a vendor of another place may do the work"):
        found = Party.objects.filter(pk=pk, kind=PartyKind.VENDOR).first()
    if found is None:
        raise Refused("请从服务商里选择一家，或者只填名称。", "vendor")
    return found


@handles("attach_paper")
def attach_paper(move: Move) -> None:
    """Use one document of the library for one paper of the list; an older one gives way."""
    project = move.project
    # What was filed stays as it was filed: a change of plan is asked for first (第十六条).
    early = project.at in (State.DRAFT, State.RETURNED)
    steps = ("filing",) if early else ("acceptance_request",)
    wanted = {paper: name for step in steps for paper, name in filing.wanted_papers(project, step)}
    paper = move.choice("paper", wanted)
    if project.at == State.RETURNED:
        _only_returned(move, f"{filing.PAPER}{paper}")
    document = move.document("document")
    assert document is not None and document.current_id is not None
    rows = Paper.objects.filter(project=project, paper=paper, is_current=True)
    rows.exclude(document=document).update(is_current=False)
    if not rows.filter(document=document, version_id=document.current_id).exists():
        rows.update(is_current=False)
        Paper.objects.create(
            place_id=project.place_id, project=project, enterprise_id=project.enterprise_id,
            paper=paper, document=document, version_id=document.current_id, user_id=move.user_id,
        )  # fmt: skip
    use_document(move.actor, document, project, f"{wanted[paper]}（项目{project.pk}）"[:100])
    move.detail |= {"paper": paper, "document": document.pk}


@handles("file")
def file(move: Move) -> None:
    """Give the filing its number; the clock of the office starts."""
    project = move.project
    batch = Batch.objects.select_for_update(no_key=True).get(pk=project.batch_id)
    prefix = f"{batch.parameters.place}-{batch.opens_on.year}-{batch.number}-"
    # Two pilots of a place may have a first batch in the same year: they share one series.
    with opened("the filings of a place are numbered in one series"):
        taken = Project.objects.filter(place_id=project.place_id, number__startswith=prefix).count()
    project.number = f"{prefix}{taken + 1:03d}"
    project.filed_at = timezone.now()
    project.level_before = eligibility.level_before(project)
    move.detail["number"] = project.number


@handles("refile")
def refile(move: Move) -> None:
    """Everything returned has been looked at again."""
    rows = ReturnedSection.objects.filter(project=move.project, mended_at__isnull=True)
    move.detail["mended"] = rows.update(mended_at=timezone.now())


@handles("return_filing", "return_acceptance")
def return_sections(move: Move) -> None:
    """Name each part with its reason; only these may be changed."""
    project = move.project
    project.returns += 1
    named = filing.returned(move)
    ReturnedSection.objects.bulk_create(
        ReturnedSection(
            place_id=project.place_id, project=project, enterprise_id=project.enterprise_id,
            round=project.returns, section=section, reason=reason, user_id=move.user_id,
        )
        for section, reason in named.items()
    )  # fmt: skip
    move.detail["sections"] = named
    if move.transition.action == "return_acceptance":
        _time_to_mend(move)


def _time_to_mend(move: Move) -> None:
    """An application that comes back when the cycle ends is mended like a filing, not at once."""
    project = move.project
    given = china().add(move.today, move.parameters.office_days[State.RETURNED])
    if given.day <= move.parameters.cycle_ends(project.pilot.starts_on):
        return

    def due() -> None:
        project.due_on, project.due_provisional = given.day, given.provisional
        project.due_cite = "本批次设定"
        project.save(update_fields=["due_on", "due_provisional", "due_cite"])

    move.after.append(due)


@handles("extend")
def extend(move: Move) -> None:
    """A later last day, with its reason."""
    day = move.day("due_on")
    assert day is not None
    if move.project.due_on is None or day <= max(move.project.due_on, move.today):
        raise Refused("新的期限要晚于今天和原来的期限。", "due_on")
    move.project.due_on = day
    move.detail["due_on"] = day.isoformat()


@handles("pass_form_check")
def pass_form_check(move: Move) -> None:
    """What the archive could not know is confirmed one by one; a failed condition is not passed."""
    known = eligibility.facts(move.project)
    checks = eligibility.checks(move.project, known)
    failed = [c.text for c in checks if c.state is False]
    if failed:
        raise Refused(f"不符合申报条件，不能通过：{'；'.join(failed)}。")
    confirmed: dict[str, Any] = {}
    for check in checks:
        if check.state is not None:
            continue
        if not move.flag(f"confirm_{check.id}"):
            raise Refused(f"请核实并确认：{check.text}。", f"confirm_{check.id}")
        confirmed |= _holding(move.project, known, check)
    move.project.confirmed = {**move.project.confirmed, **confirmed}
    move.detail["confirmed"] = sorted(confirmed)
    _level_established(move)
    text = move.text("opinion", 1000, required=False)
    opinion(move, OpinionKind.FORM_CHECK, Verdict.PASS, text)


def _level_established(move: Move) -> None:
    """The level before is known from the site, and the target is one that can be paid for."""
    project, needed = move.project, rise(move.project)
    project.level_before = eligibility.level_before(project)
    if needed is not None and project.level_before is None:
        raise Refused(
            f"企业还没有改造前的现场诊断定级，算不出拟补助金额（{needed.cite}）。请先委派诊断。"
        )
    if problem := too_low(project, needed):
        raise Refused(f"{problem}请退回“计划投入、工期和目标等级”。")


def _holding(
    project: Project, known: Mapping[str, object], check: eligibility.Check
) -> dict[str, Any]:
    """The yes-or-no answers under which a condition holds. Raises Refused when there are none."""
    keys = [key for key in check.facts if key not in known]
    for value in (True, False):
        try_ = dict.fromkeys(keys, value)
        _, result = eligibility.decide_of(project, {**known, **try_})
        if any(c.id == check.id and c.state is True for c in result.conditions):
            return try_
    raise Refused(f"“{check.text}”不能由经办人确认，请企业在档案里补齐。")


@handles("reject_filing")
def reject_filing(move: Move) -> None:
    opinion(move, OpinionKind.FORM_CHECK, Verdict.FAIL, move.reason)


@handles("record_experts", "fail_experts")
def record_experts(move: Move) -> None:
    """The experts' scores and what they say together."""
    passed = move.transition.action == "record_experts"
    text = move.reason or move.text("opinion", 2000, required=False)
    rows = scores(move)
    verdict = Verdict.PASS if passed else Verdict.FAIL
    opinion(move, OpinionKind.EXPERT, verdict, text, scores=rows)
    move.detail["points"] = [row["points"] for row in rows]


@handles("start_selection_publicity")
def start_selection_publicity(move: Move) -> None:
    """Show name, content and the amount that may come of it."""
    publishing.show(move, "selection", eligibility.estimated(move.project).fen)


@handles("close_selection_publicity")
def close_selection_publicity(move: Move) -> None:
    publishing.let_pass(move)


@handles("list_project")
def list_project(move: Move) -> None:
    """The enterprise enters the pilot list of its place (第八、十一条)."""
    project = move.project
    enterprise, today = project.enterprise, move.today
    if enterprise.pilot_state != PilotState.IN:
        reason = f"{project.number}遴选公示无异议"
        enter_pilot(
            move.actor, enterprise, move.parameters.pack, today, reason, project.batch.number
        )


def new_project(actor_user: int, batch: Batch, enterprise: Any, today: date) -> Project:
    """A draft from what the archive and its accepted plan already hold; not stored yet."""
    plan = Plan.objects.filter(enterprise=enterprise, state=PlanState.ACCEPTED).first()
    project = Project(
        place_id=batch.place_id, pilot_id=batch.pilot_id, batch=batch, enterprise=enterprise,
        entered_on=today, due_on=batch.closes_on, due_cite="申报截止", created_by_id=actor_user,
    )  # fmt: skip
    if plan is not None:
        project.plan = plan
        project.goal = plan.summary[:2000]
        project.planned_fen = plan.cost_fen
        project.level_target = plan.expected_level or None
        project.starts_on = plan.starts_on
        # A day that the pilot does not reach is asked for anew.
        if plan.ends_on and plan.ends_on <= batch.parameters.cycle_ends(batch.pilot.starts_on):
            project.ends_on = plan.ends_on
        if plan.party.kind == PartyKind.VENDOR:
            project.vendor, project.vendor_name = plan.party, plan.party.name
    return project
