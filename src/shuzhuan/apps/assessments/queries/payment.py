"""The level that a payment rests on: an acceptance grading, independent then and now."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.utils import timezone

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.assessments import independence
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, AssessmentState


@dataclass(frozen=True, slots=True)
class PaymentLevel:
    """``assessment`` is None when no grading may feed the payment; ``why`` says so in Chinese."""

    assessment: Assessment | None
    why: str = ""


def level_for_payment(enterprise_id: int, project_id: int) -> Assessment | None:
    """The acceptance grading that a payment of the project may rest on, or None."""
    return payment_level(enterprise_id, project_id).assessment


def payment_level(enterprise_id: int, project_id: int) -> PaymentLevel:
    """The same with the reason why there is none. Reads across places.

    A self-assessment or a diagnosis never counts. The grading was submitted while its body was
    asked to for this project, and independence is looked at again now: a contract that came to
    light since stops the payment (PY 第十二条（二）2). Its figures are those of the diagnosis that
    it is compared with: a rise between two versions would be no rise that anybody measured.
    """
    with opened("the level that a payment rests on"):
        rows = Assessment.objects.filter(
            enterprise_id=enterprise_id,
            kind=AssessmentKind.ACCEPTANCE,
            state=AssessmentState.SUBMITTED,
            engagement__project_id=project_id,
            engagement__kind=AssessmentKind.ACCEPTANCE,
        )
        rows = rows.select_related(
            "enterprise", "party", "engagement", "indicators", "before__indicators"
        ).defer("indicators__document", "before__indicators__document")
        found = rows.order_by("-submitted_at", "-pk").first()
        if found is None:
            return PaymentLevel(None, "还没有提交这个项目的验收评测，请先到现场评测并提交。")
        assert found.engagement is not None
        checked = json.loads(found.engagement.checked or "{}")
        if "submitted" not in checked or checked["submitted"]["ties"]:
            return PaymentLevel(None, "验收评测提交时没有核对独立性，不能作为兑付依据。")
        if apart := _apart(found):
            return PaymentLevel(None, apart)
        seen = independence.look(found.enterprise, found.party, found.kind, timezone.localdate())
    if seen.ties:
        return PaymentLevel(None, f"不符合改造评测分离：{seen.reasons}。")
    return PaymentLevel(found)


def _apart(found: Assessment) -> str:
    """Why the level before the work and this one were not measured alike; else empty."""
    if found.before is None:
        return ""
    old, new = found.before.indicators, found.indicators
    if old.figures_sha256 == new.figures_sha256:
        return ""
    return (
        f"改造前的诊断用“{old}”，验收评测用“{new}”，分值或等级条件不同，等级不能直接比较，"
        "不能作为兑付依据。要按与诊断相同的指标重新评测。"
    )
