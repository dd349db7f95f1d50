"""What an enterprise should know of a batch before it files, in plain words with their sources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.pilots.models import Batch, BatchState
from shuzhuan.apps.policies.queries import documents
from shuzhuan.engine.policy.pack import Library, Pack
from shuzhuan.engine.process import MAIN_LINE, Parameters, State, Step

# An invented case: level one before, level two after, 70万元 spent.
EXAMPLE = {"project.level_before": 1, "project.level_after": 2, "project.invested": "700000"}
EXAMPLE_WORDS = "改造前一级，改造后二级，实际投入70万元"
# What only the project's own course can show; nobody needs it to file.
_LATER = ("enterprise.is_pilot", "project.accepted", "project.tasks_completed")
_MONTHS = re.compile(r"注册日期之后(\d+)个月不超过测算日期")
_UNITS = {"workday": "个工作日", "day": "日", "month": "个月", "year": "年"}
_BOUNDS = {"at_least": "不少于", "exactly": ""}
_WRITTEN_BY_PLATFORM = frozenset({"application_form", "ledger", "invoices"})


@dataclass(frozen=True)
class Condition:
    """``later``: looked at when the work is accepted, not when it is filed."""

    text: str
    cite: str
    later: bool


@dataclass(frozen=True)
class Group:
    title: str
    cite: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class GuideStep:
    """One step: who acts, how long it takes, by which clause."""

    name: str
    who: str
    time: str
    cite: str
    yours: bool


@dataclass(frozen=True)
class Example:
    words: str
    steps: tuple[str, ...]
    amount: str


@dataclass(frozen=True)
class Guide:
    """Everything on the public page of a batch."""

    batch: Batch
    clause: str
    cite: str
    summary: str
    certainty_note: str
    groups: tuple[Group, ...]
    steps: tuple[GuideStep, ...]
    papers: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]
    example: Example | None
    open_now: bool
    words: str


def public() -> QuerySet[Batch]:
    """Batches that have been opened, in every place: they are for everybody."""
    rows = Batch.objects.exclude(state=BatchState.PREPARED)
    return rows.select_related("pilot", "place").order_by("-opens_on", "-pk")


def receiving(today: date) -> QuerySet[Batch]:
    """Those that can be filed in today."""
    rows = public().filter(state=BatchState.OPEN, opens_on__lte=today, closes_on__gte=today)
    return rows.defer("process", "guide")


def window(batch: Batch, today: date) -> tuple[bool, str]:
    """Whether filings are received today, and the same in words."""
    if batch.state != BatchState.OPEN:
        return False, "已停止申报"
    if today < batch.opens_on:
        return False, f"{batch.opens_on:%Y-%m-%d} 开始受理"
    if today > batch.closes_on:
        return False, "申报已截止"
    left = (batch.closes_on - today).days
    return True, f"正在受理，还剩 {left} 天" if left else "正在受理，今天截止"


def guide_or_404(pk: int) -> Guide:
    """The guide of an opened batch. Raises Http404."""
    batch = public().filter(pk=pk).first()
    if batch is None:
        raise Http404
    today = timezone.localdate()
    open_now, words = window(batch, today)
    pack, parameters = Library.load().get(batch.parameters.pack), batch.parameters
    model = next(c for c in pack.source.clauses if c.id == batch.clause)
    rule = documents.rule(pack, model)
    return Guide(
        batch=batch,
        clause=model.title,
        cite=model.cite,
        summary=model.summary or "",
        certainty_note=rule.certainty_note if rule is not None else "",
        groups=tuple(_groups(rule)) if rule is not None else (),
        steps=tuple(_steps(batch, parameters)),
        papers=_papers(parameters),
        example=_example(pack, batch, today),
        open_now=open_now,
        words=words,
    )


def _groups(rule: documents.Rule) -> Iterable[Group]:
    for group in rule.groups:
        yield Group(group.title, group.cite, tuple(_condition(c) for c in group.conditions))
    if rule.conditions:
        yield Group("兑付时还要满足", "", tuple(_condition(c) for c in rule.conditions))


def _condition(condition: documents.Condition) -> Condition:
    text = "，".join(condition.parts)
    found = _MONTHS.fullmatch(text)
    if found is not None:
        text = f"登记注册满{found[1]}个月"
    return Condition(text, condition.cite, any(key in condition.written for key in _LATER))


def _steps(batch: Batch, parameters: Parameters) -> Iterable[GuideStep]:
    for step in parameters.steps:
        states = [state for state in MAIN_LINE if state.step == step.id]
        lane = states[0].lane
        yield GuideStep(
            step.name, lane.label, _time(batch, parameters, step, states), step.cite,
            lane.value == "enterprise",
        )  # fmt: skip


def _time(batch: Batch, parameters: Parameters, step: Step, states: list[State]) -> str:
    if step.id == "filing":
        return f"{batch.opens_on:%Y-%m-%d} 至 {batch.closes_on:%Y-%m-%d}"
    if step.id == "implementation":
        ends = parameters.cycle_ends(batch.pilot.starts_on)
        return f"试点周期{parameters.cycle_months}个月，到 {ends:%Y-%m-%d}"
    period = parameters.publicity.get(step.id.removesuffix("_publicity"))
    if step.id.endswith("_publicity") and period is not None:
        return f"公示{_BOUNDS.get(period.bound, '')}{period.days}{_UNITS[period.unit]}"
    count = sum(parameters.office_days.get(str(state), 0) for state in states)
    return f"{count}个工作日内（本批次设定）" if count else ""


def _papers(parameters: Parameters) -> tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]:
    """Step → (paper, whether the platform makes it from what is filled in)."""
    found = []
    for key, words in (
        ("filing", "申报时"),
        ("contract", "签约时"),
        ("acceptance_request", "申请验收时"),
    ):
        step = parameters.step(key)
        if step is not None and step.papers:
            names = tuple(
                (parameters.papers.get(p, p), p in _WRITTEN_BY_PLATFORM) for p in step.papers
            )
            found.append((words, names))
    return tuple(found)


def _example(pack: Pack, batch: Batch, today: date) -> Example | None:
    """What the clause gives in one case; None where it asks other things."""
    known = {key: value for key, value in EXAMPLE.items() if key in pack.facts}
    if "project.invested" not in known:
        return None
    result = pack.bind(as_of=today).decide(known).result(batch.clause)
    if not result.amount_fen or not result.steps:
        return None
    return Example(EXAMPLE_WORDS, tuple(result.steps), result.amount_cn)
