"""Begin a filing: a draft from what the archive and the assessment already hold."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.pilots.models import Batch, BatchState
from shuzhuan.apps.projects.actions.filing import new_project
from shuzhuan.apps.projects.models import Project
from shuzhuan.engine.process import OVER, State

# Whoever lost the place in a pilot, or had to give the money back, gets no second one in it.
BARRED = frozenset({State.DISQUALIFIED, State.CLAWED_BACK})


@transaction.atomic
def start_project(actor: Actor, batch: Batch, enterprise: Enterprise) -> Project:
    """A new draft, or the one that is open in the same pilot. Raises ValidationError."""
    user_id, today = user_of(actor), timezone.localdate()
    enterprise = Enterprise.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=enterprise.pk
    )
    if enterprise.party_id != actor.party_id:
        raise ValidationError("只能为自己的企业申报。")
    over = [str(state) for state in OVER]
    rows = Project.objects.filter(pilot_id=batch.pilot_id, enterprise=enterprise)
    open_one = rows.exclude(state__in=over).select_related("batch").first()
    if open_one is not None and (open_one.at != State.DRAFT or _receives(open_one.batch, today)):
        return open_one
    lost = rows.filter(state__in=[str(state) for state in BARRED]).order_by("-pk").first()
    if lost is not None:
        raise ValidationError(
            f"企业在这个试点的项目{lost.number}{lost.at.label}，不能再申报（第十三条、第十七条）。"
        )
    if not _receives(batch, today):
        raise ValidationError(f"申报时间是{batch.opens_on}至{batch.closes_on}，现在不受理。")
    inside = batch.place.path
    if not enterprise.place.path.startswith(inside):
        raise ValidationError(f"这一批只受理{batch.place.name}的企业。")
    if open_one is not None:
        return _moved(actor, open_one, batch)
    project = new_project(user_id, batch, enterprise, today)
    project.save()
    record("start_project", actor, project, detail={"batch": batch.pk})
    return project


def _receives(batch: Batch, today: date) -> bool:
    return batch.state == BatchState.OPEN and batch.opens_on <= today <= batch.closes_on


def _moved(actor: Actor, draft: Project, batch: Batch) -> Project:
    """A draft that missed its batch goes on in the next one, with all that was written."""
    before, draft.batch, draft.due_on = draft.batch_id, batch, batch.closes_on
    draft.updated_at = timezone.now()
    draft.save(update_fields=["batch", "due_on", "updated_at"])
    record("start_project", actor, draft, detail={"batch": batch.pk, "from_batch": before})
    return draft
