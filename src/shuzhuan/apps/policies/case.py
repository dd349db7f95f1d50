"""A case as it stands in the address: facts, readings, day, skipped questions. Nothing is stored.

The address is the only place where a calculation lives, so it can be shared, printed and
reopened. Facts that are personal never enter it: they travel in a signed cookie of the
person's own browser. Whatever an address holds, reading it ends in a case and a list of
Chinese messages, never in an exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from shuzhuan.engine.policy.bind import BindError
from shuzhuan.engine.policy.facts import FactDef, FactError, Value, parse_facts
from shuzhuan.engine.policy.pack import Pack
from shuzhuan.engine.policy.program import Program

READING = "r."  # prefix of a reading's key in the address
VALUE_CHARS_MAX = 2_000
LIST_CHARS_MAX = 20_000
KEYS_MAX = 400
SHOWN_CHARS_MAX = 40
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_BOOLS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in the address that cannot be used: which key, and why."""

    key: str
    label: str
    message: str


@dataclass(frozen=True)
class Case:
    """What is known of one enterprise at one place; ``raw`` keeps the order of answering."""

    pack: Pack
    program: Program
    raw: Mapping[str, object]
    values: Mapping[str, Value]
    readings: Mapping[str, str]
    as_of: date
    as_of_given: bool
    skipped: tuple[str, ...]
    personal: frozenset[str]
    mistakes: tuple[Mistake, ...] = ()
    focus: str = ""  # the clause whose questions come first

    def pairs(self, *, without: str = "", pinned: bool = False) -> list[tuple[str, str]]:
        """The address as key and value pairs. ``pinned`` writes the day even when it is today."""
        pairs = [
            (key, link_form(value))
            for key, value in self.raw.items()
            if key != without and key not in self.personal
        ]
        pairs += [(READING + key, option) for key, option in self.readings.items()]
        if self.as_of_given or pinned:
            pairs.append(("as_of", self.as_of.isoformat()))
        if self.focus:
            pairs.append(("clause", self.focus))
        pairs += [("skip", key) for key in self.skipped if key != without]
        return pairs

    def query(self, *more: tuple[str, str], without: str = "", pinned: bool = False) -> str:
        """The address after the question mark; empty for an empty case."""
        return urlencode([*self.pairs(without=without, pinned=pinned), *more])

    def with_reading(self, reading: str, option: str) -> Case:
        """The same case under another reading; the pack's own choice is not written out."""
        readings = {k: v for k, v in self.readings.items() if k != reading}
        if option != self.pack.defaults[reading]:
            readings[reading] = option
        return replace(self, readings=readings)

    def answered(self, key: str, raw: object) -> Case:
        """The same case with one more answer, at its old place when it had one."""
        skipped = tuple(k for k in self.skipped if k != key)
        return replace(self, raw={**self.raw, key: raw}, skipped=skipped)

    @property
    def known(self) -> list[tuple[FactDef, object]]:
        """Answers that the program reads, in the order of answering."""
        return [(self.program.declared[key], raw) for key, raw in self.raw.items()]


def link_form(raw: object) -> str:
    """A JSON fact as text of the address."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, list):
        return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
    return str(raw).removesuffix(".00")  # only amounts end so; 800000 reads better than 800000.00


def from_link(fact: FactDef, text: str) -> object:
    """The JSON form of a fact in the address. Raises ValueError with a Chinese message."""
    limit = LIST_CHARS_MAX if fact.kind == "list" else VALUE_CHARS_MAX
    if len(text) > limit:
        raise ValueError(f"内容太长，最多 {limit} 个字符")
    match fact.kind:
        case "bool":
            if text not in _BOOLS:
                raise ValueError("应当是 true（是）或 false（否）")
            return _BOOLS[text]
        case "int":
            if not _WHOLE.fullmatch(text):
                raise ValueError("应当是整数，用半角数字，如 3")
            return int(text)
        case "list":
            try:
                return json.loads(text)
            except (ValueError, RecursionError):
                raise ValueError("明细的写法不对，请重新填写") from None
    return text


def read_case(
    pack: Pack, query: Mapping[str, list[str]], personal: Mapping[str, object], today: date
) -> Case:
    """Read an address (``QueryDict.lists``) and the personal answers beside it."""
    mistakes: list[Mistake] = []
    as_of, given = _day(query.get("as_of", []), today, mistakes)
    readings = _readings(pack, query, mistakes)
    program = _program(pack, as_of, readings, mistakes)
    if program is None:
        as_of, given = today, False
        program = pack.bind(today, readings=readings)
    raw, values = _facts(program, query, mistakes)
    for key, value in personal.items():
        fact = program.declared.get(key)
        if fact is not None and fact.personal:
            _take(fact, value, raw, values, mistakes)
    skipped = [k for k in dict.fromkeys(query.get("skip", [])) if k in program.declared]
    for key in skipped:  # a skipped question has no answer, whatever came with it
        raw.pop(key, None)
        values.pop(key, None)
    focus = query.get("clause", [""])[-1]
    if focus not in {clause.id for clause in program.computed}:
        focus = ""
    secret = frozenset(k for k in raw if program.declared[k].personal)
    return Case(
        pack, program, raw, values, readings, as_of, given,
        tuple(skipped[:KEYS_MAX]), secret, tuple(mistakes), focus,
    )  # fmt: skip


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS_MAX else text[:SHOWN_CHARS_MAX] + "…"


def _day(given: list[str], today: date, mistakes: list[Mistake]) -> tuple[date, bool]:
    text = given[-1] if given else ""
    if not text:
        return today, False
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        message = f"“{_shown(text)}”不是日期，应当写成 2026-01-31；已改用今天"
        mistakes.append(Mistake("as_of", "测算日期", message))
        return today, False
    if not FIRST_DAY <= day <= LAST_DAY:
        message = f"{text} 太早或太晚，应当在 {FIRST_DAY} 至 {LAST_DAY} 之间；已改用今天"
        mistakes.append(Mistake("as_of", "测算日期", message))
        return today, False
    return day, True


def _readings(
    pack: Pack, query: Mapping[str, list[str]], mistakes: list[Mistake]
) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for key, texts in query.items():
        if not key.startswith(READING):
            continue
        reading, option = key.removeprefix(READING), texts[-1]
        if reading not in pack.readings:
            mistakes.append(Mistake(key, "口径", f"没有“{_shown(reading)}”这个口径，已忽略"))
        elif option not in pack.readings[reading]:
            listed = "、".join(pack.option_labels[reading, o] for o in pack.readings[reading])
            message = f"没有“{_shown(option)}”这个选项，已用默认的；可选的有：{listed}"
            mistakes.append(Mistake(key, "口径", message))
        elif option != pack.defaults[reading]:
            chosen[reading] = option
    return chosen


def _program(
    pack: Pack, as_of: date, readings: Mapping[str, str], mistakes: list[Mistake]
) -> Program | None:
    try:
        return pack.bind(as_of, readings=readings)
    except BindError as error:
        mistakes.append(Mistake("as_of", "测算日期", f"{error}；已改用今天"))
        return None


def _facts(
    program: Program, query: Mapping[str, list[str]], mistakes: list[Mistake]
) -> tuple[dict[str, object], dict[str, Value]]:
    raw: dict[str, object] = {}
    values: dict[str, Value] = {}
    # Keys without a dot are no facts; chat programs append such keys to every shared link.
    keys = [k for k in query if "." in k and not k.startswith(READING)]
    if len(keys) > KEYS_MAX:
        mistakes.append(Mistake("", "链接", f"内容太多，只看前 {KEYS_MAX} 项"))
    for key in keys[:KEYS_MAX]:
        texts, fact = query[key], program.declared.get(key)
        if fact is None:
            problems = _unknown(program, key)
            mistakes.append(Mistake(key, _shown(key), problems))
        elif len(texts) > 1:
            mistakes.append(Mistake(key, fact.label, "写了不止一次，不知道用哪一个，已忽略"))
        elif fact.personal:
            mistakes.append(Mistake(key, fact.label, "属于个人信息，不能写在链接里，已忽略"))
        else:
            _take(fact, texts[0], raw, values, mistakes)
    return raw, values


def _unknown(program: Program, key: str) -> str:
    try:
        parse_facts(program.declared, {key[:VALUE_CHARS_MAX]: None})
    except FactError as error:
        return (
            f"{error.problems[0][1]}已忽略"
            if "？" in error.problems[0][1]
            else (f"{error.problems[0][1]}，已忽略")
        )
    return "没有这个事实，已忽略"


def _take(
    fact: FactDef,
    given: object,
    raw: dict[str, object],
    values: dict[str, Value],
    mistakes: list[Mistake],
) -> None:
    """Accept one fact in its strict form, or say why not."""
    try:
        entry = from_link(fact, given) if isinstance(given, str) else given
        value = fact.parse(entry)
    except ValueError as error:
        text = f"“{_shown(given)}”不能用：" if isinstance(given, str) else ""
        mistakes.append(Mistake(fact.key, fact.label, f"{text}{error}"))
        return
    raw[fact.key] = fact.raw(value)
    values[fact.key] = value


def labels(facts: Iterable[FactDef]) -> str:
    """Names of facts in a sentence."""
    return "、".join(fact.label for fact in facts)
