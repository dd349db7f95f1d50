"""What projects do when something happens in the rooms below: objections, contracts, due days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import ENTERPRISE
from shuzhuan.apps.assessments import ties
from shuzhuan.apps.assessments.models import Assessment, EngagementKind
from shuzhuan.apps.assessments.queries.visits import due_by, handed_in_by
from shuzhuan.apps.assessments.spending import spend_of
from shuzhuan.apps.inbox.actions.tell import tell
from shuzhuan.apps.inbox.models import MessageLevel
from shuzhuan.apps.pilots import hooks as batches
from shuzhuan.apps.pilots.models import Batch
from shuzhuan.apps.projects.actions.publishing import SUBJECT
from shuzhuan.apps.projects.models import Contract, Line, Project
from shuzhuan.apps.publicity import hooks
from shuzhuan.apps.publicity.models import Objection, Publicity
from shuzhuan.engine.process import PUBLIC_PERIODS, TERMINAL, State


@ties.tied_by
def contracts(enterprise_id: int) -> Iterable[ties.Contract]:
    """Whoever has a contract with the enterprise, or sold to it, did the work (改造评测分离).

    While a project runs its contracts do, whatever day was written on them.
    """
    today = timezone.localdate()
    rows = Contract.objects.filter(enterprise_id=enterprise_id).select_related("project")
    signed = [
        ties.Contract(
            last_day=row.signed_on if row.project.at in TERMINAL else today,
            what=f"合同 {row.number}", name=row.vendor_name, party_id=row.vendor_id,
            uscc=row.vendor_uscc,
        )
        for row in rows
    ]  # fmt: skip
    sold = Line.objects.filter(enterprise_id=enterprise_id, removed_at__isnull=True)
    sold = sold.exclude(supplier__in=[contract.name for contract in signed])
    last = sold.order_by("supplier").values_list("supplier").annotate(Max("paid_on"))
    return signed + [ties.Contract(paid_on, "供货和发票", name) for name, paid_on in last]


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


@hooks.on_recount
def recounted(actor: Actor, publicity: Publicity) -> None:
    """A project in a publicity has as long as the publicity."""
    Project.objects.filter(
        item__publicity=publicity, state__in=[str(state) for state in PUBLIC_PERIODS]
    ).update(due_on=publicity.ends_on, due_provisional=publicity.provisional)


@batches.on_close
def batch_closed(batch: Batch) -> None:
    """Whoever still writes a filing is told that this batch takes no more."""
    rows = Project.objects.filter(batch=batch, state=str(State.DRAFT))
    for project in rows.select_related("enterprise"):
        tell(
            key=f"projects.batch_closed:{project.pk}:{batch.pk}",
            title=f"{batch.title}已停止受理，您的申报还没有提交",
            body="草稿已保留；下一批开放以后可以接着填写、提交。",
            url=reverse("projects:page", args=[project.pk]),
            about=project,
            party_id=project.enterprise.party_id,
            party_roles=ENTERPRISE,
            level=MessageLevel.WARN,
        )


@handed_in_by
def judged() -> Q:
    """The project has taken over the grading, or every line is audited."""
    graded = Project.objects.filter(grader=OuterRef("pk"), graded=True)
    audited = Project.objects.filter(auditor=OuterRef("pk"), audited=True)
    return Q(Exists(graded), kind=EngagementKind.ACCEPTANCE) | Q(
        Exists(audited), kind=EngagementKind.AUDIT
    )


@due_by
def grading_until() -> Subquery:
    """The last day of the grading and the audit, while they go on."""
    rows = Project.objects.filter(pk=OuterRef("project_id"), state=str(State.GRADING))
    return Subquery(rows.values("due_on"))


@spend_of
def spending(sheets: Sequence[Assessment]) -> Mapping[int, int]:
    """What was audited for the project that an acceptance grading belongs to."""
    rows = Project.objects.filter(acceptance_id__in=[sheet.pk for sheet in sheets], audited=True)
    return {
        pk: fen for pk, fen in rows.values_list("acceptance_id", "audited_fen") if pk is not None
    }
