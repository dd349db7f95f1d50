"""What projects do when something happens in the rooms below: objections, contracts, due days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments import ties
from shuzhuan.apps.assessments.models import Assessment
from shuzhuan.apps.assessments.spending import spend_of
from shuzhuan.apps.projects.actions.publishing import SUBJECT
from shuzhuan.apps.projects.models import Contract, Project
from shuzhuan.apps.publicity import hooks
from shuzhuan.apps.publicity.models import Objection


@ties.tied_by
def contracts(enterprise_id: int) -> Iterable[ties.Contract]:
    """Everybody who has a contract with the enterprise did the work (改造评测分离)."""
    rows = Contract.objects.filter(enterprise_id=enterprise_id)
    return [
        ties.Contract(
            last_day=row.signed_on, what=f"合同 {row.number}", name=row.vendor_name,
            party_id=row.vendor_id, uscc=row.vendor_uscc,
        )
        for row in rows
    ]  # fmt: skip


def _count(objection: Objection) -> None:
    item = objection.item
    if item.subject_kind != SUBJECT:
        return
    item.refresh_from_db(fields=["objections_open"])
    Project.objects.filter(pk=item.subject_id, item_id=item.pk).update(
        objections_open=item.objections_open
    )


@hooks.on_objection
def objected(actor: Actor, objection: Objection) -> None:
    """The queue shows at once that somebody is to be heard."""
    _count(objection)


@hooks.on_decision
def decided(actor: Actor, objection: Objection) -> None:
    _count(objection)


@spend_of
def spending(sheets: Sequence[Assessment]) -> Mapping[int, int]:
    """What was audited for the project that an acceptance grading belongs to."""
    rows = Project.objects.filter(acceptance_id__in=[sheet.pk for sheet in sheets], audited=True)
    return {
        pk: fen for pk, fen in rows.values_list("acceptance_id", "audited_fen") if pk is not None
    }
