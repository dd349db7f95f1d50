"""The columns of the officer's list: what each shows, and what it sorts by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.utils import timezone

from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.workbench.places import Places

FEN_PER_WAN = 1_000_000
NOTHING = "—"
Shown = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    """``value``: plain, for the page and for Excel alike; ``needs``: the columns it reads.

    ``numeric`` ones stand right. ``nullable``: rows without a value come last either way.
    """

    key: str
    title: str
    needs: tuple[str, ...]
    value: Callable[[Enterprise, Places], Shown]
    sort: str
    numeric: bool = False
    nullable: bool = False
    as_text: bool = False
    newest_first: bool = False
    width: int = 12

    def order(self, *, descending: bool) -> list[OrderBy | str]:
        """How the rows are ordered; the id makes the order one and the same on every page."""
        sign = "-" if descending else ""
        if self.newest_first:  # as the indexes have it: the day backwards, the id forwards
            return [f"{sign}{self.sort}", "id" if descending else "-id"]
        if not self.nullable:
            return [f"{sign}{self.sort}", f"{sign}id"]
        field = F(self.sort)
        by = field.desc(nulls_last=True) if descending else field.asc(nulls_last=True)
        return [by, f"{sign}id"]


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else ("规上" if value else "规下")


def _wan(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen) / FEN_PER_WAN


LEVELS = ("无等级", "一级", "二级", "三级", "四级")


def _level(row: Enterprise) -> str | None:
    return None if row.digital_level is None else LEVELS[row.digital_level]


def _day(moment: object) -> str | None:
    return None if moment is None else str(moment)


COLUMNS = (
    Column("name", "企业名称", ("name",), lambda e, p: e.name, "name", width=30),
    Column(
        "uscc", "统一社会信用代码", ("uscc",), lambda e, p: e.uscc, "uscc", as_text=True, width=22
    ),
    Column("place", "所属县区", ("place_id",), lambda e, p: p.names.get(e.place_id), "place_id"),
    Column(
        "park", "园区", ("park_id",), lambda e, p: p.names.get(e.park_id or 0), "park_id",
        nullable=True, width=18,
    ),
    Column("industry", "细分行业", ("industry",), lambda e, p: e.industry, "industry", width=16),
    Column(
        "size", "规模", ("size_class",),
        lambda e, p: e.get_size_class_display() if e.size_class else None, "size_class",
    ),
    Column(
        "above", "规上规下", ("above_scale",), lambda e, p: _yes_no(e.above_scale), "above_scale",
        nullable=True,
    ),
    Column(
        "people", "从业人员（人）", ("people",), lambda e, p: e.people, "people",
        numeric=True, nullable=True,
    ),
    Column(
        "revenue", "营业收入（万元）", ("revenue_last_year_fen",),
        lambda e, p: _wan(e.revenue_last_year_fen), "revenue_last_year_fen",
        numeric=True, nullable=True, width=16,
    ),
    Column(
        "assets", "资产总额（万元）", ("assets_fen",), lambda e, p: _wan(e.assets_fen),
        "assets_fen", numeric=True, nullable=True, width=16,
    ),
    Column(
        "level", "数字化等级", ("digital_level",), lambda e, p: _level(e), "digital_level",
        nullable=True,
    ),
    Column(
        "pilot", "试点", ("pilot_state",), lambda e, p: e.get_pilot_state_display(), "pilot_state"
    ),
    Column(
        "since", "进入试点", ("pilot_since",), lambda e, p: _day(e.pilot_since), "pilot_since",
        nullable=True,
    ),
    Column(
        "will", "改造意愿", ("willingness",),
        lambda e, p: e.get_willingness_display() if e.willingness is not None else None,
        "willingness", nullable=True,
    ),
    Column(
        "ready", "数字化基础", ("readiness",),
        lambda e, p: e.get_readiness_display() if e.readiness is not None else None,
        "readiness", nullable=True, width=14,
    ),
    Column(
        "complete", "完整度（%）", ("completeness",), lambda e, p: e.completeness, "completeness",
        numeric=True,
    ),
    Column(
        "created", "建档", ("created_at",),
        lambda e, p: timezone.localtime(e.created_at).date().isoformat(), "created_at",
    ),
    Column(
        "updated", "更新", ("updated_at",),
        lambda e, p: timezone.localtime(e.updated_at).date().isoformat(), "updated_at",
        newest_first=True,
    ),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
ALWAYS = ("name",)
USUAL = (
    "name", "uscc", "place", "industry", "size", "people", "revenue", "level", "pilot", "will",
    "ready", "complete", "updated",
)  # fmt: skip
SORT_USUAL = "-updated"


def chosen(keys: list[str], places: Places) -> list[Column]:
    """The columns to show, in their fixed order; the usual ones where nothing was chosen."""
    wanted = set(keys) & BY_KEY.keys() or set(USUAL) - ({"place"} if places.one_county else set())
    return [column for column in COLUMNS if column.key in wanted | set(ALWAYS)]
