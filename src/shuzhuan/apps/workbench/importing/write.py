"""Writing a plan: every table by bulk statements, inside the caller's transaction."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model, prefetch_related_objects
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.enterprises.actions import summary
from shuzhuan.apps.enterprises.models import Enterprise, EnterpriseYear
from shuzhuan.apps.workbench.importing.fields import FIGURES
from shuzhuan.apps.workbench.importing.plan import Existing, Plan, chunks
from shuzhuan.apps.workbench.models import ImportItem, ImportRun, SearchEntry
from shuzhuan.apps.workbench.search import name_key, search_text

_PLAIN = (
    "industry", "size_industry", "gbt4754", "is_legal_person", "above_scale", "uses_cloud",
    "bank_name", "willingness", "readiness", "survey_note",
)  # fmt: skip
_EMPTY_TEXT = frozenset({"industry", "gbt4754", "bank_name", "survey_note"})
_YEAR_COLUMNS = ("people", "revenue_fen", "main_revenue_fen", "assets_fen", "rd_fen")
_NEW = (
    "party_id", "place_id", "name", "uscc", "park_id", "in_park", "registered_on", *_PLAIN,
    "figures_year", "people", "revenue_last_year_fen", "main_revenue_last_year_fen", "assets_fen",
    "size_class", "size_explanation", "completeness", "contact_name", "contact_phone",
    "contact_phone_digest", "bank_account", "bank_account_digest", "surveyed_on", "pilot_state",
    "created_at", "updated_at",
)  # fmt: skip
_CHANGED = (
    "name", "park_id", "in_park", "registered_on", *_PLAIN, "figures_year", "people",
    "revenue_last_year_fen", "main_revenue_last_year_fen", "assets_fen", "size_class",
    "size_explanation", "completeness", "contact_name", "contact_phone", "contact_phone_digest",
    "bank_account", "bank_account_digest", "surveyed_on", "updated_at",
)  # fmt: skip
# Copies in the archive of the year's columns.
_COPIES = {
    "people": "people",
    "revenue_fen": "revenue_last_year_fen",
    "main_revenue_fen": "main_revenue_last_year_fen",
    "assets_fen": "assets_fen",
}


def write(plan: Plan, run: ImportRun) -> dict[int, tuple[int, str]]:
    """Store everything. Returns, by place, how many enterprises and the hash over their items."""
    now = timezone.now()
    made = _write_new(plan, now)
    _write_changed(plan.changed, plan, now)
    items = [(plan.place_ids[row], run.pk, pk, True, "") for row, pk in made]
    items += [
        (each.enterprise.place_id, run.pk, each.enterprise.pk, False,
         ",".join(change.key for change in each.changes))
        for each in plan.changed
    ]  # fmt: skip
    run.manifest = manifest_of(items)
    _insert(ImportItem, ("place_id", "run_id", "enterprise_id", "is_new", "fields"), items)
    return _manifests(items)


def manifest_of(items: Iterable[Sequence[Any]]) -> str:
    """The hash over items (place, run, enterprise, new, fields) in the order of the enterprises."""
    mark = hashlib.sha256()
    for item in sorted(items, key=lambda each: int(each[2])):
        mark.update(f"{item[2]}\t{int(item[3])}\t{item[4]}\n".encode())
    return mark.hexdigest()


def _manifests(items: list[tuple[int, int, int, bool, str]]) -> dict[int, tuple[int, str]]:
    by_place: dict[int, list[tuple[int, int, int, bool, str]]] = defaultdict(list)
    for item in items:
        by_place[item[0]].append(item)
    return {place: (len(rows), manifest_of(rows)) for place, rows in sorted(by_place.items())}


# -- new enterprises --------------------------------------------------------------------------


def _write_new(plan: Plan, now: datetime) -> list[tuple[int, int]]:
    """Parties, archives, years and search entries. Returns row and id of each archive."""
    if not plan.new:
        return []
    sheet, moment = plan.sheet, connection.ops.adapt_datetimefield_value(now)
    parties = [
        (
            plan.place_ids[row],
            PartyKind.ENTERPRISE.value,
            sheet.names[row],
            sheet.codes[row],
            moment,
        )
        for row in plan.new
    ]
    last = _last_id(Party)
    _insert(Party, ("place_id", "kind", "name", "uscc", "created_at"), parties)
    party_ids = dict(
        Party.objects.filter(pk__gt=last, kind=PartyKind.ENTERPRISE).values_list("uscc", "pk")
    )
    builder = _Builder(plan, moment)
    rows = [builder.row(row, party_ids[sheet.codes[row]]) for row in plan.new]
    last = _last_id(Enterprise)
    _insert(Enterprise, _NEW, rows)
    ids = dict(Enterprise.objects.filter(pk__gt=last).values_list("party_id", "pk"))
    made = [(row, ids[party_ids[sheet.codes[row]]]) for row in plan.new]
    years = [
        (plan.place_ids[row], pk, sheet.values["figures_year"][row], *builder.figures(row))
        for row, pk in made
        if builder.has_figures(row)
    ]
    _insert(EnterpriseYear, ("place_id", "enterprise_id", "year", *_YEAR_COLUMNS), years)
    entries = [
        (pk, plan.place_ids[row], search_text(sheet.names[row], sheet.codes[row]), sheet.keys[row])
        for row, pk in made
    ]
    _insert(SearchEntry, ("enterprise_id", "place_id", "text", "name_key"), entries)
    return made


class _Builder:
    """Rows of new archives. What depends only on which cells are filled is computed once."""

    def __init__(self, plan: Plan, moment: Any) -> None:
        self.plan, self.sheet, self.moment = plan, plan.sheet, moment
        none = [None] * plan.sheet.table.height
        values = plan.sheet.values
        self.columns = {key: values.get(key, none) for key in (*_PLAIN, *FIGURES)}
        self.years = values.get("figures_year", none)
        self.days = values.get("registered_on", none)
        self.parks = values.get("park", none)
        self.contacts = [
            values.get(k, none) for k in ("contact_name", "contact_phone", "bank_account")
        ]
        self.sealers = [
            Enterprise._meta.get_field(k) for k in ("contact_name", "contact_phone", "bank_account")
        ]
        self.plain = [self.columns[key] for key in _PLAIN]
        self.defaults = ["" if key in _EMPTY_TEXT else None for key in _PLAIN]
        self.amounts = [self.columns[key] for key in FIGURES]
        self.today = connection.ops.adapt_datefield_value(timezone.localdate())
        self.sizing = Enterprise()
        self._complete: dict[tuple[Any, ...], int] = {}
        self._classes: dict[tuple[Any, ...], tuple[str, str]] = {}

    def figures(self, row: int) -> tuple[Any, ...]:
        return tuple(column[row] for column in self.amounts)

    def has_figures(self, row: int) -> bool:
        return any(column[row] is not None for column in self.amounts)

    def row(self, row: int, party_id: int) -> tuple[Any, ...]:
        """The values of _NEW."""
        plan, sheet = self.plan, self.sheet
        plain = [
            default if column[row] is None else column[row]
            for column, default in zip(self.plain, self.defaults, strict=True)
        ]
        people, revenue, main, assets, _ = figures = self.figures(row)
        year = self.years[row] if self.has_figures(row) else None
        in_park = True if plan.park_ids[row] is not None else (False if self.parks[row] else None)
        day = self.days[row]
        size, why = self._size(self.columns["size_industry"][row], year, people, revenue, assets)
        surveyed = (
            self.columns["willingness"][row] is not None
            or self.columns["readiness"][row] is not None
        )
        name, phone, account = (
            field.seal(cells[row], {"party_id": party_id}) if cells[row] else ""  # type: ignore[union-attr]
            for field, cells in zip(self.sealers, self.contacts, strict=True)
        )
        return (
            party_id, plan.place_ids[row], sheet.names[row], sheet.codes[row], plan.park_ids[row],
            in_park, day.isoformat() if day is not None else None, *plain,
            year, people, revenue, main, assets,
            size, why, self._completeness(row, plain, day, in_park, figures, year),
            name, phone, sheet.phones[row], account, sheet.accounts[row],
            self.today if surveyed else None, "none", self.moment, self.moment,
        )  # fmt: skip

    def _size(
        self, industry: int | None, year: int | None, *measures: int | None
    ) -> tuple[str, str]:
        key = (industry, year, *measures)
        found = self._classes.get(key)
        if found is None:
            row = self.sizing
            row.size_industry, row.figures_year = industry, year
            row.people, row.revenue_last_year_fen, row.assets_fen = measures
            summary.refresh_size(row)
            found = self._classes[key] = (row.size_class, row.size_explanation)
        return found

    def _completeness(
        self, row: int, plain: list[Any], day: Any, in_park: bool | None,
        figures: tuple[Any, ...], year: int | None,
    ) -> int:  # fmt: skip
        """Depends only on which answers are there, so it is computed once per pattern."""
        there = tuple(value is not None and value != "" for value in plain)
        given = tuple(value is not None for value in figures)
        contact = tuple(bool(cells[row]) for cells in self.contacts)
        key = (there, plain[_PLAIN.index("uses_cloud")], day is None, in_park, given, year, contact)
        found = self._complete.get(key)
        if found is None:
            found = self._complete[key] = summary.completeness(
                self._sample(row, plain, in_park, figures, year)
            )
        return found

    def _sample(
        self, row: int, plain: list[Any], in_park: bool | None, figures: tuple[Any, ...],
        year: int | None,
    ) -> Enterprise:  # fmt: skip
        sample = Enterprise(pk=0, in_park=in_park, registered_on=self.days[row])
        sample.park_id = self.plan.park_ids[row]
        for name, value in zip(_PLAIN, plain, strict=True):
            setattr(sample, name, value)
        for name, cells in zip(
            ("contact_name", "contact_phone", "bank_account"), self.contacts, strict=True
        ):
            setattr(sample, name, cells[row] or "")
        years = []
        if year is not None:
            years = [EnterpriseYear(year=year, **dict(zip(_YEAR_COLUMNS, figures, strict=True)))]
        known: dict[str, Any] = {"years": years, "cloud_uses": [], "declarations": []}
        sample._prefetched_objects_cache = known  # type: ignore[attr-defined]
        return sample


# -- changed enterprises ------------------------------------------------------------------------


def _write_changed(changed: Sequence[Existing], plan: Plan, now: datetime) -> None:
    for part in chunks(changed):
        prefetch_related_objects(
            [each.enterprise for each in part], "years", "cloud_uses", "declarations"
        )
        years = [year for each in part if (year := _apply(each, plan, now)) is not None]
        EnterpriseYear.objects.bulk_create([year for year in years if year.pk is None])
        _update(EnterpriseYear, _YEAR_COLUMNS, [year for year in years if year.pk is not None])
        renamed = [each.enterprise for each in part if _renamed(each)]
        _update(Enterprise, _CHANGED, [each.enterprise for each in part])
        if renamed:
            _rename(renamed)


def _renamed(each: Existing) -> bool:
    return any(change.key == "name" for change in each.changes)


def _apply(each: Existing, plan: Plan, now: datetime) -> EnterpriseYear | None:
    """Put the changes onto the archive; the year that was touched."""
    enterprise, sheet = each.enterprise, plan.sheet
    touched: EnterpriseYear | None = None
    for change in each.changes:
        key = change.key
        if key == "park":
            enterprise.park_id, enterprise.in_park = change.new, change.new is not None
        elif key in FIGURES:
            touched = touched or each.year or _year(each, sheet.values["figures_year"][each.row])
            setattr(touched, key if key == "people" else f"{key}_fen", change.new)
        else:
            setattr(enterprise, key, change.new)
        if key == "contact_phone":
            enterprise.contact_phone_digest = sheet.phones[each.row]
        elif key == "bank_account":
            enterprise.bank_account_digest = sheet.accounts[each.row]
        elif key in ("willingness", "readiness"):
            enterprise.surveyed_on = timezone.localdate(now)
    if touched is not None:
        _remember(enterprise, touched)
    enterprise.updated_at = now
    summary.refresh_size(enterprise)
    enterprise.completeness = summary.completeness(enterprise)
    return touched


def _year(each: Existing, year: int) -> EnterpriseYear:
    enterprise = each.enterprise
    return EnterpriseYear(place_id=enterprise.place_id, enterprise=enterprise, year=year)


def _remember(enterprise: Enterprise, touched: EnterpriseYear) -> None:
    """Copy the figures where they are the latest, and let the completeness see them."""
    if touched.year >= (enterprise.figures_year or 0):
        enterprise.figures_year = touched.year
        for column, copy in _COPIES.items():
            setattr(enterprise, copy, getattr(touched, column))
    others = [row for row in enterprise.years.all() if row.year != touched.year]
    enterprise._prefetched_objects_cache["years"] = [*others, touched]  # type: ignore[attr-defined]


def _rename(enterprises: list[Enterprise]) -> None:
    for enterprise in enterprises:
        Party.objects.filter(pk=enterprise.party_id).update(name=enterprise.name)
        SearchEntry.objects.filter(pk=enterprise.pk).update(
            text=search_text(enterprise.name, enterprise.uscc), name_key=name_key(enterprise.name)
        )


# -- statements -----------------------------------------------------------------------------------


def _last_id(model: type[Model]) -> int:
    last = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return int(last or 0)


def _insert(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """INSERT of prepared values; columns that are not named take the model's defaults."""
    if not rows:
        return
    fields = {f.attname: f for f in model._meta.concrete_fields}
    rest = {
        name: f.get_db_prep_save(f.get_default(), connection)
        for name, f in fields.items()
        if name not in columns and not f.primary_key
    }
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(fields[name].column)) for name in (*columns, *rest))
    marks = ", ".join(["%s"] * (len(columns) + len(rest)))
    tail = tuple(rest.values())
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})",  # noqa: S608
            [(*row, *tail) for row in rows] if tail else rows,
        )


def _update(model: type[Model], columns: Sequence[str], rows: Sequence[Model]) -> None:
    """UPDATE of whole rows by id."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    used = [fields[name] for name in columns]
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(str(f.column))} = %s" for f in used)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE id = %s",  # noqa: S608
            [
                (
                    *(f.get_db_prep_save(f.pre_save(row, add=False), connection) for f in used),
                    row.pk,
                )
                for row in rows
            ],
        )
