"""Money is a whole number of fen (分, 0.01 元): read strictly, shown exactly, split without loss.

Nothing here rounds. A text that does not say an exact number of fen is refused,
because a silently repaired amount would be paid out (``docs/policy-language.md``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

Fen = int
MAX_FEN = 10**15
"""No single amount is larger (ten trillion 元); above it a typing error is certain."""

_FEN_PER_UNIT = {"元": 100, "万元": 1_000_000, "亿元": 10_000_000_000}
_YUAN = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]{1,2}))?")
_LITERAL = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(元|万元|亿元)")
_MAX_CHARS = 32  # longer digit strings are refused before any arithmetic is done on them
_UNIT = 10_000  # 元 in a 万元, 万元 in an 亿元
_CENTS = tuple(f".{rest:02}".rstrip("0") + "元" for rest in range(100))  # 10 → .1元


class MoneyError(ValueError):
    """An amount that cannot be used; the message is Chinese and says what to write instead."""


def parse_yuan(text: object) -> Fen:
    """Fen of an amount in 元 written as plain text: ``"800000"``, ``"3000000.01"``, ``"-5.20"``.

    Refuses everything else (numbers, blanks, separators, exponents, full-width digits,
    leading zeros, a third decimal, minus zero, more than ``MAX_FEN``) with MoneyError.
    """
    if not isinstance(text, str):
        raise MoneyError('金额要写成元的文字，如 "800000" 或 "3000000.01"')
    match = _YUAN.fullmatch(text) if len(text) <= _MAX_CHARS else None
    if match is None:
        raise MoneyError(_why_not_yuan(text))
    sign, whole, decimals = match.groups()
    fen = int(whole) * 100 + int((decimals or "").ljust(2, "0"))
    return _signed(sign, fen, text)


def parse_literal(text: object) -> Fen:
    """Fen of an amount with its unit, as packs write it: ``20万元``, ``1.5亿元``, ``0.01元``.

    Any number of decimals is allowed as long as the amount is exact to the fen.
    Raises MoneyError.
    """
    if not isinstance(text, str):
        raise MoneyError("金额要连单位一起写，如 20万元")
    match = _LITERAL.fullmatch(text) if len(text) <= _MAX_CHARS else None
    if match is None:
        raise MoneyError(_why_not_literal(text))
    sign, whole, decimals, unit = match.groups()
    decimals = decimals or ""
    scaled = int(whole + decimals) * _FEN_PER_UNIT[unit]
    fen, rest = divmod(scaled, 10 ** len(decimals))
    if rest:
        raise MoneyError(f"{text} 不是整分，最小写到 0.01元")
    return _signed(sign, fen, text)


def format_yuan(fen: Fen) -> str:
    """``300,000.00``: 元, grouped by thousands, always two decimals."""
    return _decimal(fen, ",")


def format_plain(fen: Fen) -> str:
    """``300000.00``: 元, no grouping, always two decimals; ``parse_yuan`` reads it back."""
    return _decimal(fen, "")


def format_cn(fen: Fen) -> str:
    """What a reader sees: ``30万元``, ``37.8万元``, ``1.2亿元``, ``350,000.01元``.

    亿元 from one 亿元 and 万元 from one 万元 on, where four decimals say it exactly;
    otherwise 元 without trailing zeros.
    """
    if fen < 0:
        return "-" + format_cn(-fen)
    yuan, rest = fen // 100, fen % 100
    if rest:
        return f"{yuan:,}{_CENTS[rest]}"
    if yuan < _UNIT:
        return f"{yuan:,}元"
    wan, rest = divmod(yuan, _UNIT)
    if rest:
        return f"{wan}.{rest:04}".rstrip("0") + "万元"
    if wan < _UNIT:
        return f"{wan}万元"
    yi, rest = divmod(wan, _UNIT)
    return (f"{yi}.{rest:04}".rstrip("0") if rest else str(yi)) + "亿元"


def split(
    total_fen: Fen,
    parts: Sequence[tuple[str, int]],
    remainder: str,
    floors: Mapping[str, Fen] | None = None,
) -> dict[str, Fen]:
    """Share ``total_fen`` among ``parts`` (party, weight): the result always adds up exactly.

    Every party gets its proportion rounded down to the fen; ``remainder`` gets the
    fen that are left. A party in ``floors`` gets at least its floor (the others share
    what is left of the total); where the total does not reach the floors, they are
    served in the order given, so a single floor takes everything.
    Raises ValueError for a negative total, no or repeated parties, weights or floors
    below their minimum (1 and 0), or parties that are not in ``parts``.
    """
    return splitter(parts, remainder, floors)(total_fen)


def splitter(
    parts: Sequence[tuple[str, int]], remainder: str, floors: Mapping[str, Fen] | None = None
) -> Callable[[Fen], dict[str, Fen]]:
    """``split`` for many totals: the parties are checked once, here."""
    least = dict(floors or {})
    _check_parties(parts, remainder, least)
    weights = sum(weight for _, weight in parts)

    def plain(total_fen: Fen) -> dict[str, Fen]:
        if total_fen < 0:
            raise ValueError("分担的总额不能是负数")
        shares = {party: total_fen * weight // weights for party, weight in parts}
        shares[remainder] += total_fen - sum(shares.values())
        return shares

    def floored(total_fen: Fen) -> dict[str, Fen]:
        if total_fen < 0:
            raise ValueError("分担的总额不能是负数")
        return _with_floors(total_fen, parts, remainder, least)

    return floored if least else plain


def _with_floors(
    total_fen: Fen, parts: Sequence[tuple[str, int]], remainder: str, floors: Mapping[str, Fen]
) -> dict[str, Fen]:
    shares = dict.fromkeys((party for party, _ in parts), 0)
    if sum(floors.values()) >= total_fen:
        left = total_fen
        for party, floor in floors.items():
            shares[party] = min(floor, left)
            left -= shares[party]
        return shares
    fixed = _parties_on_their_floor(total_fen, parts, floors)
    shares.update((party, floors[party]) for party in fixed)
    rest = total_fen - sum(floors[party] for party in fixed)
    free = [(party, weight) for party, weight in parts if party not in fixed]
    weights = sum(weight for _, weight in free)
    for party, weight in free:
        shares[party] = rest * weight // weights
    shares[remainder] += total_fen - sum(shares.values())
    return shares


def _parties_on_their_floor(
    total_fen: Fen, parts: Sequence[tuple[str, int]], floors: Mapping[str, Fen]
) -> set[str]:
    """Parties whose proportion falls below their floor.

    Fixing one lowers what the others share, so it is repeated until nothing changes;
    some party always stays free because the floors together are below the total.
    """
    fixed: set[str] = set()
    while True:
        rest = total_fen - sum(floors[party] for party in fixed)
        free = [(party, weight) for party, weight in parts if party not in fixed]
        weights = sum(weight for _, weight in free)
        short = {p for p, weight in free if rest * weight < floors.get(p, 0) * weights}
        if not short:
            return fixed
        fixed |= short


def _check_parties(
    parts: Sequence[tuple[str, int]], remainder: str, floors: Mapping[str, Fen]
) -> None:
    parties = {party for party, _ in parts}
    if not parts or len(parties) != len(parts):
        raise ValueError("分担各方至少一方，且不能重复")
    if any(weight < 1 for _, weight in parts):
        raise ValueError("分担的份数应当是大于零的整数")
    if any(floor < 0 for floor in floors.values()):
        raise ValueError("最低承担额不能是负数")
    unknown = ({remainder} | set(floors)) - parties
    if unknown:
        raise ValueError(f"分担各方里没有 {'、'.join(sorted(unknown))}")


def _signed(sign: str, fen: Fen, text: str) -> Fen:
    if fen > MAX_FEN:
        raise MoneyError(f"{text} 超过上限 10万亿元，请检查是否多写了零")
    if sign and fen == 0:
        raise MoneyError("零不带负号，请写 0")
    return -fen if sign else fen


def _decimal(fen: Fen, separator: str) -> str:
    whole, rest = divmod(abs(fen), 100)
    digits = f"{whole:,}".replace(",", separator)
    return f"{'-' if fen < 0 else ''}{digits}.{rest:02}"


def _why_not_yuan(text: str) -> str:
    shown = _shown(text)
    if text.strip() == "":
        return "金额是空的，请写元数，如 800000"
    if any(unit in text for unit in ("元", "￥", "¥")):
        return f"{shown} 里不要写单位，只写元数，如 800000"
    if re.fullmatch(r"-?[0-9]+\.[0-9]{3,}", text):
        return f"{shown} 的小数超过两位，金额最小到分，如 800000.01"
    return (_why_not_digits(text) or f"{shown} 不是金额") + "，请写元数，如 800000 或 800000.01"


def _why_not_literal(text: str) -> str:
    shown = _shown(text)
    if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", text):
        return f"{shown} 没有单位，请写成 {text}元 或 {text}万元"
    reason = _why_not_digits(text) or f"{shown} 不是金额"
    return f"{reason}，请写数字和单位，如 20万元、3000元、1.5亿元"


def _why_not_digits(text: str) -> str | None:
    """The habit that made the number unreadable, when it is a known one."""
    shown = _shown(text)
    if not text.strip():
        return "金额是空的"
    if len(text) > _MAX_CHARS:
        return f"{shown} 太长"
    if any("０" <= char <= "９" or char in "．，－" for char in text):
        return f"{shown} 用了全角字符"
    if re.search(r"[0-9][eE][+-]?[0-9]", text):
        return f"{shown} 是科学计数法"
    if re.search(r"[0-9],[0-9]", text):
        return f"{shown} 里有千分位逗号"
    if re.search(r"\s", text):
        return f"{shown} 里有空白"
    if re.match(r"-?0[0-9]", text):
        return f"{shown} 以零开头"
    return None


def _shown(text: str) -> str:
    short = text if len(text) <= _MAX_CHARS else text[:_MAX_CHARS] + "…"
    return f"“{short}”"
