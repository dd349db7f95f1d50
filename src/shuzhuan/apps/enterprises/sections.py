"""The sections of an archive: how each is read into a form and written back.

A section is a flat set of texts, ``{field: text}``, the same shape whether it comes from the
database, from a form or from a draft. That one shape makes drafts, versions and the comparison
of two people's changes the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import ENTERPRISE, Role
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.enterprises.fields import account_digest, phone_digest
from shuzhuan.apps.enterprises.forms.fields import (
    shown_count,
    shown_day,
    shown_yes_no,
    shown_yuan,
)
from shuzhuan.apps.enterprises.forms.sections import (
    CLOUD_FIELDS,
    DECLARED,
    NOT_IN_PARK,
    BasicsForm,
    CloudForm,
    ContactForm,
    DeclarationForm,
    FiguresForm,
    SectionForm,
)
from shuzhuan.apps.enterprises.models import CloudUse, Declaration, Enterprise, EnterpriseYear
from shuzhuan.apps.enterprises.models.records import CLOUD_SLOTS_MAX

Values = dict[str, str]
FILLERS = frozenset({Role.ENTERPRISE_FILLER, Role.ENTERPRISE_CERTIFIER})
_YEAR_COLUMNS = ("revenue", "main_revenue", "assets", "rd")


@dataclass(frozen=True, slots=True)
class Section:
    """``wanted``: the fields that count for progress, given the values so far."""

    key: str
    title: str
    lead: str
    icon: str
    form: type[SectionForm]
    load: Callable[[Enterprise], Values]
    apply: Callable[[Actor, Enterprise, Mapping[str, Any]], None]
    wanted: Callable[[Mapping[str, str]], tuple[str, ...]]
    writers: frozenset[Role] = FILLERS
    action: str = "save_section"

    def progress(self, values: Mapping[str, str]) -> tuple[int, int]:
        """How many of the wanted fields are filled, and how many are wanted."""
        wanted = self.wanted(values)
        return sum(1 for name in wanted if values.get(name)), len(wanted)


# -- basics -------------------------------------------------------------------------------------

_BASICS = ("registered_on", "is_legal_person", "industry", "size_industry", "park", "above_scale")


def _load_basics(enterprise: Enterprise) -> Values:
    if enterprise.park_id is not None:
        park = str(enterprise.park_id)
    else:
        park = NOT_IN_PARK if enterprise.in_park is False else ""
    return {
        "registered_on": shown_day(enterprise.registered_on),
        "is_legal_person": shown_yes_no(enterprise.is_legal_person),
        "industry": enterprise.industry,
        "size_industry": shown_count(enterprise.size_industry),
        "gbt4754": enterprise.gbt4754,
        "park": park,
        "above_scale": shown_yes_no(enterprise.above_scale),
    }


def _apply_basics(actor: Actor, enterprise: Enterprise, cleaned: Mapping[str, Any]) -> None:
    for name in ("registered_on", "is_legal_person", "industry", "gbt4754", "above_scale"):
        setattr(enterprise, name, cleaned[name])
    size_industry, park = cleaned["size_industry"], cleaned["park"]
    enterprise.size_industry = int(size_industry) if size_industry else None
    enterprise.park_id = int(park) if park not in ("", NOT_IN_PARK) else None
    enterprise.in_park = None if park == "" else park != NOT_IN_PARK


# -- figures ------------------------------------------------------------------------------------


def _load_figures(enterprise: Enterprise) -> Values:
    values: Values = {}
    rows = {row.year: row for row in enterprise.years.all()}
    for year in FiguresForm.years():
        row = rows.get(year)
        values[f"people_{year}"] = shown_count(row.people if row else None)
        for name in _YEAR_COLUMNS:
            values[f"{name}_{year}"] = shown_yuan(getattr(row, f"{name}_fen") if row else None)
    return values


def _apply_figures(actor: Actor, enterprise: Enterprise, cleaned: Mapping[str, Any]) -> None:
    for year in FiguresForm.years():
        row = {f"{name}_fen": cleaned[f"{name}_{year}"] for name in _YEAR_COLUMNS}
        row["people"] = cleaned[f"people_{year}"]
        key: dict[str, Any] = {
            "place_id": enterprise.place_id,
            "enterprise": enterprise,
            "year": year,
        }
        if any(value is not None for value in row.values()):
            EnterpriseYear.objects.update_or_create(**key, defaults=row)
        else:
            EnterpriseYear.objects.filter(**key).delete()


def _wanted_figures(values: Mapping[str, str]) -> tuple[str, ...]:
    last = FiguresForm.years()[0]
    return tuple(f"{name}_{last}" for name in ("people", *_YEAR_COLUMNS))


# -- contact ------------------------------------------------------------------------------------

_CONTACT = ("contact_name", "contact_phone", "bank_name", "bank_account")


def _load_contact(enterprise: Enterprise) -> Values:
    return {name: getattr(enterprise, name) or "" for name in _CONTACT}


def _apply_contact(actor: Actor, enterprise: Enterprise, cleaned: Mapping[str, Any]) -> None:
    for name in _CONTACT:
        setattr(enterprise, name, cleaned[name])
    enterprise.contact_phone_digest = phone_digest(cleaned["contact_phone"])
    enterprise.bank_account_digest = account_digest(cleaned["bank_account"])


# -- cloud use ----------------------------------------------------------------------------------


def _load_cloud(enterprise: Enterprise) -> Values:
    values = {"uses_cloud": shown_yes_no(enterprise.uses_cloud)}
    rows = {row.slot: row for row in enterprise.cloud_uses.all()}
    for slot in range(1, CLOUD_SLOTS_MAX + 1):
        row = rows.get(slot)
        shown = (
            ("", "", "", "", "", "")
            if row is None
            else (
                row.kind,
                row.provider,
                row.product,
                shown_yuan(row.annual_fee_fen),
                shown_day(row.started_on),
                shown_day(row.ended_on),
            )
        )
        values.update(
            {f"{name}_{slot}": text for name, text in zip(CLOUD_FIELDS, shown, strict=True)}
        )
    return values


def _apply_cloud(actor: Actor, enterprise: Enterprise, cleaned: Mapping[str, Any]) -> None:
    enterprise.uses_cloud = cleaned["uses_cloud"]
    for slot in range(1, CLOUD_SLOTS_MAX + 1):
        row = {name: cleaned[f"{name}_{slot}"] for name in CLOUD_FIELDS}
        row["annual_fee_fen"] = row.pop("annual_fee")
        key: dict[str, Any] = {
            "place_id": enterprise.place_id,
            "enterprise": enterprise,
            "slot": slot,
        }
        if row["provider"]:
            enterprise.uses_cloud = True
            CloudUse.objects.update_or_create(**key, defaults=row)
        else:
            CloudUse.objects.filter(**key).delete()


def _wanted_cloud(values: Mapping[str, str]) -> tuple[str, ...]:
    if values.get("uses_cloud") != "yes":
        return ("uses_cloud",)
    used = [n for n in range(1, CLOUD_SLOTS_MAX + 1) if values.get(f"provider_{n}")] or [1]
    return (
        "uses_cloud",
        *(f"{name}_{n}" for n in used for name in ("provider", "annual_fee", "started_on")),
    )


# -- declaration --------------------------------------------------------------------------------

_DECLARED = tuple(name for name, _, _ in DECLARED)


def _current(enterprise: Enterprise) -> Declaration | None:
    return next((row for row in enterprise.declarations.all() if row.is_current), None)


def _load_declaration(enterprise: Enterprise) -> Values:
    row = _current(enterprise)
    values = {name: shown_yes_no(getattr(row, name) if row else None) for name in _DECLARED}
    values["explanation"] = row.explanation if row else ""
    return values


def _apply_declaration(actor: Actor, enterprise: Enterprise, cleaned: Mapping[str, Any]) -> None:
    Declaration.objects.filter(
        place_id=enterprise.place_id, enterprise=enterprise, is_current=True
    ).update(is_current=False)
    Declaration.objects.create(
        place_id=enterprise.place_id,
        enterprise=enterprise,
        declared_by_id=user_of(actor),
        declared_on=timezone.localdate(),
        **{name: cleaned[name] for name in (*_DECLARED, "explanation")},
    )


SECTIONS: dict[str, Section] = {
    section.key: section
    for section in (
        Section(
            "basics",
            "基本情况",
            "属于哪个行业、在哪里、什么时候成立。",
            "building-store",
            BasicsForm,
            _load_basics,
            _apply_basics,
            lambda values: _BASICS,
        ),
        Section(
            "figures",
            "人员与经营",
            "按年度填写，照财务报表。有最近一个完整年度就能判断企业规模。",
            "chart-bar",
            FiguresForm,
            _load_figures,
            _apply_figures,
            _wanted_figures,
            writers=ENTERPRISE,
        ),
        Section(
            "declaration",
            "守法与信用声明",
            "多数政策都要看这些。由企业审定人如实声明。",
            "scale",
            DeclarationForm,
            _load_declaration,
            _apply_declaration,
            lambda values: _DECLARED,
            writers=frozenset({Role.ENTERPRISE_CERTIFIER}),
            action="declare",
        ),
        Section(
            "cloud",
            "上云用云",
            "现在用的云软件、云平台和云主机。",
            "link",
            CloudForm,
            _load_cloud,
            _apply_cloud,
            _wanted_cloud,
        ),
        Section(
            "contact",
            "联系与账户",
            "通知发给谁，奖补资金打到哪里。电话和账号加密保存。",
            "user",
            ContactForm,
            _load_contact,
            _apply_contact,
            lambda values: _CONTACT,
            writers=ENTERPRISE,
        ),
    )
}
