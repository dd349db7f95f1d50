"""一企一策: write a plan on a diagnosis, hand it over; the enterprise accepts or sends it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import get_visible
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, Role
from shuzhuan.apps.assessments.actions.save_answer import canonical
from shuzhuan.apps.assessments.actions.writing import CERTIFIERS, require_live, user_of
from shuzhuan.apps.assessments.models import (
    Assessment,
    AssessmentKind,
    AssessmentState,
    Engagement,
    Measure,
    MeasureKind,
    Plan,
    PlanState,
)
from shuzhuan.apps.assessments.queries.expected import expected
from shuzhuan.apps.assessments.queries.sheet import indicator_set
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.inbox.actions.settle import settle
from shuzhuan.apps.inbox.actions.tell import tell
from shuzhuan.apps.inbox.models import MessageLevel
from shuzhuan.engine.money import MAX_FEN

MEASURES_MAX = 60
SUMMARY_CHARS_MAX = 2000
REASON_CHARS_MAX = 500
_COPIED = ("position", "item", "target", "kind", "product", "supplier", "cost_fen", "note")


@dataclass(frozen=True, slots=True)
class MeasureText:
    """One measure as it was typed. ``target``: JSON value of the item, None for none."""

    item: str
    target: object
    kind: str
    product: str
    supplier: str
    cost_fen: int
    note: str = ""


@transaction.atomic
def open_plan(actor: Actor, diagnosis: Assessment) -> Plan:
    """The version that is being written, or the next one with the measures of the one before.

    Raises ValidationError while the enterprise holds a version, or after it accepted one.
    """
    sheet = get_visible(actor, Assessment, pk=diagnosis.pk)
    _require_author(actor, sheet.party_id, sheet.engagement)
    if sheet.kind != AssessmentKind.DIAGNOSIS or sheet.state != AssessmentState.SUBMITTED:
        raise ValidationError("先提交诊断，再写方案。")
    Assessment.objects.select_for_update(no_key=True, of=("self",)).get(pk=sheet.pk)
    key = {"place_id": sheet.place_id, "enterprise_id": sheet.enterprise_id}
    if Plan.objects.filter(**key, state=PlanState.ACCEPTED).exists():
        raise ValidationError("企业已经确认了一份方案。要调整，请企业在项目里申请变更。")
    mine = Plan.objects.filter(**key, party_id=sheet.party_id)
    newest = mine.order_by("-number").first()
    if newest is not None and newest.state == PlanState.DRAFT:
        return newest
    if newest is not None and newest.state == PlanState.SUBMITTED:
        raise ValidationError("方案已经提交企业，等企业确认或退回。")
    plan = Plan.objects.create(
        **key,
        party_id=sheet.party_id,
        diagnosis=sheet,
        number=(mine.aggregate(last=Max("number"))["last"] or 0) + 1,
        summary="" if newest is None else newest.summary,
        starts_on=None if newest is None else newest.starts_on,
        ends_on=None if newest is None else newest.ends_on,
        created_by_id=user_of(actor),
    )
    if newest is not None and newest.diagnosis_id == sheet.pk:
        _copy_measures(newest, plan)
    record("open_plan", actor, plan, detail={"number": plan.number})
    return plan


@transaction.atomic
def save_measure(
    actor: Actor, plan_pk: int, text: MeasureText, measure_pk: int | None = None
) -> Measure:
    """Add a measure to a draft, or change one. Raises ValidationError naming the field."""
    plan = _draft(actor, plan_pk)
    if text.kind not in MeasureKind.values:
        raise ValidationError({"kind": "请选择软件、云服务、数据采集传输设备或其他。"})
    product = " ".join(text.product.split())
    if not product:
        raise ValidationError({"product": "请填写产品或服务的名称。"})
    if not 0 <= text.cost_fen <= MAX_FEN:
        raise ValidationError({"cost": "费用应当在0至10万亿元之间。"})
    target = canonical(indicator_set(plan.diagnosis), text.item, text.target) if text.item else ""
    rows = Measure.objects.filter(place_id=plan.place_id, plan=plan)
    if measure_pk is None:
        if rows.count() >= MEASURES_MAX:
            raise ValidationError(f"一份方案最多{MEASURES_MAX}项改造内容。")
        last = rows.aggregate(last=Max("position"))["last"] or 0
        measure = Measure(
            place_id=plan.place_id,
            plan=plan,
            enterprise_id=plan.enterprise_id,
            party_id=plan.party_id,
            position=last + 1,
        )
    else:
        measure = rows.get(pk=measure_pk)
    twice = rows.exclude(pk=measure.pk).filter(item=text.item).exclude(target__in=("", target))
    if text.item and target and twice.exists():
        raise ValidationError("另一项改造内容给同一题写了不同的目标，请先统一。")
    measure.item, measure.target, measure.kind = text.item, target, text.kind
    measure.product, measure.supplier = product, " ".join(text.supplier.split())
    measure.cost_fen, measure.note = text.cost_fen, text.note.strip()
    measure.full_clean(exclude=["place", "plan", "enterprise", "party"], validate_unique=False)
    measure.save()
    _edited(plan)
    detail = {"measure": measure.pk, "item": text.item, "cost_fen": text.cost_fen}
    record("save_measure", actor, plan, detail=detail)
    return measure


@transaction.atomic
def drop_measure(actor: Actor, plan_pk: int, measure_pk: int) -> None:
    """Take a measure out of a draft."""
    plan = _draft(actor, plan_pk)
    gone, _ = Measure.objects.filter(place_id=plan.place_id, plan=plan, pk=measure_pk).delete()
    if gone:
        _edited(plan)
        record("drop_measure", actor, plan, detail={"measure": measure_pk})


@transaction.atomic
def save_outline(
    actor: Actor, plan_pk: int, summary: str, starts_on: date | None, ends_on: date | None
) -> Plan:
    """Write what the plan is about and when. Raises ValidationError naming the field."""
    plan = _draft(actor, plan_pk)
    summary = summary.replace("\r\n", "\n").strip()
    if len(summary) > SUMMARY_CHARS_MAX:
        raise ValidationError({"summary": f"总体思路最多{SUMMARY_CHARS_MAX}个字。"})
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise ValidationError({"ends_on": "完工不能早于开工。"})
    plan.summary, plan.starts_on, plan.ends_on = summary, starts_on, ends_on
    _edited(plan)
    record("save_outline", actor, plan, detail={"edits": plan.edits})
    return plan


@transaction.atomic
def submit_plan(actor: Actor, plan_pk: int, *, seen_edits: int) -> Plan:
    """Hand the plan over to the enterprise with its figures as computed now.

    ``seen_edits``: ``Plan.edits`` as the page showed it. Raises ValidationError.
    """
    plan = _draft(actor, plan_pk)
    if seen_edits != plan.edits:
        raise ValidationError("打开这一页之后方案又有改动，请核对后再提交。")
    measures = list(plan.measures.filter(place_id=plan.place_id))
    if not measures:
        raise ValidationError("方案里还没有改造内容。")
    figures = expected(plan.diagnosis, measures, plan.enterprise, timezone.localdate())
    plan.expected_level = figures.after.level.low
    plan.expected_points_milli = figures.after.points_milli.low
    plan.cost_fen = figures.cost_fen
    plan.expected_subsidy_fen = figures.subsidy.fen
    plan.decision = figures.subsidy.decision
    plan.state, plan.submitted_at = PlanState.SUBMITTED, timezone.now()
    plan.save()
    detail = {
        "number": plan.number,
        "level": plan.expected_level,
        "cost_fen": plan.cost_fen,
        "subsidy_fen": plan.expected_subsidy_fen,
    }
    record("submit_plan", actor, plan, detail=detail)
    for earlier in Plan.objects.filter(diagnosis_id=plan.diagnosis_id, state=PlanState.RETURNED):
        settle(earlier)
    tell(
        key=f"assessments.plan_submitted:{plan.pk}",
        title=f"一企一策方案第{plan.number}版请贵企业确认",
        body="看清改造内容、费用和预计补助，可以确认，也可以写明原因退回。",
        url=reverse("assessments:plan", args=[plan.pk]),
        about=plan,
        party_id=plan.enterprise.party_id,
        party_roles=ENTERPRISE,
        level=MessageLevel.TODO,
    )
    return plan


@transaction.atomic
def accept_plan(actor: Actor, plan_pk: int) -> Plan:
    """Confirm the plan for the enterprise. Raises ValidationError."""
    plan = _handed_over(actor, plan_pk)
    key = {"place_id": plan.place_id, "enterprise_id": plan.enterprise_id}
    if Plan.objects.filter(**key, state=PlanState.ACCEPTED).exists():
        raise ValidationError("贵企业已经确认了一份方案，一家企业只能有一份。")
    Plan.objects.filter(**key, state=PlanState.SUBMITTED).exclude(pk=plan.pk).update(
        state=PlanState.REPLACED
    )
    plan.state, plan.accepted_at = PlanState.ACCEPTED, timezone.now()
    plan.accepted_by_id = user_of(actor)
    plan.save()
    record("accept_plan", actor, plan, detail={"number": plan.number})
    _answered(plan, f"{plan.enterprise.name}确认了一企一策方案第{plan.number}版", "")
    return plan


@transaction.atomic
def send_back(actor: Actor, plan_pk: int, reason: str) -> Plan:
    """Send the plan back with the reason; the author writes the next version."""
    plan = _handed_over(actor, plan_pk)
    reason = reason.strip()[:REASON_CHARS_MAX]
    if not reason:
        raise ValidationError({"reason": "请写明退回的原因，编制单位会看到。"})
    plan.state, plan.returned_at = PlanState.RETURNED, timezone.now()
    plan.returned_by_id, plan.returned_reason = user_of(actor), reason
    plan.save()
    record("send_back_plan", actor, plan, detail={"number": plan.number, "reason": reason})
    _answered(plan, f"{plan.enterprise.name}退回了一企一策方案第{plan.number}版", reason)
    return plan


def _require_author(actor: Actor, party_id: int, engagement: Engagement | None) -> None:
    if actor.role not in BODIES or actor.party_id is None or actor.party_id != party_id:
        raise PermissionDenied
    require_live(engagement)


def _draft(actor: Actor, pk: int) -> Plan:
    get_visible(actor, Plan, pk=pk)
    plan = (
        Plan.objects.select_for_update(no_key=True, of=("self",))
        .select_related("enterprise__place", "diagnosis__indicators", "diagnosis__engagement")
        .get(pk=pk)
    )
    _require_author(actor, plan.party_id, plan.diagnosis.engagement)
    if plan.state != PlanState.DRAFT:
        raise ValidationError("这一版方案已经提交，不能再改。")
    return plan


def _handed_over(actor: Actor, pk: int) -> Plan:
    get_visible(actor, Plan, pk=pk)
    rows = Plan.objects.select_for_update(no_key=True, of=("self",)).select_related("enterprise")
    plan = rows.get(pk=pk)
    if actor.role not in CERTIFIERS or actor.party_id != plan.enterprise.party_id:
        raise PermissionDenied
    if plan.state != PlanState.SUBMITTED:
        raise ValidationError("这一版方案已经答复过。")
    return plan


def _edited(plan: Plan) -> None:
    plan.edits += 1
    plan.save()


def _copy_measures(old: Plan, new: Plan) -> None:
    Measure.objects.bulk_create(
        Measure(
            place_id=new.place_id,
            plan=new,
            enterprise_id=new.enterprise_id,
            party_id=new.party_id,
            **{name: getattr(row, name) for name in _COPIED},
        )
        for row in old.measures.filter(place_id=old.place_id)
    )


def _answered(plan: Plan, title: str, body: str) -> None:
    """The author, and the office when it is settled; what waited for an answer is done."""
    settle(plan)
    accepted = plan.state == PlanState.ACCEPTED
    tell(
        key=f"assessments.plan_answered:{plan.pk}:{plan.state}",
        title=title,
        body=body,
        url=reverse("assessments:plan", args=[plan.pk]),
        about=plan,
        party_id=plan.party_id,
        offices=[Role.COUNTY_OFFICER] if accepted else [],
        office_region_id=plan.place_id,
        level=MessageLevel.INFO if accepted else MessageLevel.TODO,
    )
