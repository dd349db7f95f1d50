"""The flowchart of a place: what stands in it, read from the table and the parameters.

A node is one state of the main line with the transition that leaves it; a detour is a state
beside the line that leads back (补正, 整改) or out (追回); an exit is a transition back or to an
end. Nothing is drawn that the place leaves out. ``flow_svg`` draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .parameters import OWN, UNITS, Parameters
from .states import MAIN_LINE, TERMINAL, Lane, State
from .table import BY_ACTION, TABLE, Transition, leaving

LANES = (Lane.ENTERPRISE, Lane.COUNTY, Lane.CITY, Lane.AGENCY, Lane.FINANCE)
OURS = "※"
"""Behind every number of days that the batch sets, because the document names none."""
_ANYTIME_FROM = 4  # a transition out of so many steps is said once for all of them
_TITLE_SIGNS = 6  # a longer label is a sentence; the state has a name
_PHASES: tuple[tuple[str, State], ...] = (
    ("申报与遴选", State.DRAFT),
    ("改造与验收", State.LISTED),
    ("公示与兑付", State.APPROVED),
)


@dataclass(frozen=True)
class Span:
    """How long a stay may last. ``ours``: set by the batch and not by the document."""

    text: str = ""
    ours: bool = False
    cite: str = ""

    @property
    def shown(self) -> str:
        """With the mark where the batch has set it."""
        return f"{self.text}{OURS}" if self.ours else self.text


@dataclass(frozen=True)
class Node:
    """One step of the main line. ``action`` leaves it; ``by``: who does that."""

    number: int
    state: State
    action: str
    title: str
    does: str
    by: Lane
    span: Span
    papers: tuple[str, ...]
    cite: str

    @property
    def lane(self) -> Lane:
        return self.state.lane


@dataclass(frozen=True)
class Detour:
    """A state beside the line. ``back``: number of the step that it leads to, or an end.

    ``undo``: what leads back to wherever the project came from, if anything does.
    """

    state: State
    action: str
    title: str
    source: int
    leave: str
    does: str
    span: Span
    back: int | None
    end: str = ""
    note: str = ""
    undo: str = ""


@dataclass(frozen=True)
class Exit:
    """A transition from a step back to another one (``back``), or to an end."""

    action: str
    label: str
    source: int
    back: int | None
    end: str = ""


@dataclass(frozen=True)
class Anytime:
    """A transition that is possible in many steps."""

    action: str
    label: str
    by: Lane
    numbers: tuple[int, ...]
    end: str


@dataclass(frozen=True)
class Flow:
    """Everything that is drawn, in order. ``end``: how the main line ends."""

    title: str
    source: str
    phases: tuple[tuple[str, tuple[Node, ...]], ...]
    detours: tuple[Detour, ...]
    exits: tuple[Exit, ...]
    anytime: tuple[Anytime, ...]
    notes: tuple[str, ...]
    end: str

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(node for _, nodes in self.phases for node in nodes)

    def node(self, number: int) -> Node:
        """One step by its number."""
        return self.nodes[number - 1]


def flow(parameters: Parameters, title: str = "", source: str = "") -> Flow:
    """The flowchart of a place or of a batch. ``source``: name of the document, for the notes."""
    nodes = _nodes(parameters)
    numbers = {node.state: node.number for node in nodes}
    sides = [row for row in TABLE if not row.main and row.target is not None]
    anytime, detours, exits = [], [], []
    for row in sides:
        known = tuple(sorted(numbers[state] for state in row.sources if state in numbers))
        if not known or row.target is None:
            continue
        if len(row.sources) >= _ANYTIME_FROM:
            anytime.append(Anytime(row.action, row.label, row.by, known, row.target.label))
        elif row.target in MAIN_LINE:
            back = numbers.get(parameters.next(row.target))
            exits.append(Exit(row.action, row.label, known[-1], back))
        elif row.target in TERMINAL:
            exits.append(Exit(row.action, row.label, known[-1], None, row.target.label))
        else:
            detours.append(_detour(parameters, row, known[-1], numbers))
    return Flow(
        title=title or f"{parameters.place}项目办理流程",
        source=source,
        phases=_phases(nodes),
        detours=tuple(detours),
        exits=tuple(exits),
        anytime=tuple(anytime),
        notes=_notes(parameters, nodes, detours, anytime, source),
        end=State.CLOSED.label,
    )


def _nodes(parameters: Parameters) -> list[Node]:
    mains = {state: row for row in TABLE if row.main for state in row.sources}
    found: list[Node] = []
    for state in MAIN_LINE:
        row = mains.get(state)
        if row is None or not parameters.has(state):
            continue
        step = parameters.step(state.step)
        assert step is not None  # has() said so
        title = step.name
        does = row.label if row.by == state.lane else f"{row.label}（{row.by.label}）"
        names = tuple(parameters.papers.get(paper, paper) for paper in step.papers)
        found.append(
            Node(
                number=len(found) + 1, state=state, action=row.action, title=title,
                does="" if does == title else does, by=row.by, span=span_of(parameters, state),
                papers=names, cite=step.cite,
            )
        )  # fmt: skip
    return found


def _phases(nodes: list[Node]) -> tuple[tuple[str, tuple[Node, ...]], ...]:
    """Cut where the order of the main line passes the first state of a phase."""
    starts = [(name, MAIN_LINE.index(state)) for name, state in _PHASES]
    found = []
    for at, (name, first) in enumerate(starts):
        last = starts[at + 1][1] if at + 1 < len(starts) else len(MAIN_LINE)
        inside = tuple(n for n in nodes if first <= MAIN_LINE.index(n.state) < last)
        if inside:
            found.append((name, inside))
    return tuple(found)


def span_of(parameters: Parameters, state: State) -> Span:
    """The days of a stay, and whether the document sets them."""
    if state == State.RECTIFICATION:
        ours = parameters.rectify_cite == OWN
        return Span(f"{parameters.rectify_days}日内", ours, parameters.rectify_cite)
    if state == State.IMPLEMENTING:
        ours = parameters.cycle_cite == OWN
        return Span(f"试点期{parameters.cycle_months}个月内", ours, parameters.cycle_cite)
    period = parameters.publicity.get(
        {State.SELECTION_PUBLICITY: "selection", State.PAYMENT_PUBLICITY: "payment"}.get(state, "")
    )
    if period is not None:
        least = "不少于" if period.bound == "at_least" else ""
        return Span(f"{least}{period.days}{UNITS[period.unit]}", False, period.cite)
    count = parameters.office_days.get(state)
    return Span() if count is None else Span(f"{count}个工作日", True, OWN)


def _detour(
    parameters: Parameters, row: Transition, source: int, numbers: Mapping[State, int]
) -> Detour:
    state = row.target
    assert state is not None
    # Where it goes on when whoever is there does what is asked.
    ways = [way for way in leaving(state) if way.target is not None and way.by == state.lane]
    way = next((way for way in ways if way.target != State.WITHDRAWN), None)
    target = way.target if way is not None else None
    back = numbers.get(parameters.next(target)) if target in MAIN_LINE and target else None
    undo = next((way.action for way in leaving(state) if way.back), "")
    note = ""
    if state == State.RECTIFICATION:
        note = "复评一次" if parameters.rechecks_max == 1 else f"复评{parameters.rechecks_max}次"
    return Detour(
        state=state, action=row.action, source=source,
        title=row.label if len(row.label) <= _TITLE_SIGNS else state.label,
        leave=way.action if way is not None else "", does=way.label if way is not None else "",
        span=span_of(parameters, state), back=back,
        end=target.label if target is not None and back is None else "", note=note, undo=undo,
    )  # fmt: skip


def runs(numbers: Iterable[int]) -> str:
    """Numbers of steps as people write them: 2–4、6."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return "、".join(str(r[0]) if len(r) == 1 else f"{r[0]}–{r[-1]}" for r in found)


def _notes(
    parameters: Parameters,
    nodes: list[Node],
    detours: list[Detour],
    anytime: list[Anytime],
    source: str,
) -> tuple[str, ...]:
    said = f"《{source.strip('《》')}》" if source else "文件"
    spans = [node.span for node in nodes] + [detour.span for detour in detours]
    found = []
    if any(span.ours for span in spans):
        found.append(f"带{OURS}的天数由本批次设定，文件没有规定；其余天数和条款出自{said}。")
    else:
        found.append(f"天数和条款出自{said}。")
    if any(node.state in (State.SELECTION_PUBLICITY, State.PAYMENT_PUBLICITY) for node in nodes):
        found.append(
            f"公示期内可以提出异议，{parameters.hearing_days}个工作日{OURS}内核查；"
            "没有未结的异议才进入下一步。"
        )
    if any(detour.state == State.RECTIFICATION for detour in detours):
        found.append(
            f"验收未通过的限期整改，复评{parameters.rechecks_max}次；整改期间暂停拨付，"
            "复评仍未通过的取消资格。"
        )
    found += [
        f"{detour.state.label}有误的可以{BY_ACTION[detour.undo].label}"
        f"（{BY_ACTION[detour.undo].by.label}，两人办理），项目回到原来的状态；已经退回款项的不再撤销，只更正金额。"
        for detour in detours
        if detour.undo
    ]
    found += [
        f"第{runs(each.numbers)}步都可以{each.label}（{each.by.label}），项目转为“{each.end}”。"
        for each in anytime
    ]
    return tuple(found)
