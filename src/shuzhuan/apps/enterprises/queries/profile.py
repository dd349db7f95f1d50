"""精准画像: tags and pictures of an enterprise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.enterprises.models import (
    Declaration,
    PilotState,
    QualificationKind,
    Readiness,
    Willingness,
)
from shuzhuan.apps.enterprises.queries.archive import Archive

YEARS_MIN = 2  # a line needs two points
_TAGGED = (
    QualificationKind.LITTLE_GIANT,
    QualificationKind.SPECIALISED_SME,
    QualificationKind.HIGH_TECH,
    QualificationKind.TECH_SME,
    QualificationKind.INNOVATIVE_SME,
    QualificationKind.BENCHMARK,
    QualificationKind.CHAIN_LEADER,
)
_SHORT = {
    QualificationKind.LITTLE_GIANT: "小巨人",
    QualificationKind.SPECIALISED_SME: "专精特新",
    QualificationKind.HIGH_TECH: "高新技术",
    QualificationKind.TECH_SME: "科技型",
    QualificationKind.INNOVATIVE_SME: "创新型",
    QualificationKind.BENCHMARK: "数转标杆",
    QualificationKind.CHAIN_LEADER: "链主（龙头）",
}
EXPIRES_SOON_DAYS = 90


@dataclass(frozen=True)
class Plot:
    """Figures over time, drawn by the shell."""

    key: str
    title: str
    times: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    source: str = "企业填报的年度数据"


@dataclass(frozen=True)
class Block:
    """A section of the profile that an app above this one fills; ``template`` reads ``block``."""

    key: Literal["levels", "money"]
    template: str
    data: Mapping[str, object]


Part = Callable[[Actor, Archive], Block | None]
_parts: list[Part] = []


def in_profile(part: Part) -> Part:
    """Register a section of the profile. It reads only what the actor may see."""
    _parts.append(part)
    return part


def blocks(actor: Actor, archive: Archive) -> dict[str, Block]:
    """The filled sections by key; what is not filled has its words of absence in the page."""
    found = [part(actor, archive) for part in _parts]
    return {block.key: block for block in found if block is not None}


def tags(archive: Archive) -> list[str]:
    """Short marks that tell the enterprise apart."""
    row = archive.enterprise
    found = []
    if row.pilot_state != PilotState.NONE:
        found.append(row.get_pilot_state_display())
    if row.size_class:
        found.append(row.get_size_class_display())
    if row.above_scale is not None:
        found.append("规上" if row.above_scale else "规下")
    held = {q.kind for q in archive.valid}
    found += [_SHORT[kind] for kind in _TAGGED if kind in held]
    if row.industry:
        found.append(row.industry)
    if row.park is not None:
        found.append(row.park.name)
    if row.uses_cloud:
        found.append("已上云")
    return found


def risks(archive: Archive) -> list[str]:
    """What an officer should look at before anything else, each with its reason."""
    found = []
    declared = archive.declaration
    if declared is not None:
        for name in (
            "bad_credit",
            "on_abnormal_list",
            "on_dishonest_list",
            "on_procurement_blacklist",
            "major_accident_3y",
            "illegal_3y",
            "refused_supervision",
            "same_kind_funded",
            "false_materials",
        ):
            if getattr(declared, name):
                found.append(f"企业声明：{_label(name)}")
        for name in ("lawful_tax_compliant", "finance_sound"):
            if getattr(declared, name) is False:
                found.append(f"企业声明：没有做到“{_label(name)}”")
    for row in archive.qualifications:
        if row.expires_on is None:
            continue
        left = (row.expires_on - archive.today).days
        if left < 0:
            found.append(f"{row}已于{row.expires_on}到期")
        elif left <= EXPIRES_SOON_DAYS:
            found.append(f"{row}还有{left}天到期（{row.expires_on}）")
    return found


def revenue(archive: Archive) -> Plot | None:
    """Revenue and research spending over the years, in 万元; None without two years."""
    rows = [year for year in archive.years if year.revenue_fen is not None]
    if len(rows) < YEARS_MIN:
        return None
    return Plot(
        "revenue",
        "营业收入与研发投入",
        tuple(str(year.year) for year in rows),
        (
            ("营业收入", tuple(_wan(year.revenue_fen) for year in rows)),
            ("研发投入", tuple(_wan(year.rd_fen) for year in rows)),
        ),
    )


def survey(archive: Archive) -> list[tuple[str, str]]:
    """What 摸底 found, in words."""
    row = archive.enterprise
    found = []
    if row.willingness is not None:
        found.append(("改造意愿", Willingness(row.willingness).label))
    if row.readiness is not None:
        found.append(("数字化基础", Readiness(row.readiness).label))
    if row.survey_note:
        found.append(("备注", row.survey_note))
    return found


def _label(name: str) -> str:
    return str(getattr(Declaration._meta.get_field(name), "verbose_name", name))


def _wan(fen: int | None) -> float | None:
    return None if fen is None else fen / 1_000_000
