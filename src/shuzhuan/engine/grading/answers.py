"""Answers: what was ticked, filled in or judged, checked one item at a time.

A page saves one answer as it comes: ``parse_answer`` takes the JSON value of one item, and
``null`` (or nothing ticked) means that the item is not answered, which is a third state and
not a zero. Shares are kept as exact fractions, never as floats.

JSON forms: multi ``["B", "C"]`` · single ``"B"`` · rate ``"35.5"`` (per cent) or
``{"part": 12, "whole": 40}`` or a band ``"C"`` · points ``"56.5"`` · scenario ``2``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic_core import PydanticCustomError

from .model import FULL_MILLI, IndicatorSet, Question, Scenario, SetRef, parse_milli, show_milli

MAX_COUNT = 10**12
_PERCENT = re.compile(r"(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,6}))?%?")
_COUNT = re.compile(r"(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,2}))?")


class GradingError(Exception):
    """Base of what grading refuses."""


class AnswerError(GradingError):
    """Answers that cannot be used; ``problems`` are (item id, Chinese message)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("；".join(f"{item}：{message}" for item, message in problems))
        self.problems = problems


class DifferentSetsError(GradingError):
    """Two versions of indicators met where they must not be compared silently."""

    def __init__(self, one: SetRef, other: SetRef) -> None:
        what = "内容不同（版本号相同，但题目、分值或文字有改动）"
        if (one.id, one.version) != (other.id, other.version):
            what = "版本不同"
        super().__init__(f"指标集{what}：{one} 与 {other}，不能直接比较；需要先给出对应关系")
        self.one, self.other = one, other


@dataclass(frozen=True, slots=True)
class Picked:
    """Ticked options in the order of the set; for a rate the one band that holds."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share ``part / whole`` between 0 and 1, exact. ``counted``: given as two counts."""

    part: int
    whole: int
    counted: bool = False

    def at_most(self, percent_milli: int) -> bool:
        """Whether the share is not above a bound in thousandths of a per cent."""
        return self.part * FULL_MILLI <= percent_milli * self.whole

    @property
    def text(self) -> str:
        """``35.5%``; a share that does not end is shown with three decimals, cut off."""
        milli = self.part * FULL_MILLI // self.whole
        exact = milli * self.whole == self.part * FULL_MILLI
        return f"{show_milli(milli)}%" if exact else f"约 {show_milli(milli)}%"


@dataclass(frozen=True, slots=True)
class Scored:
    """Points given directly, in thousandths."""

    points_milli: int


@dataclass(frozen=True, slots=True)
class Reached:
    """The level at which a scenario was judged; 0 is none."""

    level: int


Answer = Picked | Rate | Scored | Reached


@dataclass(frozen=True, slots=True)
class Answers:
    """One sheet: what has been answered so far, by item id, in the order of the set."""

    ref: SetRef
    values: Mapping[str, Answer]

    def to_json(self) -> dict[str, object]:
        """The canonical JSON form; ``parse_answers`` reads it back."""
        return {item: answer_json(answer) for item, answer in self.values.items()}

    def canonical(self) -> bytes:
        """The same sheet gives the same bytes."""
        text = json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"))
        return text.encode()


def answer_json(answer: Answer) -> object:
    """The JSON value of one answer. A single choice is a list of one key, as a multiple is."""
    match answer:
        case Picked(keys):
            return list(keys)
        case Rate(part, whole, True):
            return {"part": _count_text(part), "whole": _count_text(whole)}
        case Rate(part, whole, _):
            return _percent_text(part, whole)
        case Scored(points):
            return show_milli(points)
        case Reached(level):
            return level


def parse_answers(indicators: IndicatorSet, raw: Mapping[str, object]) -> Answers:
    """A whole sheet. Raises AnswerError that names every item with what to change."""
    problems: list[tuple[str, str]] = []
    values: dict[str, Answer] = {}
    for item in raw.keys() - indicators.question.keys() - indicators.scenario.keys():
        problems.append((str(item), "这套指标没有这一项"))
    for item in (*indicators.question, *indicators.scenario):
        try:
            answer = parse_answer(indicators, item, raw.get(item))
        except AnswerError as error:
            problems += error.problems
        else:
            if answer is not None:
                values[item] = answer
    if problems:
        raise AnswerError(sorted(problems))
    return Answers(indicators.ref, values)


def parse_answer(indicators: IndicatorSet, item: str, raw: object) -> Answer | None:
    """One answer; None when it is not answered. Raises AnswerError with the one problem."""
    try:
        if item in indicators.question:
            return _question_answer(indicators.question[item], raw)
        if item in indicators.scenario:
            return _scenario_answer(indicators.scenario[item], raw)
    except ValueError as error:
        raise AnswerError([(item, str(error))]) from None
    raise AnswerError([(item, "这套指标没有这一项")])


def with_answer(indicators: IndicatorSet, sheet: Answers, item: str, raw: object) -> Answers:
    """The sheet with one answer set, changed or (``null``) taken back. Raises AnswerError."""
    same_set(indicators, sheet)
    answer = parse_answer(indicators, item, raw)
    order = (*indicators.question, *indicators.scenario)
    values = {**sheet.values, item: answer}
    kept = {one: found for one in order if (found := values.get(one)) is not None}
    return replace(sheet, values=kept)


def same_set(indicators: IndicatorSet, sheet: Answers) -> None:
    """Raises DifferentSetsError when the sheet was answered under another set."""
    if sheet.ref != indicators.ref:
        raise DifferentSetsError(indicators.ref, sheet.ref)


def _question_answer(question: Question, raw: object) -> Answer | None:
    if raw is None or raw in ("", [], ()):
        return None
    if question.kind == "points":
        return _points(question, raw)
    if question.kind == "rate":
        return _rate(question, raw)
    keys = raw if isinstance(raw, list | tuple) else [raw]
    return _picked(question, keys)


def _picked(question: Question, keys: list[object] | tuple[object, ...]) -> Picked:
    for key in keys:
        if not isinstance(key, str) or key not in question.worth:
            known = "、".join(question.worth)
            raise ValueError(f"没有选项 {str(key)[:20]}，可选 {known}")
    chosen = set(keys)
    if question.kind != "multi" and len(chosen) > 1:
        raise ValueError("这一题只能选一项")
    none = question.none_key
    if none is not None and none in chosen and len(chosen) > 1:
        raise ValueError(f"选了 {none}“{question.option_text(none)}”，就不能再选别的")
    return Picked(tuple(key for key in question.worth if key in chosen))


def _rate(question: Question, raw: object) -> Rate | Picked:
    if isinstance(raw, dict):
        return _counted(raw)
    if isinstance(raw, list | tuple):
        return _picked(question, raw)
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if isinstance(raw, str) and raw in question.worth:
        return Picked((raw,))
    match = _PERCENT.fullmatch(raw) if isinstance(raw, str) else None
    if match is None:
        raise ValueError('比率写成百分数文字，如 "35.5"，最多六位小数，用半角数字')
    whole, decimals = match.groups()
    decimals = decimals or ""
    part, base = int(whole + decimals), 100 * 10 ** len(decimals)
    if part > base:
        raise ValueError(f"{raw} 超过 100%，请核对")
    return _reduced(part, base)


def _reduced(part: int, whole: int) -> Rate:
    """35.50 and 35.5 are the same answer."""
    while whole > 100 and part % 10 == 0:  # noqa: PLR2004 - down to whole per cents
        part, whole = part // 10, whole // 10
    return Rate(part, whole)


def _counted(raw: Mapping[str, object]) -> Rate:
    """Two counts or amounts with at most two decimals, kept in hundredths."""
    if set(raw) != {"part", "whole"}:
        raise ValueError("要写 part（分子）和 whole（分母）两个数")
    part, whole = _hundredths(raw["part"]), _hundredths(raw["whole"])
    if whole == 0:
        raise ValueError("分母为 0，算不出比率；没有这类设备或收入时请直接填百分数")
    if part > whole:
        raise ValueError("分子大于分母，比率超过 100%，请核对")
    return Rate(part, whole, True)


def _hundredths(value: object) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    match = _COUNT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("数量写成不带单位的半角数字，不小于零，最多两位小数")
    number = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if number > MAX_COUNT * 100:
        raise ValueError(f"数量大于 {MAX_COUNT}，请核对单位")
    return number


def _points(question: Question, raw: object) -> Scored:
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    try:
        milli = parse_milli(text)
    except PydanticCustomError:
        raise ValueError('得分写成数字文字，如 "56.5"，最多三位小数') from None
    if milli > question.points_milli:
        raise ValueError(f"得分不能超过满分 {show_milli(question.points_milli)}")
    return Scored(milli)


def _scenario_answer(scenario: Scenario, raw: object) -> Reached | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and re.fullmatch(r"[0-9]", raw):
        raw = int(raw)  # a form posts text
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= len(scenario.levels):
        raise ValueError(f"场景级别应当是 0 至 {len(scenario.levels)} 的整数")
    return Reached(raw)


def _count_text(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)


def _percent_text(part: int, whole: int) -> str:
    digits = len(str(whole)) - 3
    number, rest = divmod(part, 10**digits)
    return f"{number}.{rest:0{digits}}" if digits else str(number)
