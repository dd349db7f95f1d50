"""Size class of an enterprise (大、中、小、微) by 工信部联企业〔2011〕300号, with its explanation.

The standard is data (``packs/sizes/2011-300.yaml``): 16 industries, amounts in 万元 as
printed. An enterprise is an SME if **any** upper limit is undercut; medium needs **all**
of its floors, small all of its floors, otherwise it is micro.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from shuzhuan.engine.money import format_cn

FILE = Path(__file__).resolve().parents[2] / "packs" / "sizes" / "2011-300.yaml"
CITE = "工信部联企业〔2011〕300号"
NAMES = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}
MEASURES = {"emp": "从业人员", "rev": "营业收入", "ast": "资产总额"}
_FEN_PER_WAN = 1_000_000


@dataclass(frozen=True, slots=True)
class Industry:
    """Limits of one industry: people, or fen (converted from the printed 万元)."""

    number: int
    name: str
    sme_below_any: Mapping[str, int]
    medium_floors: Mapping[str, int]
    small_floors: Mapping[str, int]

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that the industry needs, in the order of the standard."""
        used = {*self.sme_below_any, *self.medium_floors, *self.small_floors}
        return tuple(m for m in MEASURES if m in used)


@dataclass(frozen=True, slots=True)
class SizeClass:
    """``size`` is None while a measure that decides is missing; ``steps`` say why, in Chinese."""

    size: str | None
    steps: tuple[str, ...]
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "资料不足" if self.size is None else NAMES[self.size]


@lru_cache(maxsize=1)
def industries() -> dict[int, Industry]:
    """The industries of the standard by number."""
    rows = yaml.safe_load(FILE.read_text("utf-8"))["industries"]
    return {row["number"]: _industry(row) for row in rows}


def _industry(row: Mapping[str, object]) -> Industry:
    def limits(key: str) -> dict[str, int]:
        printed = row.get(key) or {}
        assert isinstance(printed, dict)
        return {m: v if m == "emp" else v * _FEN_PER_WAN for m, v in printed.items()}

    return Industry(
        int(str(row["number"])),
        str(row["industry"]),
        limits("sme_below_any"),
        limits("medium_at_least_all"),
        limits("small_at_least_all"),
    )


def classify(
    industry: int, people: int | None, revenue_fen: int | None, assets_fen: int | None
) -> SizeClass:
    """Size class of an enterprise of ``industry`` (number in the standard). Raises KeyError.

    A measure that is not known leaves the class open unless the others decide it.
    """
    rule = industries()[industry]
    seen = {"emp": people, "rev": revenue_fen, "ast": assets_fen}
    steps: list[str] = []
    sme = _any_below(rule.sme_below_any, seen, steps)
    if sme is None:
        return SizeClass(None, tuple(steps), _lacking(rule.sme_below_any, seen))
    if not sme:
        return SizeClass("large", tuple(steps))
    for size, floors in (("medium", rule.medium_floors), ("small", rule.small_floors)):
        reached = _all_reached(size, floors, seen, steps)
        if reached is None:
            return SizeClass(None, tuple(steps), _lacking(floors, seen))
        if reached:
            return SizeClass(size, tuple(steps))
    return SizeClass("micro", tuple(steps))


def _any_below(
    limits: Mapping[str, int], seen: Mapping[str, int | None], steps: list[str]
) -> bool | None:
    below = [m for m, limit in limits.items() if (v := seen[m]) is not None and v < limit]
    if below:
        steps.append(f"{_said(below[0], seen)}，低于{_limit(below[0], limits)}，属于中小微企业")
        return True
    if any(seen[m] is None for m in limits):
        steps.append("还不能判断是否属于中小微企业")
        return None
    told = "、".join(f"{_said(m, seen)}达到{_limit(m, limits)}" for m in limits)
    steps.append(f"{told}，属于大型企业")
    return False


def _all_reached(
    size: str, floors: Mapping[str, int], seen: Mapping[str, int | None], steps: list[str]
) -> bool | None:
    short = [m for m, floor in floors.items() if (v := seen[m]) is not None and v < floor]
    if short:
        steps.append(f"{_said(short[0], seen)}，未达到{NAMES[size]}下限{_limit(short[0], floors)}")
        return False
    if any(seen[m] is None for m in floors):
        steps.append(f"还不能判断是否达到{NAMES[size]}")
        return None
    told = "、".join(f"{_said(m, seen)}达到{_limit(m, floors)}" for m in floors)
    steps.append(f"{told}，属于{NAMES[size]}企业")
    return True


def _lacking(limits: Mapping[str, int], seen: Mapping[str, int | None]) -> tuple[str, ...]:
    return tuple(m for m in limits if seen[m] is None)


def _said(measure: str, seen: Mapping[str, int | None]) -> str:
    return f"{MEASURES[measure]}{_limit(measure, {measure: seen[measure] or 0})}"


def _limit(measure: str, limits: Mapping[str, int]) -> str:
    value = limits[measure]
    return f"{value}人" if measure == "emp" else format_cn(value)
