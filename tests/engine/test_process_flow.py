"""The flowchart: complete, well-formed, nothing on top of anything, whatever a place leaves out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.process import MAIN_LINE, TABLE, Parameters, State, parameters_of
from shuzhuan.engine.process.flow import OURS, flow, runs, span_of
from shuzhuan.engine.process.flow_svg import fitted, to_svg, width_of

SVG = "{http://www.w3.org/2000/svg}"
# Steps without which money can still be paid lawfully: a place may leave them out.
OPTIONAL = (
    "form_check", "expert_review", "selection_publicity", "listing", "contract", "city_review",
    "payment_publicity", "closing",
)  # fmt: skip
MAIN = {row.action: row for row in TABLE if row.main}


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return parameters_of(Library.load().get("pengyang"))


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own drawing


def without(parameters: Parameters, *steps: str) -> Parameters:
    return replace(parameters, steps=tuple(s for s in parameters.steps if s.id not in steps))


def places(parameters: Parameters) -> Iterator[Parameters]:
    """The whole process, each without one step, and every pair and many more left out."""
    for count in (0, 1, 2, 4, 6, len(OPTIONAL)):
        for steps in itertools.combinations(OPTIONAL, count):
            yield without(parameters, *steps)


def known(parameters: Parameters) -> list[str]:
    """Actions of the main line whose state the place has."""
    return [a for a, row in MAIN.items() if any(parameters.has(s) for s in row.sources)]


def actions(svg: str) -> list[str]:
    return re.findall(r'<g data-action="(\w+)">', svg)


def test_every_transition_of_the_main_line_stands_in_it_once(parameters: Parameters) -> None:
    svg = to_svg(flow(parameters))
    found = actions(svg)
    assert len(MAIN) == len(MAIN_LINE) - 1 == len(known(parameters)) == 18
    for action, row in MAIN.items():
        assert found.count(action) == 1, action
        assert row.label in svg
    # Beside the line, too, everything that moves a project is drawn or said.
    drawn = flow(parameters)
    said = {each.action for each in drawn.anytime} | set(found)
    said |= {each for detour in drawn.detours for each in (detour.leave, detour.undo)}
    moves = {row.action for row in TABLE if row.target is not None}
    assert moves - said == set()


def test_a_place_that_leaves_steps_out_draws_without_them(parameters: Parameters) -> None:
    count = 0
    for place in places(parameters):
        count += 1
        drawn = flow(place)
        assert [node.action for node in drawn.nodes] == known(place)
        assert [node.number for node in drawn.nodes] == list(range(1, len(drawn.nodes) + 1))
        assert sum(len(nodes) for _, nodes in drawn.phases) == len(drawn.nodes)
        titles = {node.number: node for node in drawn.nodes}
        for side in (*drawn.detours, *drawn.exits):
            assert side.source in titles
            assert side.back is None or side.back in titles
            assert side.back is not None or side.end
        found = actions(to_svg(drawn))
        assert [a for a in found if a in MAIN] == known(place)
        assert len(found) == len(set(found))
    assert count > 100


def test_without_form_check_nothing_is_returned_for_mending(parameters: Parameters) -> None:
    svg = to_svg(flow(without(parameters, "form_check")))
    assert "退回补正" not in svg
    assert "不予受理" not in svg
    assert "限期整改" in svg
    assert "市审核" not in to_svg(flow(without(parameters, "city_review")))


Box = tuple[float, float, float, float]


def boxes(root: ElementTree.Element) -> list[Box]:
    """Steps, detours, exits and ends: x, y, right, bottom."""
    found = []
    for group in root.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        x, y, wide, high = (float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
        found.append((x, y, x + wide, y + high))
    return found


def segments(root: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """Pieces of the lines with arrows (not of the key)."""
    found = []
    for path in root.iter(f"{SVG}path"):
        d = path.get("d", "")
        if path.get("marker-end") is None or "H" in d:
            continue
        points = [tuple(map(float, p.split())) for p in d[1:].split(" L")]
        found += [(*one, *two) for one, two in itertools.pairwise(points)]
    return found


def crosses(segment: tuple[float, float, float, float], box: Box) -> bool:
    """Whether an upright or level piece runs through the inside of a box."""
    x1, y1, x2, y2 = segment
    left, right = sorted((x1, x2))
    top, bottom = sorted((y1, y2))
    return left < box[2] - 1 and right > box[0] + 1 and top < box[3] - 1 and bottom > box[1] + 1


def test_nothing_lies_on_anything_and_no_line_runs_through_a_box(parameters: Parameters) -> None:
    for place in places(parameters):
        root = parsed(to_svg(flow(place)))
        wide, high = float(root.get("width", "")), float(root.get("height", ""))
        found = boxes(root)
        for box in found:
            assert 0 <= box[0] < box[2] <= wide and 0 <= box[1] < box[3] <= high
        for one, two in itertools.combinations(found, 2):
            assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1], (
                one,
                two,
            )
        lines = segments(root)
        assert len(lines) >= len(flow(place).nodes)
        for line in lines:
            assert line[0] == line[2] or line[1] == line[3], "only level and upright lines"
            assert not any(crosses(line, box) for box in found), line
    # Control: a line through the middle of a box is noticed.
    box = (10.0, 10.0, 50.0, 50.0)
    assert crosses((0, 30, 60, 30), box) and not crosses((0, 10, 60, 10), box)


def shared(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    """How much of two pieces lies on the same line, in px."""
    for along, across in ((0, 1), (1, 0)):
        if one[across] == one[across + 2] == two[across] == two[across + 2]:
            low = max(min(one[along], one[along + 2]), min(two[along], two[along + 2]))
            high = min(max(one[along], one[along + 2]), max(two[along], two[along + 2]))
            return max(0.0, high - low)
    return 0.0


def test_no_line_lies_on_another(parameters: Parameters) -> None:
    for place in places(parameters):
        lines = segments(parsed(to_svg(flow(place))))
        for one, two in itertools.combinations(lines, 2):
            assert shared(one, two) == 0, (one, two)
    assert shared((0, 5, 20, 5), (10, 5, 30, 5)) == 10  # control


def test_words_stay_inside_their_boxes(parameters: Parameters) -> None:
    root = parsed(to_svg(flow(parameters)))
    for group in root.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        left, right = float(rect.get("x", "")), float(rect.get("x", ""))
        right += float(rect.get("width", ""))
        for text in group.iter(f"{SVG}text"):
            x, size, words = float(text.get("x", "")), float(text.get("font-size", "")), text.text
            long = width_of(words or "", size)
            start = {"middle": x - long / 2, "end": x - long}.get(text.get("text-anchor", ""), x)
            assert left <= start and start + long <= right, words
    assert fitted("甲乙丙丁", 10, 40) == "甲乙丙丁"
    assert fitted("甲乙丙丁戊", 10, 40) == "甲乙丙…"


def test_it_says_which_days_the_document_names(parameters: Parameters) -> None:
    spans = {state: span_of(parameters, state) for state in State}
    assert spans[State.SELECTION_PUBLICITY].shown == "不少于5个工作日"
    assert spans[State.RECTIFICATION].shown == "30日内"
    assert spans[State.RECTIFICATION].cite == "第十三条"
    assert spans[State.IMPLEMENTING].shown == "试点期12个月内"
    assert spans[State.FORM_CHECK].shown == f"10个工作日{OURS}"
    named = {state for state, span in spans.items() if span.text and not span.ours}
    assert named == {
        State.SELECTION_PUBLICITY, State.PAYMENT_PUBLICITY, State.RECTIFICATION, State.IMPLEMENTING,
    }  # fmt: skip
    drawn = flow(parameters, source="办法")
    assert "《办法》" in drawn.notes[0] and OURS in drawn.notes[0]
    detour = next(d for d in drawn.detours if d.state == State.RECTIFICATION)
    assert (detour.source, detour.back, detour.note) == (11, 10, "复评一次")
    back = next(d for d in drawn.detours if d.state == State.CLAW_BACK)
    assert (back.source, back.end, back.title) == (18, "已追回", "追回资金")
    assert back.undo == "withdraw_claw_back"
    assert any("撤销追回" in note and "两人办理" in note for note in drawn.notes)


def test_equal_flows_give_equal_bytes_and_hostile_words_stay_words(parameters: Parameters) -> None:
    one = to_svg(flow(parameters, "甲"))
    assert one == to_svg(flow(parameters_of(Library.load().get("pengyang")), "甲"))
    assert one != to_svg(flow(parameters, "乙"))
    title = "<script>alert(1)</script> & \"'"
    svg = to_svg(flow(replace(parameters, place="]]>"), title, "<b>"))
    assert "<script" not in svg
    root = parsed(svg)
    assert root.get("aria-label") == title
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names == {"svg", "title", "defs", "marker", "path", "rect", "text", "g", "circle"}
    # Black, white and grey only: it is printed.
    colours = set(re.findall(r"#[0-9a-f]{6}\b", svg))
    assert all(c[1:3] == c[3:5] == c[5:7] for c in colours)


def test_numbers_are_written_as_people_write_them() -> None:
    assert runs([2, 3, 4, 6, 7]) == "2–4、6–7"
    assert runs([5]) == "5"
    assert runs([]) == ""
