"""What must hold before a row of the table is done. Each guard says what to do instead."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.assessments import independence
from shuzhuan.apps.assessments.models import Assessment, Engagement, EngagementKind
from shuzhuan.apps.assessments.queries.payment import payment_level
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.pilots.models import BatchState
from shuzhuan.apps.projects.actions.move import Move, Refused, guards
from shuzhuan.apps.projects.models import Contract, Line
from shuzhuan.apps.projects.queries import eligibility, filing
from shuzhuan.apps.projects.queries.ceiling import ceiling
from shuzhuan.apps.projects.queries.rise import rise, too_low
from shuzhuan.apps.publicity import period
from shuzhuan.apps.publicity.clear import item_is_clear
from shuzhuan.apps.publicity.models import ItemState, PublicityItem
from shuzhuan.apps.publicity.models import State as Shown
from shuzhuan.engine.money import format_cn

EXPERTS_MIN, EXPERTS_MAX = 3, 9
EXPERT_FIELDS = {"technology": "行业技术", "finance": "财务", "management": "管理"}
POINTS_MAX = 100


@guards("batch_open")
def batch_open(move: Move) -> None:
    """Filing runs from the first to the last day of the window; mending a return does not end."""
    batch = move.project.batch
    if move.project.filed_at is not None:
        return
    if batch.state != BatchState.OPEN or not batch.opens_on <= move.today <= batch.closes_on:
        raise Refused(f"{batch.title}的申报时间是{batch.opens_on}至{batch.closes_on}，现在不受理。")


@guards("filing_complete")
def filing_complete(move: Move) -> None:
    """Every section is filled in and every paper is attached."""
    missing = filing.missing(move.project)
    if missing:
        raise Refused(f"还差：{'、'.join(missing)}。")


@guards("eligible")
def eligible(move: Move) -> None:
    """第八、十条: nothing may fail; what the archive should know must be known."""
    checks = eligibility.checks(move.project)
    failed = [c for c in checks if c.state is False]
    if failed:
        raise Refused("不符合申报条件：" + "；".join(f"{c.text}（{c.cite}）" for c in failed))
    if problem := too_low(move.project, rise(move.project)):
        raise Refused(problem, "level_target")
    unknown = [c for c in checks if c.state is None and c.section]
    if unknown:
        raise Refused(
            "请先在企业档案里补齐：" + "；".join(f"{c.text}（{c.cite}）" for c in unknown)
        )


@guards("in_time")
def in_time(move: Move) -> None:
    """The last day has not passed; it is one of the days."""
    due = move.project.due_on
    if due is not None and move.today > due:
        raise Refused(f"期限是{due}，已经过了。请与{move.project.place.name}主管部门联系。")


@guards("sections_named")
def sections_named(move: Move) -> None:
    """A return says which sections are to be mended, and why."""
    if not filing.returned(move):
        raise Refused("请至少选一个要补正的部分，并逐项写明原因。")


def scores(move: Move) -> list[dict[str, Any]]:
    """The experts' scores from the fields ``expertN_name``, ``_field``, ``_points``, ``_text``."""
    found: list[dict[str, Any]] = []
    for number in range(1, EXPERTS_MAX + 1):
        name = move.text(f"expert{number}_name", 32, required=False)
        if not name:
            continue
        field = move.choice(f"expert{number}_field", EXPERT_FIELDS)
        raw = str(move.payload.get(f"expert{number}_points", "")).strip()
        if not re.fullmatch("[0-9]{1,3}", raw) or int(raw) > POINTS_MAX:
            raise Refused(f"评分请填 0 到 {POINTS_MAX} 的整数。", f"expert{number}_points")
        text = move.text(f"expert{number}_text", 500, required=False)
        found.append({"name": name, "field": field, "points": int(raw), "text": text})
    return found


@guards("experts_complete")
def experts_complete(move: Move) -> None:
    """第十一条: 行业技术, 财务 and 管理 are all there."""
    found = scores(move)
    if len(found) < EXPERTS_MIN:
        raise Refused(f"请登记至少 {EXPERTS_MIN} 位专家的评分。", "expert1_name")
    absent = [
        label for key, label in EXPERT_FIELDS.items() if key not in {s["field"] for s in found}
    ]
    if absent:
        raise Refused(f"专家还缺少：{'、'.join(absent)}（第十一条）。", "expert1_field")


def _item(move: Move) -> PublicityItem:
    if move.project.item_id is None:
        raise Refused("这个项目还没有公示。")
    return PublicityItem.objects.select_related("publicity").get(pk=move.project.item_id)


def _taken_back(item: PublicityItem) -> bool:
    return item.state == ItemState.WITHDRAWN or item.publicity.state == Shown.CANCELLED


@guards("no_open_objection")
def no_open_objection(move: Move) -> None:
    """Nothing moves while somebody waits to be heard."""
    item = _item(move)
    if item.objections_open:
        raise Refused(f"还有 {item.objections_open} 件异议没有办结，先核查处理。")
    if item.state == ItemState.UPHELD:
        raise Refused("公示中有异议成立，不能继续。")


@guards("publicity_over")
def publicity_over(move: Move) -> None:
    item = _item(move)
    if _taken_back(item):
        raise Refused("公示已经撤下，没有期满可言；请撤下这次公示，重新公示。")
    # By today's calendar: the days off of a year may have been published while it ran.
    ends_on = period.recounted(item.publicity).day
    if move.today <= ends_on:
        raise Refused(f"公示到{ends_on}（含当日）才期满，之后才能结束。")
    if not item.objections_open and not item_is_clear(item, move.today):
        raise Refused("这项公示有异议成立，不能继续。")


@guards("objection_upheld")
def objection_upheld(move: Move) -> None:
    if _item(move).state != ItemState.UPHELD:
        raise Refused("没有成立的异议；请先在公示页面办结异议。")


@guards("publicity_taken_back")
def publicity_taken_back(move: Move) -> None:
    """The office has cancelled the publicity, or taken this project out of it."""
    if not _taken_back(_item(move)):
        raise Refused("公示还在；要撤下的，请先在公示页面撤销公示或撤下这一项，并写明原因。")


@guards("publicity_ran")
def publicity_ran(move: Move) -> None:
    """Trust 6: a payout only after a publicity that ran, and not under rectification."""
    if move.project.payment_cleared_on is None:
        raise Refused("兑付公示没有期满，不能付款。")
    if move.project.suspended:
        raise Refused("整改期间暂停拨付（第十三条）。")


@guards("has_contract")
def has_contract(move: Move) -> None:
    rows = Contract.objects.filter(project=move.project, document__isnull=False)
    if not rows.exists():
        raise Refused("请先登记合同，并附上合同文件。")


@guards("lines_complete")
def lines_complete(move: Move) -> None:
    rows = Line.objects.filter(project=move.project, removed_at__isnull=True)
    if not rows.exists():
        raise Refused("还没有登记投入，请逐笔登记发票和付款。")
    bare = rows.filter(invoice__isnull=True) | rows.filter(proof__isnull=True)
    names = list(bare.values_list("name", flat=True)[:5])
    if names:
        raise Refused(f"这些投入还没有附发票或付款凭证：{'、'.join(names)}。")


@guards("acceptance_papers")
def acceptance_papers(move: Move) -> None:
    missing = filing.missing_papers(move.project, "acceptance_request")
    if missing:
        raise Refused(f"还差材料：{'、'.join(missing)}。")


@guards("in_cycle")
def in_cycle(move: Move) -> None:
    ends = move.parameters.cycle_ends(move.project.pilot.starts_on)
    # Who applied in time and was sent back mends after the end of the cycle too.
    if move.today > ends and move.by("apply_acceptance") is None:
        raise Refused(f"试点周期到{ends}为止（{move.parameters.cycle_cite}），已经不能申请验收。")


def agency(move: Move, name: str) -> Party:
    """The agency that a form chose, wherever it is registered."""
    pk = move.needed_pk(name)
    with opened("an agency of another place may be asked"):
        found = Party.objects.filter(pk=pk, kind=PartyKind.AGENCY).first()
    if found is None:
        raise Refused("请从第三方机构里选择一家。", name)
    return found


@guards("agencies_independent")
def agencies_independent(move: Move) -> None:
    """改造评测分离 (第九条、第十二条（二）2), checked before anything is changed."""
    for name, kind in (("grader", EngagementKind.ACCEPTANCE), ("auditor", EngagementKind.AUDIT)):
        ties = independence.check(
            move.project.enterprise, agency(move, name), kind, timezone.localdate()
        )
        if ties:
            why = "；".join(str(tie.reason) for tie in ties)
            raise Refused(f"不能委派，违反改造评测分离：{why}。", name)


def _is(move: Move, engagement: Engagement | None, what: str) -> None:
    if engagement is None or engagement.party_id != move.actor.party_id:
        raise Refused(f"这个项目的{what}没有委派给贵单位。")
    if not engagement.is_live(move.today):
        raise Refused(f"贵单位的{what}委派已经结束。")


@guards("is_grader")
def is_grader(move: Move) -> None:
    _is(move, move.project.grader, "定级验收")


@guards("is_auditor")
def is_auditor(move: Move) -> None:
    _is(move, move.project.auditor, "投资审核")


@guards("all_lines_audited")
def all_lines_audited(move: Move) -> None:
    rows = Line.objects.filter(project=move.project, removed_at__isnull=True)
    left = rows.filter(audited_fen__isnull=True).count()
    if left or not rows.exists():
        raise Refused(f"还有 {left} 笔投入没有核定。" if left else "没有可以核定的投入。")


def graded_by(move: Move) -> Assessment | None:
    """The acceptance grading of the body that is asked to grade now, not of one before it."""
    return _graded(move)[0]


def _graded(move: Move) -> tuple[Assessment | None, str]:
    """The same, or none and why."""
    found = payment_level(move.project.enterprise_id, move.project.pk)
    grader, sheet = move.project.grader, found.assessment
    if sheet is None or grader is None or sheet.party_id != grader.party_id:
        return None, found.why or "还没有提交这个项目的验收评测，请先到现场评测并提交。"
    return sheet, ""


@guards("grading_submitted")
def grading_submitted(move: Move) -> None:
    sheet, why = _graded(move)
    if sheet is None:
        raise Refused(why)


@guards("graded")
def graded(move: Move) -> None:
    if not move.project.graded:
        raise Refused("定级验收还没有提交。")


@guards("audited")
def audited(move: Move) -> None:
    if not move.project.audited:
        raise Refused("投资审核还没有提交。")


@guards("recheck_left")
def recheck_left(move: Move) -> None:
    if move.project.rechecks >= move.parameters.rechecks_max:
        raise Refused("已经整改复评过一次，仍不通过的只能取消资格（第十三条）。")


@guards("improved")
def improved(move: Move) -> None:
    """Every condition of the clause holds, with what the officer confirms now."""
    if not move.flag("tasks_completed"):
        raise Refused("请确认企业已按方案完成改造任务；没有完成的，要求整改。", "tasks_completed")
    _, result = eligibility.decide(move.project, eligibility.ACCEPTED)
    if result.status != "适用":
        failed = [c for c in result.conditions if c.state is not True]
        raise Refused("不符合补助条件：" + "；".join(f"{c.text}（{c.cite}）" for c in failed))


@guards("amount_in_ceiling")
def amount_in_ceiling(move: Move) -> None:
    """H4: at or below what the engine computes and other projects of the enterprise leave.

    From here on the amount counts against the enterprise's ceiling; its projects wait for each other.
    """
    Enterprise.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=move.project.enterprise_id
    )
    decision, result = eligibility.decide(move.project, eligibility.ACCEPTED)
    most, amount = ceiling(move.project, decision, result), move.fen("amount")
    if amount <= 0:
        raise Refused("拟补助金额应当大于0。", "amount")
    if amount > most.fen:
        text = f"不能超过{format_cn(most.fen)}（{result.clause.cite}）。"
        raise Refused("".join((text, *most.told)), "amount")


@guards("amount_in_reserve")
def amount_in_reserve(move: Move) -> None:
    amount = move.fen("amount")
    if amount <= 0:
        raise Refused("核定金额应当大于0。", "amount")
    if amount > move.project.proposed_fen:
        shown = format_cn(move.project.proposed_fen)
        raise Refused(f"不能超过公示并锁定的{shown}。", "amount")
