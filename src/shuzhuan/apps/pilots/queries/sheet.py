"""What an office sees of a batch: everything that is frozen when it opens, with its sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shuzhuan.apps.pilots.models import Batch
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.process import (
    MAIN_LINE,
    OFFICE_DAYS,
    Parameters,
    State,
    Step,
    parameters_of,
)

OWN = "本批次设定"
_SHOWN = {"selection": "遴选公示", "payment": "兑付公示"}
_UNITS = {"workday": "个工作日", "day": "日", "month": "个月", "year": "年"}


@dataclass(frozen=True)
class Span:
    """How long one state may last, and who says so. ``usual``: the platform's own number."""

    name: str
    text: str
    cite: str
    usual: bool = False


@dataclass(frozen=True)
class StepRow:
    """One step of the place."""

    name: str
    who: str
    cite: str
    spans: tuple[Span, ...]
    papers: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """One publicity: days and exactly the columns that the public reads."""

    name: str
    text: str
    fields: tuple[str, ...]
    cite: str


@dataclass(frozen=True)
class Frozen:
    """Everything that a batch freezes, for people."""

    parameters: Parameters
    pack_version: str
    digest: str
    clause: str
    clause_cite: str
    steps: tuple[StepRow, ...]
    shown: tuple[Shown, ...]
    beside: tuple[Span, ...]


def frozen(batch: Batch) -> Frozen:
    """Of an opened batch what it froze; of a prepared one what it would freeze today."""
    pack = Library.load().get(batch.pilot.pack)
    if batch.process:
        parameters, version, digest = batch.parameters, batch.pack_version, batch.pack_digest
    else:
        days = {State(name): count for name, count in batch.office_days.items()}
        parameters = parameters_of(pack, days, batch.hearing_days)
        version, digest = pack.version, pack.digest
    clause = next(c for c in pack.source.clauses if c.id == batch.clause)
    return Frozen(
        parameters=parameters,
        pack_version=version,
        digest=digest,
        clause=clause.title,
        clause_cite=clause.cite,
        steps=tuple(_step(parameters, step) for step in parameters.steps),
        shown=tuple(
            Shown(name, f"{period.days}{_UNITS[period.unit]}", period.fields, period.cite)
            for key, name in _SHOWN.items()
            if (period := parameters.publicity.get(key)) is not None
        ),
        beside=tuple(_beside(parameters)),
    )


def _step(parameters: Parameters, step: Step) -> StepRow:
    states = [state for state in MAIN_LINE if state.step == step.id]
    who = states[0].lane.label if states else ""
    papers = tuple(parameters.papers.get(paper, paper) for paper in step.papers)
    spans = tuple(span for state in states if (span := _span(parameters, state)) is not None)
    return StepRow(step.name, who, step.cite, spans, papers)


def _span(parameters: Parameters, state: State) -> Span | None:
    """The working days of one state; None where nothing limits it."""
    count = parameters.office_days.get(str(state))
    if count is None or state in (State.SELECTION_PUBLICITY, State.PAYMENT_PUBLICITY):
        return None
    return Span(state.label, f"{count}个工作日", OWN, count == OFFICE_DAYS.get(state))


def _beside(parameters: Parameters) -> Iterator[Span]:
    """What limits a project beside the line."""
    for state in (State.RETURNED, State.CLAW_BACK):
        span = _span(parameters, state)
        if span is not None:
            yield span
    yield Span("限期整改", f"{parameters.rectify_days}日", parameters.rectify_cite)
    yield Span("整改后复评", f"{parameters.rechecks_max}次", parameters.rectify_cite)
    yield Span("异议核查", f"{parameters.hearing_days}个工作日", OWN)
    yield Span("试点周期", f"{parameters.cycle_months}个月", parameters.cycle_cite)
