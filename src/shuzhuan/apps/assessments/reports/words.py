"""Answers, levels and changes in the words of a report."""

from __future__ import annotations

import json
import re
import unicodedata

from shuzhuan.engine.grading import (
    Answer,
    AnswerError,
    IndicatorSet,
    Picked,
    Rate,
    Reached,
    Result,
    Scored,
    parse_answer,
    show_milli,
)
from shuzhuan.engine.grading.model import Question, Scenario, numeral
from shuzhuan.engine.grading.result import Condition, LevelCheck
from shuzhuan.engine.grading.wording import condition_text

NONE = "—"
_BLANKS = re.compile(r"[ \t\u2028\u2029]*\n[ \t\u2028\u2029]*")
_HIDDEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")
_FILE_NAME = re.compile(r'[\\/:*?"<>|\s]+')
FILE_NAME_CHARS_MAX = 80


def plain(text: str) -> str:
    """A text as people typed it, without what a document cannot hold or what hides its order.

    Control characters, lone surrogates and marks that reverse the reading order go; line ends
    become one form. Everything else stays as it is.
    """
    one_form = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = (
        sign
        for sign in one_form
        if sign == "\n" or (unicodedata.category(sign) not in ("Cc", "Cs") and sign not in _HIDDEN)
    )
    return _BLANKS.sub("\n", "".join(kept)).strip()


def file_name(text: str) -> str:
    """A text that every system takes as part of a file's name."""
    return _FILE_NAME.sub("_", plain(text))[:FILE_NAME_CHARS_MAX]


def answer_lines(question: Question, answer: Answer | None, keys: tuple[str, ...]) -> list[str]:
    """What was answered, an option per line."""
    if answer is None:
        return ["未答"]
    if isinstance(answer, Scored):
        return [f"{show_milli(answer.points_milli)} 分"]
    if isinstance(answer, Rate):
        return [_rate(question, answer), *(_option(question, key) for key in keys)]
    return [_option(question, key) for key in keys]


def _option(question: Question, key: str) -> str:
    return f"{key}　{question.option_text(key)}"


def _rate(question: Question, rate: Rate) -> str:
    if not rate.counted or question.rate is None:
        return rate.text
    names = question.rate
    part, whole = (show_milli(number * 10) for number in (rate.part, rate.whole))
    return f"{rate.text}（{names.part} {part}{names.unit}，{names.whole} {whole}{names.unit}）"


def scenario_lines(scenario: Scenario, level: int | None) -> list[str]:
    """What the scenario's level means."""
    if level is None:
        return ["未评"]
    if level == 0:
        return ["零级　还没有做到一级"]
    return [f"{numeral(level)}级　{scenario.levels[level]}"]


def level_word(level: int | None) -> str:
    return NONE if level is None else f"{numeral(level)}级"


def target_answer(indicators: IndicatorSet, item: str, target: str) -> Answer | None:
    """What an item is to become, from the stored JSON value; None when it cannot be read."""
    try:
        return parse_answer(indicators, item, json.loads(target)) if item and target else None
    except (AnswerError, ValueError):
        return None


def target_text(indicators: IndicatorSet, item: str, target: str) -> str:
    """The same in words; empty when it cannot be read."""
    match target_answer(indicators, item, target):
        case Reached(level):
            return f"达到{numeral(level)}级"
        case Picked(keys):
            return f"达到选项 {'、'.join(keys)}"
        case Rate() as rate:
            return f"达到 {rate.text}"
        case Scored(points):
            return f"达到 {show_milli(points)} 分"
        case None:
            return ""


def found_text(condition: Condition) -> str:
    if condition.kind == "points":
        return f"{show_milli(condition.found.low)} 分"
    return f"{condition.found.low} 个"


def conditions_sentence(check: LevelCheck) -> str:
    """``总分至少 40 分（现有 45.5 分）；…``."""
    return "；".join(
        f"{condition_text(one, check.at)}（现有 {found_text(one)}）" for one in check.conditions
    )


def short_of(check: LevelCheck) -> str:
    """What is missing for a level, in one sentence without its end."""
    parts = []
    for one in check.conditions:
        short = one.needed - one.found.low
        if short <= 0:
            continue
        if one.kind == "points":
            parts.append(f"总分还差 {show_milli(short)} 分")
        elif one.kind == "scenarios":
            parts.append(f"{numeral(check.at)}级及以上的场景还差 {short} 个")
        else:
            parts.append(f"{numeral(check.at)}级及以上的约束性场景还差 {short} 个")
    return "，".join(parts)


def level_name(result: Result, level: int) -> str:
    return result.level_names[level]


def points_change(milli: int | None) -> str:
    """``+1.5``, ``-0.5``, ``不变``."""
    if milli is None:
        return NONE
    if milli == 0:
        return "不变"
    return f"+{show_milli(milli)}" if milli > 0 else f"-{show_milli(-milli)}"


def levels_change(change: int | None) -> str:
    """``升 1 级``, ``降 1 级``, ``不变``."""
    if change is None:
        return NONE
    if change == 0:
        return "不变"
    return f"升 {change} 级" if change > 0 else f"降 {-change} 级"


def day_text(day: object) -> str:
    """``2025年5月6日`` of a date or time; empty for None."""
    if day is None:
        return ""
    year, month, number = (getattr(day, part) for part in ("year", "month", "day"))
    return f"{year}年{month}月{number}日"
