"""Checked rows against the archive: what is new, what changes from what to what, what clashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import mask_account, mask_phone
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.enterprises.models import Enterprise, EnterpriseYear, SectionState
from shuzhuan.apps.regions.models import Level, Region
from shuzhuan.apps.workbench.importing.check import Sheet
from shuzhuan.apps.workbench.importing.fields import FIGURES, PLACE, SECTION_OF, SENSITIVE, declared
from shuzhuan.apps.workbench.models import SearchEntry
from shuzhuan.apps.workbench.places import Places
from shuzhuan.apps.workbench.search import name_key
from shuzhuan.engine.batch.fields import CODE, NAME

CHUNK = 5_000
NO_PARK = "不在园区"
ELSEWHERE = "这个统一社会信用代码已在别的地区登记，不能导入本地；企业迁入的请联系上级主管部门"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an existing archive, before and after, and both as they are shown."""

    key: str
    label: str
    old: Any
    new: Any
    shown_old: str
    shown_new: str


@dataclass
class Existing:
    """A row whose enterprise has an archive. ``kept``: what the enterprise filled in itself."""

    row: int
    enterprise: Enterprise
    year: EnterpriseYear | None = None
    changes: list[Change] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """What the commit would do. ``places``: id of the place of each row; 0 where there is none."""

    sheet: Sheet
    place_ids: list[int]
    park_ids: list[int | None]
    new: list[int] = field(default_factory=list)
    existing: list[Existing] = field(default_factory=list)

    @cached_property
    def changed(self) -> list[Existing]:
        return [each for each in self.existing if each.changes]

    @property
    def unchanged(self) -> int:
        return len(self.existing) - len(self.changed)

    @property
    def digest(self) -> str:
        """Over everything that the commit would do beyond what the file itself says."""
        mark = hashlib.sha256()
        mark.update("\n".join(self.sheet.codes[row] for row in self.new).encode())
        for each in self.changed:
            told = [[c.key, str(c.old), str(c.new)] for c in each.changes]
            mark.update(json.dumps([each.enterprise.pk, told]).encode())
        return mark.hexdigest()


def make_plan(actor: Actor, places: Places, sheet: Sheet) -> Plan:
    """Compare with the archive; clashes are added to the problems of the sheet."""
    place_ids, park_ids = _places(sheet, places)
    plan = Plan(sheet, place_ids, park_ids)
    _figures_have_a_year(sheet)
    wrong = {problem.row for problem in sheet.problems}
    parties = _parties(sheet)
    found = _archives(actor, parties)
    for row, code in enumerate(sheet.codes):
        if not code:
            continue
        enterprise = found.get(code)
        if enterprise is not None:
            plan.existing.append(Existing(row, enterprise))
        elif code in parties:
            sheet.problem(row, CODE, ELSEWHERE)
        elif row not in wrong:
            plan.new.append(row)
            if not place_ids[row]:
                sheet.problem(row, PLACE, "新企业要写明所属县区")
    _compare(actor, places, plan)
    _clashes(actor, sheet)
    sheet.problems.sort(key=lambda p: (p.row, p.column))
    return plan


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts of at most CHUNK, so that one statement never has too many values."""
    for at in range(0, len(items), CHUNK):
        yield items[at : at + CHUNK]


# -- places ------------------------------------------------------------------------------------


def _places(sheet: Sheet, places: Places) -> tuple[list[int], list[int | None]]:
    """Place and park of every row."""
    height = sheet.table.height
    own = places.region if places.region.level in (Level.COUNTY, Level.PARK) else None
    ids = [own.pk if own is not None else 0] * height
    by_name = {r.name: r for r in places.below if r.level in (Level.COUNTY, Level.PARK)}
    for row, text in enumerate(sheet.values.get(PLACE, ())):
        region = by_name.get(text) if text else None
        if region is not None:
            ids[row] = region.pk
        elif text:
            known = "、".join(list(by_name)[:12])
            sheet.problem(row, PLACE, f"“{text}”不是本地的县（市、区）或园区，可以写：{known}")
    home_park = own.pk if own is not None and own.level == Level.PARK else None
    parks: list[int | None] = [home_park] * height
    by_park = {region.name: region for region in places.parks}
    for row, text in enumerate(sheet.values.get("park", ())):
        if not text or text == NO_PARK:
            continue
        park = by_park.get(text)
        if park is None or not _fits(park, places.by_id.get(ids[row])):
            known = "、".join([NO_PARK, *by_park][:12])
            sheet.problem(row, "park", f"“{text}”不是这里的园区，可以写：{known}")
        else:
            parks[row] = park.pk
    return ids, parks


def _fits(park: Region, place: Region | None) -> bool:
    return place is None or park.path.startswith(place.path)


def _figures_have_a_year(sheet: Sheet) -> None:
    given = [sheet.values[key] for key in FIGURES if key in sheet.values]
    if not given:
        return
    years = sheet.values.get("figures_year", [None] * sheet.table.height)
    column = sheet.columns.get("figures_year")
    told = {problem.row for problem in sheet.problems if problem.column == column}
    for row, cells in enumerate(zip(*given, strict=True)):
        if years[row] is None and row not in told and any(cell is not None for cell in cells):
            sheet.problem(row, "figures_year", "填了人员或金额，要写明是哪一年的：数据年度")


# -- the archive ---------------------------------------------------------------------------------


def _parties(sheet: Sheet) -> dict[str, int]:
    """Party by code, wherever it is registered: a code exists once in the whole platform."""
    codes = [code for code in sheet.codes if code]
    found: dict[str, int] = {}
    with opened("导入时核对统一社会信用代码是否已经登记"):
        for part in chunks(codes):
            rows = Party.objects.filter(kind=PartyKind.ENTERPRISE, uscc__in=part)
            found.update(rows.values_list("uscc", "pk"))
    return found


def _archives(actor: Actor, parties: dict[str, int]) -> dict[str, Enterprise]:
    """The archives that the officer may see, by code."""
    found: dict[str, Enterprise] = {}
    for part in chunks(list(parties.values())):
        rows = visible(actor, Enterprise).filter(party_id__in=part)
        found.update((row.uscc, row) for row in rows)
    return found


def _compare(actor: Actor, places: Places, plan: Plan) -> None:
    """Fill in changes and what is kept for every row that has an archive."""
    if not plan.existing:
        return
    sheet = plan.sheet
    ids = [each.enterprise.pk for each in plan.existing]
    saved: set[tuple[int, str]] = set()
    years: dict[tuple[int, int], EnterpriseYear] = {}
    for part in chunks(ids):
        states = visible(actor, SectionState).filter(enterprise_id__in=part, version__gt=0)
        saved.update(states.values_list("enterprise_id", "section"))
        for year in visible(actor, EnterpriseYear).filter(enterprise_id__in=part):
            years[year.enterprise_id, year.year] = year
    facts = declared(timezone.localdate().year)  # only the labels are used
    for each in plan.existing:
        _compare_row(plan, places, each, saved, years, facts)
        wanted = plan.place_ids[each.row]
        said = PLACE in sheet.values and sheet.values[PLACE][each.row]
        if said and wanted not in (0, each.enterprise.place_id):
            name = places.names.get(each.enterprise.place_id, "")
            sheet.problem(each.row, PLACE, f"这家企业登记在{name}，导入不能改所属县区")


def _compare_row(
    plan: Plan,
    places: Places,
    each: Existing,
    saved: set[tuple[int, str]],
    years: dict[tuple[int, int], EnterpriseYear],
    facts: dict[str, Any],
) -> None:
    sheet, row, enterprise = plan.sheet, each.row, each.enterprise
    number = sheet.values.get("figures_year", ())
    year = number[row] if number else None
    each.year = years.get((enterprise.pk, year)) if year is not None else None
    if name_key(enterprise.name) != sheet.keys[row]:
        _note(each, saved, Change(
            "name", "企业名称", enterprise.name, sheet.names[row], enterprise.name, sheet.names[row]
        ))  # fmt: skip
    for key, cells in sheet.values.items():
        new = cells[row]
        if new is None or key in (PLACE, "figures_year"):
            continue
        fact = facts[key]
        if key == "park":
            new = plan.park_ids[row]
            old: Any = enterprise.park_id
            same = old == new and (new is not None or enterprise.in_park is False)
            shown = (_park(places, old, enterprise.in_park), _park(places, new, new is not None))
        elif key in FIGURES:
            column = key if key == "people" else f"{key}_fen"
            old = getattr(each.year, column) if each.year is not None else None
            same, shown = old == new, (_shown(fact, old), _shown(fact, new))
        elif key in SENSITIVE:
            old, same, shown = _sensitive(sheet, row, key, enterprise, new)
        else:
            old = getattr(enterprise, key)
            same, shown = old == new, (_shown(fact, old), _shown(fact, new))
        if not same:
            label = f"{year}年{fact.label}" if key in FIGURES else fact.label
            _note(each, saved, Change(key, label, old, new, *shown))


def _note(each: Existing, saved: set[tuple[int, str]], change: Change) -> None:
    """A change, unless the enterprise has saved that part of its archive itself."""
    section = SECTION_OF.get(change.key)
    if section is not None and (each.enterprise.pk, section) in saved:
        each.kept.append(change.label)
    else:
        each.changes.append(change)


def _sensitive(
    sheet: Sheet, row: int, key: str, enterprise: Enterprise, new: str
) -> tuple[Any, bool, tuple[str, str]]:
    """Phones and accounts are compared by their digests; nobody reads the old one."""
    if key == "contact_name":
        old = str(enterprise.contact_name or "")
        return "", old == new, (f"{old[:1]}**" if old else "", f"{new[:1]}**")
    phone = key == "contact_phone"
    marks = sheet.phones if phone else sheet.accounts
    digest = enterprise.contact_phone_digest if phone else enterprise.bank_account_digest
    mask: Callable[[str], str] = mask_phone if phone else mask_account
    return digest, digest == marks[row], ("（原有）" if digest else "", mask(new))


def _shown(fact: Any, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if fact.kind == "text":
        return str(value)
    return str(fact.show(int(value)))


def _park(places: Places, park_id: int | None, in_park: bool | None) -> str:
    if park_id is not None:
        return places.names.get(park_id, "")
    return NO_PARK if in_park is False else ""


# -- clashes with others ------------------------------------------------------------------------


def _clashes(actor: Actor, sheet: Sheet) -> None:
    """The same name or account under another code; the same phone is only a doubt."""
    wrong = {problem.row for problem in sheet.problems}
    names: dict[str, tuple[str, str]] = {}
    for part in chunks([key for key in sheet.keys if key]):
        rows = visible(actor, SearchEntry).filter(name_key__in=part)
        for key, code, name in rows.values_list("name_key", "enterprise__uscc", "enterprise__name"):
            names[key] = (code, name)
    _tell(sheet, sheet.keys, names, wrong, NAME,
          "与已有企业“{}”（{}）名称相同、代码不同，请核对代码")  # fmt: skip
    for marks, column, key, said in (
        (sheet.accounts, "bank_account_digest", "bank_account",
         "与已有企业“{}”（{}）的银行账号相同，一个账号不能属于两家企业"),
        (sheet.phones, "contact_phone_digest", "contact_phone",
         "与已有企业“{}”（{}）的联系电话相同"),
    ):  # fmt: skip
        found: dict[str, tuple[str, str]] = {}
        for part in chunks([mark for mark in marks if mark]):
            rows_ = visible(actor, Enterprise).filter(**{f"{column}__in": part})
            for mark, code, name in rows_.values_list(column, "uscc", "name"):
                found[mark] = (code, name)
        _tell(sheet, marks, found, wrong, key, said)


def _tell(
    sheet: Sheet,
    marks: Sequence[str],
    found: dict[str, tuple[str, str]],
    wrong: set[int],
    key: str,
    said: str,
) -> None:
    if not found:
        return
    for row, mark in enumerate(marks):
        other = found.get(mark) if mark else None
        if other is not None and other[0] != sheet.codes[row]:
            doubt = key == "contact_phone"
            if doubt or row not in wrong:
                sheet.problem(row, key, said.format(other[1], other[0]), doubt=doubt)
