"""One action on all results of a list: each enterprise by the same audited action as alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.enterprises.actions.pilot import enter_pilot, leave_pilot, set_survey
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.workbench.filters import FilterForm, narrowed
from shuzhuan.apps.workbench.models import (
    MESSAGE_CHARS_MAX,
    BulkAction,
    BulkItem,
    BulkOutcome,
    BulkRun,
)

logger = logging.getLogger("shuzhuan.workbench")
TARGETS_MAX = 20_000
BATCH_ROWS = 50  # enterprises in one transaction: others may write in between


def start_bulk(
    actor: Actor, form: FilterForm, action: BulkAction, parameters: Mapping[str, Any], key: str,
    query: str,
) -> BulkRun:  # fmt: skip
    """Fix the list of enterprises and queue the work. The same form starts one run only."""
    before = BulkRun.objects.filter(place_id=actor.region_id, user_id=user_of(actor), key=key)
    try:
        return before.first() or _start(actor, form, action, parameters, key, query)
    except IntegrityError:
        return before.get()


@transaction.atomic
def _start(
    actor: Actor, form: FilterForm, action: BulkAction, parameters: Mapping[str, Any], key: str,
    query: str,
) -> BulkRun:  # fmt: skip
    targets = list(
        narrowed(actor, form).order_by("pk").values_list("pk", "place_id")[: TARGETS_MAX + 1]
    )
    if not targets:
        raise ValidationError("现在没有符合条件的企业，什么都没有做。")
    if len(targets) > TARGETS_MAX:
        raise ValidationError(f"一次最多办理{TARGETS_MAX:,}家，请缩小范围。")
    assert actor.region_id is not None and actor.membership_id is not None
    run = BulkRun.objects.create(
        place_id=actor.region_id, user_id=user_of(actor), membership_id=actor.membership_id,
        action=action, parameters=json.dumps(dict(parameters), ensure_ascii=False), query=query,
        key=key, total=len(targets),
    )  # fmt: skip
    BulkItem.objects.bulk_create(
        BulkItem(run=run, enterprise_id=pk, place_id=place) for pk, place in targets
    )
    detail = {"action": str(action), "enterprises": len(targets), "query": query, **parameters}
    record("start_bulk", actor, run, detail=detail)
    transaction.on_commit(lambda: enqueue(run.pk))
    return run


def enqueue(run_id: int) -> None:
    """Hand a run to the background worker. Called once the run has been committed."""
    from shuzhuan.apps.workbench.tasks import work_through  # noqa: PLC0415 - tasks import actions

    work_through.enqueue(run_id)


@transaction.atomic
def resume_bulk(actor: Actor, run: BulkRun) -> None:
    """Queue a run again whose worker was stopped."""
    record("resume_bulk", actor, run)
    transaction.on_commit(lambda: enqueue(run.pk))


def run_bulk(run_id: int) -> None:
    """Work through a run, batch by batch, until nothing waits."""
    while _batch(run_id):
        pass


@transaction.atomic
def _batch(run_id: int) -> bool:
    """The next enterprises of a run; False when none waits any more."""
    run = BulkRun.objects.select_for_update(no_key=True).filter(pk=run_id, finished_at=None).first()
    if run is None:
        return False
    items = list(
        BulkItem.objects.filter(run=run, outcome=BulkOutcome.WAITING)
        .select_related("enterprise")
        .order_by("pk")[:BATCH_ROWS]
    )
    actor = _actor(run)
    reach = set()
    if actor is not None:
        wanted = [item.enterprise_id for item in items]
        reach = set(visible(actor, Enterprise).filter(pk__in=wanted).values_list("pk", flat=True))
    parameters = json.loads(run.parameters)
    for item in items:
        if actor is None or item.enterprise_id not in reach:
            item.outcome, item.message = BulkOutcome.REFUSED, "经办人已不能办理这家企业"
        else:
            _one(actor, run.action, parameters, item)
    BulkItem.objects.bulk_update(items, ["outcome", "message"])
    run.done += len(items)
    run.refused += sum(1 for item in items if item.outcome == BulkOutcome.REFUSED)
    if len(items) < BATCH_ROWS:
        run.finished_at = timezone.now()
    run.save()
    return run.finished_at is None


def _actor(run: BulkRun) -> Actor | None:
    """The person who started the run, as far as the role still holds."""
    rows = Membership.objects.select_related("user", "region")
    member = rows.filter(pk=run.membership_id, is_active=True, user__is_active=True).first()
    actor = actor_of(member) if member is not None else None
    return actor if actor is not None and actor.role in OFFICERS else None


def _one(actor: Actor, action: str, parameters: Mapping[str, Any], item: BulkItem) -> None:
    """One enterprise in its own savepoint: what it refuses leaves the others alone."""
    try:
        with transaction.atomic():
            item.message = _act(actor, action, parameters, item.enterprise)
        item.outcome = BulkOutcome.DONE
    except (ValidationError, PermissionDenied, IntegrityError) as error:
        said = error.messages[0] if isinstance(error, ValidationError) else "没有办成"
        item.outcome, item.message = BulkOutcome.REFUSED, said[:MESSAGE_CHARS_MAX]


def _act(actor: Actor, action: str, parameters: Mapping[str, Any], enterprise: Enterprise) -> str:
    if action == BulkAction.SURVEY:
        will, ready = parameters["willingness"], parameters["readiness"]
        set_survey(
            actor,
            enterprise,
            enterprise.willingness if will is None else will,
            enterprise.readiness if ready is None else ready,
            parameters["note"] or enterprise.survey_note,
        )
        return "已登记摸底情况"
    day, reason = date.fromisoformat(parameters["on"]), parameters["reason"]
    if action == BulkAction.ENTER:
        enter_pilot(actor, enterprise, parameters["pack"], day, reason, parameters["batch"])
        return f"自{day}进入试点名单"
    leave_pilot(actor, enterprise, day, reason)
    return f"自{day}退出试点名单"
