"""Set up a pilot and its batches; open a batch (its process is frozen then) and close it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.pilots import cycle, hooks
from shuzhuan.apps.pilots.models import Batch, BatchState, Pilot
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine.policy.pack import Library, Pack
from shuzhuan.engine.policy.program import Clause
from shuzhuan.engine.process import (
    HEARING_DAYS,
    Parameters,
    ProcessError,
    State,
    from_json,
    parameters_of,
)


@transaction.atomic
def create_pilot(
    actor: Actor, place: Region, pack: str, name: str, starts_on: date, ends_on: date,
    *, synthetic: bool = False,
) -> Pilot:  # fmt: skip
    """Start a pilot of the own place. Raises ValidationError."""
    user_id = _officer_of(actor, place.pk)
    found = _pack(pack)
    pilot = Pilot(
        place=place, pack=found.id, name=name.strip(), starts_on=starts_on, ends_on=ends_on,
        synthetic=synthetic, created_by_id=user_id,
    )  # fmt: skip
    pilot.full_clean(exclude=["created_by"])
    cycle.check(_process(found), starts_on, ends_on, "ends_on", "试点截止日期")
    pilot.save()
    record("create_pilot", actor, pilot, detail={"pack": pack, "from": starts_on.isoformat()})
    return pilot


@transaction.atomic
def create_batch(  # noqa: PLR0913 - a batch has that many parts
    actor: Actor,
    pilot: Pilot,
    *,
    title: str,
    clause: str,
    opens_on: date,
    closes_on: date,
    contact: str,
    guide: str = "",
    office_days: Mapping[str, int] | None = None,
    hearing_days: int = HEARING_DAYS,
) -> Batch:
    """Prepare the next batch of a pilot. Raises ValidationError naming the field."""
    user_id = _officer_of(actor, pilot.place_id)
    pilot = Pilot.objects.select_for_update(no_key=True, of=("self",)).get(pk=pilot.pk)
    number = pilot.batches.count() + 1
    batch = Batch(
        place_id=pilot.place_id, pilot=pilot, number=number, title=title.strip(), clause=clause,
        opens_on=opens_on, closes_on=closes_on, contact=contact.strip(), guide=guide.strip(),
        office_days=dict(office_days or {}), hearing_days=hearing_days, created_by_id=user_id,
    )  # fmt: skip
    batch.full_clean(exclude=["place", "pilot", "created_by", "office_days"])
    if not pilot.starts_on <= opens_on <= closes_on <= pilot.ends_on:
        raise ValidationError(
            {"opens_on": f"受理时间要在试点期（{pilot.starts_on}至{pilot.ends_on}）内。"}
        )
    _clause(_pack(pilot.pack), clause)
    _fits(batch, _frozen(batch))
    batch.save()
    record("create_batch", actor, batch, detail={"number": number, "clause": clause})
    return batch


@transaction.atomic
def open_batch(actor: Actor, pk: int) -> Batch:
    """Freeze the process and receive filings. Opening twice is opening once."""
    batch = _locked(actor, pk)
    if batch.state == BatchState.OPEN:
        return batch
    if batch.state != BatchState.PREPARED:
        raise ValidationError("这一批已经停止申报，不能再开放；需要的话另建一批。")
    if batch.closes_on < timezone.localdate():
        raise ValidationError(f"受理截止日期{batch.closes_on}已经过去，请另建一批。")
    pack = _pack(batch.pilot.pack)
    batch.process = _frozen(batch)
    _fits(batch, batch.process)
    batch.pack_version, batch.pack_digest = pack.version, pack.digest
    batch.state, batch.opened_at, batch.opened_by_id = (
        BatchState.OPEN, timezone.now(), actor.user_id,
    )  # fmt: skip
    batch.save()
    record("open_batch", actor, batch, detail={"pack": pack.version, "digest": pack.digest[:16]})
    return batch


@transaction.atomic
def close_batch(actor: Actor, pk: int) -> Batch:
    """Receive no more filings; what was filed goes on."""
    batch = _locked(actor, pk)
    if batch.state == BatchState.CLOSED:
        return batch
    if batch.state != BatchState.OPEN:
        raise ValidationError("这一批还没有开放。")
    batch.state, batch.closed_at = BatchState.CLOSED, timezone.now()
    batch.save()
    record("close_batch", actor, batch)
    hooks.closed(batch)
    return batch


def _officer_of(actor: Actor, place_id: int) -> int:
    if actor.role not in OFFICERS or actor.user_id is None or actor.region_id != place_id:
        raise PermissionDenied
    return actor.user_id


def _locked(actor: Actor, pk: int) -> Batch:
    found = visible(actor, Batch).select_for_update(no_key=True, of=("self",)).get(pk=pk)
    _officer_of(actor, found.place_id)
    return found


def _pack(pack_id: str) -> Pack:
    try:
        return Library.load().get(pack_id)
    except KeyError:
        raise ValidationError({"pack": "没有这个政策包。"}) from None


def paying(pack: Pack) -> list[Clause]:
    """Clauses that a batch can pay by: their money goes to whoever files."""
    return [clause for clause in pack.bind(as_of=timezone.localdate()).clauses if clause.counts]


def _clause(pack: Pack, clause_id: str) -> None:
    if clause_id not in {clause.id for clause in paying(pack)}:
        raise ValidationError({"clause": "请选择政策包里补给申报单位的一条。"})


def _fits(batch: Batch, process: str) -> None:
    """A pilot of before its days were compared may be longer than the cycle. Raises
    ValidationError."""
    starts_on = batch.pilot.starts_on
    cycle.check(from_json(process), starts_on, batch.closes_on, "closes_on", "受理截止日期")


def _process(pack: Pack) -> Parameters:
    try:
        return parameters_of(pack)
    except ProcessError as error:
        raise ValidationError({"pack": str(error)}) from error


def _frozen(batch: Batch) -> str:
    """The process of the place with the days of this batch. Raises ValidationError."""
    days = {}
    for name, count in batch.office_days.items():
        if name not in {str(state) for state in State} or not isinstance(count, int):
            raise ValidationError({"office_days": f"办理天数里没有“{name}”这一项。"})
        days[State(name)] = count
    try:
        return parameters_of(_pack(batch.pilot.pack), days, batch.hearing_days).to_json()
    except ProcessError as error:
        raise ValidationError(str(error)) from error
