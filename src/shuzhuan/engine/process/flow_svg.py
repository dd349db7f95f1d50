"""Draw a flowchart as SVG: lanes by actor, one column per step, one band per phase.

A column holds one step of the line and at most one detour in another lane, so lines to what
stands below or above run through empty cells, and lines between steps run in the gutters. Only
black, white and grey: it is printed as often as it is read on a screen. The same flow gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from .flow import LANES, Detour, Exit, Flow, Node
from .states import Lane

MARGIN = 20
PHASE = 34
LANE = 104
GUTTER = 36
BOX, BOX_HIGH = 192, 88
ROW = 102
PILL = 44
STRIP = PILL + 18
GAP = 32
HEAD = 66
END, END_HIGH = 84, 40
NOTE = 23
PAD = 12
INK, MUTED, RULE, WASH = "#111111", "#444444", "#b5b5b5", "#f3f3f3"
# Shares of the size of the letters that a sign is wide.
_WIDE, _NARROW = 1.0, 0.58
_CHINESE_FROM = 0x2E80
_DASH = ' stroke-dasharray="5 4"'
Point = tuple[int, int]


def width_of(text: str, size: float) -> float:
    """About how wide a text is set, in px; Chinese signs are square."""
    return (
        sum(_WIDE if ord(sign) >= _CHINESE_FROM or sign in "※—…·" else _NARROW for sign in text)
        * size
    )


def fitted(text: str, size: float, room: float) -> str:
    """The text, cut with an ellipsis where it would be wider than the room."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip("、（，") + "…"


@dataclass
class _Band:
    """One phase on the paper. ``top``: y of its first lane."""

    name: str
    nodes: tuple[Node, ...]
    detours: tuple[Detour, ...]
    exits: tuple[Exit, ...]
    top: int
    lanes: tuple[Lane, ...]

    @property
    def stacks(self) -> int:
        """How many exits stand below one column at most."""
        counts = [sum(e.source == n.number for e in self.exits) for n in self.nodes]
        return max(counts, default=0)

    @property
    def strip(self) -> int:
        """y of the exits below the lanes."""
        return self.top + ROW * len(self.lanes)

    @property
    def bottom(self) -> int:
        return self.strip + (STRIP + (self.stacks - 1) * (PILL + 4) if self.stacks else 0)

    def column(self, number: int) -> int:
        return number - self.nodes[0].number

    def x(self, number: int) -> int:
        return left_of(self.column(number))

    def y(self, lane: Lane) -> int:
        """Middle of a lane."""
        return self.top + ROW * self.lanes.index(lane) + ROW // 2


def left_of(column: int) -> int:
    """Left edge of the boxes of a column."""
    return MARGIN + PHASE + LANE + GUTTER + column * (BOX + GUTTER)


@dataclass
class _Paper:
    """What has been drawn: grounds first, lines next, boxes last."""

    ground: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)

    def way(self, points: Sequence[Point], *, dashed: bool = False) -> None:
        """A line with an arrow at its end."""
        path = "M" + " L".join(f"{x} {y}" for x, y in points)
        self.lines.append(
            f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="{1.5 if dashed else 2}"'
            f"{_DASH if dashed else ''}"
            f' marker-end="url(#{"tip-open" if dashed else "tip"})"/>'
        )


def text(
    x: float, y: float, words: str, size: float = 13, *, bold: bool = False,
    anchor: str = "start", colour: str = INK,
) -> str:  # fmt: skip
    """One line of text, escaped."""
    more = ' font-weight="bold"' if bold else ""
    more += f' text-anchor="{anchor}"' if anchor != "start" else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}"{more}>'
        f"{escape(words)}</text>"
    )


def rect(x: int, y: int, wide: int, high: int, more: str = "") -> str:
    """A rectangle."""
    return f'<rect x="{x}" y="{y}" width="{wide}" height="{high}"{more}/>'


def to_svg(flow: Flow) -> str:
    """The drawing as one SVG document. Equal flows give equal bytes."""
    bands = _bands(flow)
    columns = max(len(band.nodes) for band in bands)
    wide = left_of(columns) + END + MARGIN
    high = bands[-1].bottom + GAP + NOTE * ((len(flow.notes) + 1) // 2) + MARGIN
    paper = _Paper()
    for at, band in enumerate(bands):
        _ground(paper, band, wide - MARGIN)
        for node in band.nodes:
            paper.boxes.append(_node(band, node))
        for one, two in zip(band.nodes, band.nodes[1:], strict=False):
            paper.way(_step(band, one, two))
        for detour in band.detours:
            _detour(paper, flow, band, detour)
        _exits(paper, flow, band)
        if at + 1 < len(bands):
            paper.way(_over(band, bands[at + 1]))
    _close(paper, flow, bands[-1])
    head = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" role="img" aria-label={quoteattr(flow.title)} '
        'font-family="sans-serif">',
        f"<title>{escape(flow.title)}</title>",
        _TIPS,
        rect(0, 0, wide, high, ' fill="#ffffff"'),
        text(MARGIN, 38, fitted(flow.title, 24, wide - 460), 24, bold=True),
        *_key(wide),
    ]
    notes = _notes(flow, bands[-1].bottom + GAP)
    parts = [*head, *paper.ground, *paper.lines, *paper.boxes, *notes, "</svg>"]
    return "\n".join(parts) + "\n"


_TIPS = (
    '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" '
    'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
    f'<path d="M0 0 L10 5 L0 10 Z" fill="{INK}"/></marker>'
    '<marker id="tip-open" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" '
    'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
    f'<path d="M1 1 L9 5 L1 9" fill="none" stroke="{INK}" stroke-width="1.5"/></marker></defs>'
)


def _bands(flow: Flow) -> list[_Band]:
    found: list[_Band] = []
    top = HEAD
    for name, nodes in flow.phases:
        numbers = {node.number for node in nodes}
        detours = tuple(d for d in flow.detours if d.source in numbers)
        exits = tuple(e for e in flow.exits if e.source in numbers)
        used = {node.lane for node in nodes} | {detour.state.lane for detour in detours}
        band = _Band(name, nodes, detours, exits, top, tuple(x for x in LANES if x in used))
        found.append(band)
        top = band.bottom + GAP
    return found


def _ground(paper: _Paper, band: _Band, right: int) -> None:
    """The name of the phase and the lanes behind everything."""
    lanes = MARGIN + PHASE
    high = ROW * len(band.lanes)
    paper.ground.append(rect(MARGIN, band.top, PHASE, high, f' fill="{INK}"'))
    first = band.top + high // 2 - (len(band.name) - 1) * 10 + 6
    for at, sign in enumerate(band.name):
        y = first + 20 * at
        paper.ground.append(
            text(MARGIN + PHASE / 2, y, sign, 17, bold=True, anchor="middle", colour="#ffffff")
        )
    for at, lane in enumerate(band.lanes):
        y = band.top + ROW * at
        fill = WASH if at % 2 == 0 else "#ffffff"
        edge = f' fill="{fill}" stroke="{RULE}"'
        paper.ground.append(rect(lanes, y, right - lanes, ROW, edge))
        paper.ground.append(
            text(lanes + LANE / 2, y + ROW / 2 + 5, lane.label, 14, bold=True, anchor="middle")
        )
    paper.ground.append(
        f'<path d="M{lanes + LANE} {band.top} V{band.top + high}" stroke="{RULE}" fill="none"/>'
    )


def _node(band: _Band, node: Node) -> str:
    """A step: number and name, what is done, how long, papers, clause."""
    x, y = band.x(node.number), band.y(node.lane) - BOX_HIGH // 2
    room = BOX - 2 * PAD
    full = "，".join(part for part in (node.title, node.does, node.span.text, node.cite) if part)
    parts = [
        f'<g data-action="{node.action}"><title>{escape(full)}</title>',
        rect(x, y, BOX, BOX_HIGH, f' rx="4" fill="#ffffff" stroke="{INK}" stroke-width="2"'),
        f'<circle cx="{x + 21}" cy="{y + 20}" r="11.5" fill="{INK}"/>',
        text(x + 21, y + 24.5, str(node.number), 12.5, bold=True, anchor="middle",
             colour="#ffffff"),
        text(x + 39, y + 26, fitted(node.title, 16.5, BOX - 39 - PAD), 16.5, bold=True),
    ]  # fmt: skip
    papers = f"材料{len(node.papers)}项" if node.papers else ""
    lines: list[tuple[str, str, str]] = []
    if node.does:
        lines.append((node.does, "", INK))
    if node.span.shown:
        lines.append((node.span.shown, papers, INK))
    elif papers:
        lines.append((papers, "", INK))
    lines.append((node.cite, "", MUTED))
    for at, (left, right, colour) in enumerate(lines):
        line = y + 45 + 17 * at
        free = room - (width_of(right, 13) + 8 if right else 0)
        parts.append(text(x + PAD, line, fitted(left, 13, free), 13, colour=colour))
        if right:
            parts.append(text(x + BOX - PAD, line, right, 13, anchor="end"))
    return "".join([*parts, "</g>"])


def _step(band: _Band, one: Node, two: Node) -> list[Point]:
    """From a step to the next: straight, or with a bend in the gutter."""
    x, to = band.x(one.number) + BOX, band.x(two.number)
    y, end = band.y(one.lane), band.y(two.lane)
    if y == end:
        return [(x, y), (to, end)]
    bend = x + GUTTER // 2
    return [(x, y), (bend, y), (bend, end), (to, end)]


def _over(band: _Band, below: _Band) -> list[Point]:
    """From the last step of a phase round to the first one of the next."""
    last, first = band.nodes[-1], below.nodes[0]
    x, y = band.x(last.number) + BOX, band.y(last.lane)
    out, back = x + GUTTER // 2, left_of(0) - GUTTER // 2
    turn, end = band.bottom + GAP // 2, below.y(first.lane)
    return [(x, y), (out, y), (out, turn), (back, turn), (back, end), (left_of(0), end)]


def _detour(paper: _Paper, flow: Flow, band: _Band, detour: Detour) -> None:
    """A box in another lane of its step's column, with the way there and the way on."""
    x, middle = band.x(detour.source), band.y(detour.state.lane)
    node = flow.node(detour.source)
    y, above = middle - BOX_HIGH // 2, middle < band.y(node.lane)
    near = y + BOX_HIGH if above else y  # the edge that looks at the step
    far = band.y(node.lane) - BOX_HIGH // 2 if above else band.y(node.lane) + BOX_HIGH // 2
    centre, off = x + BOX // 2, 16
    same = detour.back == detour.source
    paper.way([(centre - (off if same else 0), far), (centre - (off if same else 0), near)],
              dashed=True)  # fmt: skip
    said = detour.does
    if same:
        paper.way([(centre + off, near), (centre + off, far)], dashed=True)
    elif detour.back is not None:
        target = flow.node(detour.back)
        said = f"{detour.does}，回到第{detour.back}步"
        if target in band.nodes:
            tx = band.x(target.number) + BOX // 2
            side = x if tx < x else x + BOX
            under = band.y(target.lane) > middle
            ty = band.y(target.lane) + (-BOX_HIGH // 2 if under else BOX_HIGH // 2)
            paper.way([(side, middle), (tx, middle), (tx, ty)], dashed=True)
    elif detour.end and band.column(detour.source) == len(band.nodes) - 1:
        paper.way([(x + BOX, middle), (x + BOX + GUTTER, middle)], dashed=True)
        paper.boxes.append(_end(x + BOX + GUTTER, middle, detour.end, detour.leave))
    note = "，".join(part for part in (detour.span.shown, detour.note) if part)
    parts = [
        f'<g data-action="{detour.action}">',
        rect(x, y, BOX, BOX_HIGH, f' rx="4" fill="#ffffff" stroke="{INK}" stroke-width="1.5"'
             f"{_DASH}"),
        text(x + PAD, y + 25, fitted(detour.title, 16.5, BOX - 2 * PAD), 16.5, bold=True),
    ]  # fmt: skip
    for at, (words, colour) in enumerate(((said, INK), (note, INK), (_cited(detour), MUTED))):
        parts.append(
            text(x + PAD, y + 45 + 17 * at, fitted(words, 13, BOX - 2 * PAD), colour=colour)
        )
    paper.boxes.append("".join([*parts, "</g>"]))


def _cited(detour: Detour) -> str:
    return "" if detour.span.ours else detour.span.cite


def _end(x: int, middle: int, label: str, action: str = "") -> str:
    """An end: a pill."""
    y = middle - END_HIGH // 2
    mark = f' data-action="{action}"' if action else ""
    edge = f' rx="{END_HIGH // 2}" fill="#ffffff" stroke="{INK}" stroke-width="2"'
    words = text(x + END / 2, middle + 5, fitted(label, 14, END - 12), 14, bold=True,
                 anchor="middle")  # fmt: skip
    return f"<g{mark}>{rect(x, y, END, END_HIGH, edge)}{words}</g>"


def _close(paper: _Paper, flow: Flow, band: _Band) -> None:
    last = band.nodes[-1]
    x, y = band.x(last.number) + BOX, band.y(last.lane)
    paper.way([(x, y), (x + GUTTER, y)])
    paper.boxes.append(_end(x + GUTTER, y, flow.end))


def _exits(paper: _Paper, flow: Flow, band: _Band) -> None:
    """Below the lanes, in the column of their step."""
    for node in band.nodes:
        mine = [e for e in band.exits if e.source == node.number]
        x, y = band.x(node.number), band.strip + 12
        if mine:
            centre = x + BOX // 2
            paper.way([(centre, band.y(node.lane) + BOX_HIGH // 2), (centre, y)], dashed=True)
        for one in mine:
            goal = one.end if one.back is None else f"回到第{one.back}步“{_name(flow, one.back)}”"
            edge = f' rx="{PILL // 2}" fill="#ffffff" stroke="{INK}" stroke-width="1.5"{_DASH}'
            room = BOX - PILL // 2
            paper.boxes.append(
                f'<g data-action="{one.action}">{rect(x, y, BOX, PILL, edge)}'
                + text(x + BOX / 2, y + 18, fitted(one.label, 13, room), anchor="middle")
                + text(x + BOX / 2, y + 35, fitted(f"→ {goal}", 13, room), anchor="middle",
                       colour=MUTED)
                + "</g>"
            )  # fmt: skip
            y += PILL + 4


def _name(flow: Flow, number: int) -> str:
    return flow.node(number).title


def _key(wide: int) -> list[str]:
    """What the two kinds of lines mean, at the top right."""
    x, y = wide - MARGIN - 330, 32
    return [
        f'<path d="M{x} {y} H{x + 40}" stroke="{INK}" stroke-width="2" fill="none" '
        'marker-end="url(#tip)"/>',
        text(x + 50, y + 5, "正常办理", 14),
        f'<path d="M{x + 136} {y} H{x + 176}" stroke="{INK}" stroke-width="1.5" fill="none"{_DASH}'
        ' marker-end="url(#tip-open)"/>',
        text(x + 186, y + 5, "退回、整改和其他出口", 14),
    ]


def _notes(flow: Flow, top: int) -> list[str]:
    """Below the drawing, in two columns."""
    right, half = left_of(4) - GUTTER // 2, (len(flow.notes) + 1) // 2
    found = [f'<path d="M{MARGIN} {top} H{left_of(6) + END}" stroke="{INK}" stroke-width="1"/>']
    for at, words in enumerate(flow.notes):
        column, line = divmod(at, half)
        found.append(text(right if column else MARGIN, top + NOTE * (line + 1), words, 14))
    return found
