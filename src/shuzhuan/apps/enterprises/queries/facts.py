"""From the archive to the facts that policies ask about. What the archive does not know stays
unknown: a missing answer is never taken for a no."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from shuzhuan.apps.enterprises.forms.sections import OTHER_INDUSTRY
from shuzhuan.apps.enterprises.models import (
    Qualification,
    Readiness,
    SizeClass,
    Willingness,
)
from shuzhuan.apps.enterprises.models import QualificationKind as Kind
from shuzhuan.apps.enterprises.models import QualificationLevel as Grade
from shuzhuan.apps.enterprises.queries.archive import Archive
from shuzhuan.engine.money import format_plain
from shuzhuan.engine.policy.pack import Pack

Facts = dict[str, object]

_STAGED = {
    "enterprise.high_tech": Kind.HIGH_TECH,
    "enterprise.little_giant": Kind.LITTLE_GIANT,
    "enterprise.specialised_sme": Kind.SPECIALISED_SME,
}
# Held or not; with the levels that count, when the fact names them.
_HELD: dict[str, tuple[Kind, tuple[Grade, ...]]] = {
    "enterprise.is_benchmark": (Kind.BENCHMARK, ()),
    "enterprise.deep_cloud_use": (Kind.DEEP_CLOUD, ()),
    "enterprise.new_mode_benchmark": (Kind.NEW_MODE, (Grade.PROVINCE, Grade.NATION)),
    "enterprise.factory_5g": (Kind.FACTORY_5G, (Grade.PROVINCE, Grade.NATION)),
    "enterprise.provincial_demo_factory": (Kind.DEMO_FACTORY, (Grade.PROVINCE,)),
    "enterprise.national_demo_factory": (Kind.DEMO_FACTORY, (Grade.NATION,)),
}
_COUNTED: dict[str, tuple[Kind, tuple[Grade, ...]]] = {
    "enterprise.provincial_scenes": (Kind.SMART_SCENE, (Grade.PROVINCE,)),
    "enterprise.national_scenes": (Kind.SMART_SCENE, (Grade.NATION,)),
    "enterprise.city_ai_scenes": (Kind.AI_SCENE, (Grade.CITY,)),
    "enterprise.chain_cases": (Kind.CHAIN_CASE, ()),
}
_LEVELS = {Grade.CITY: "city", Grade.PROVINCE: "provincial", Grade.NATION: "national"}
_CLASSES = {Grade.CLASS_A: "class_a", Grade.CLASS_B: "class_b"}
_GRADED: dict[str, tuple[Kind, dict[Grade, str]]] = {
    "enterprise.key_lab": (Kind.KEY_LAB, _LEVELS),
    "enterprise.tech_centre": (Kind.TECH_CENTRE, _LEVELS),
    "enterprise.design_centre": (Kind.DESIGN_CENTRE, _LEVELS),
    "enterprise.centre_5g": (Kind.CENTRE_5G, _LEVELS),
    "enterprise.research_institute": (Kind.RESEARCH_INSTITUTE, _CLASSES),
}
_ADVANCED = (Grade.ADVANCED, Grade.EXCELLENT, Grade.PILOT)
_DECLARED = {
    **{
        f"enterprise.{name}": name
        for name in (
            "lawful_tax_compliant",
            "finance_sound",
            "bad_credit",
            "on_abnormal_list",
            "on_dishonest_list",
            "on_procurement_blacklist",
            "major_accident_3y",
            "illegal_3y",
            "refused_supervision",
        )
    },
    "project.same_kind_funded": "same_kind_funded",
    "project.false_materials": "false_materials",
}

# Where in the archive a missing fact is filled in; the rest comes from projects and officers.
FILLED_IN: dict[str, str] = {
    "enterprise.is_sme": "figures",
    "enterprise.is_legal_person": "basics",
    "enterprise.registered_on": "basics",
    "enterprise.in_leading_industry": "basics",
    "enterprise.in_park": "basics",
    "enterprise.revenue_last_year": "figures",
    "enterprise.annual_cloud_fee": "cloud",
    **dict.fromkeys(_DECLARED, "declaration"),
    **dict.fromkeys([*_STAGED, *_HELD, *_COUNTED, *_GRADED], "qualifications"),
    "enterprise.advanced_factory_in_pilot": "qualifications",
}


def facts_of(archive: Archive, pack: Pack) -> Facts:
    """Raw facts of an enterprise for a pack: only keys that the pack declares, only what is known."""
    found = _identity(archive, pack) | _business(archive) | _declared(archive)
    found |= _qualified(archive)
    return {key: value for key, value in found.items() if value is not None and key in pack.facts}


def _identity(archive: Archive, pack: Pack) -> Facts:
    row, entry = archive.enterprise, archive.open_entry
    return {
        "enterprise.is_pilot": entry is not None and entry.pack == pack.id,
        "enterprise.is_sme": None if not row.size_class else row.size_class != SizeClass.LARGE,
        "enterprise.is_legal_person": row.is_legal_person,
        "enterprise.registered_here": _lies_in(row.place.path, pack),
        "enterprise.registered_on": _day(row.registered_on),
        "enterprise.in_leading_industry": _leading(row.industry, pack),
        "enterprise.in_park": row.in_park,
        "enterprise.willing_and_ready": _willing(row.willingness, row.readiness),
    }


def _lies_in(path: str, pack: Pack) -> bool:
    return str(pack.source.pack.place.code) in path.split("/")


def _leading(industry: str, pack: Pack) -> bool | None:
    named = pack.source.pack.document.industries
    if not industry or not named:
        return None
    if industry in named:
        return True
    # An industry of another document may or may not fall under this one's.
    return False if industry == OTHER_INDUSTRY else None


def _willing(willingness: int | None, readiness: int | None) -> bool | None:
    """意愿强烈 and at least 有一定基础, as the survey found; a plain no of either decides."""
    if willingness is not None and willingness < Willingness.STRONG:
        return False
    if readiness is not None and readiness < Readiness.FAIR:
        return False
    return None if willingness is None or readiness is None else True


def _business(archive: Archive) -> Facts:
    row = archive.enterprise
    last_year = row.figures_year == archive.today.year - 1
    return {
        "enterprise.revenue_last_year": _yuan(row.revenue_last_year_fen) if last_year else None,
        "enterprise.annual_cloud_fee": _yuan(_cloud_fee(archive)),
    }


def _cloud_fee(archive: Archive) -> int | None:
    """Yearly fee of the services in use; unknown while one of them has none written."""
    if archive.enterprise.uses_cloud is None:
        return None
    live = [c for c in archive.cloud_uses if c.ended_on is None or c.ended_on >= archive.today]
    if archive.enterprise.uses_cloud and not archive.cloud_uses:
        return None
    fees = [use.annual_fee_fen for use in live]
    known = [fee for fee in fees if fee is not None]
    return sum(known) if len(known) == len(fees) else None


def _declared(archive: Archive) -> Facts:
    row = archive.declaration
    if row is None:
        return {}
    return {key: getattr(row, name) for key, name in _DECLARED.items()}


def _qualified(archive: Archive) -> Facts:
    """What is held is known; what is not listed is a no only once the list is complete."""
    complete = archive.enterprise.qualifications_complete_on is not None
    found: Facts = {}
    for key, kind in _STAGED.items():
        held = _of(archive.valid, kind)
        if held:
            found[key] = held[0].stage or None
        elif complete:
            found[key] = "none"
    for key, (kind, grades) in _HELD.items():
        found[key] = True if _of(archive.valid, kind, grades) else (False if complete else None)
    for key, (kind, grades) in _COUNTED.items():
        found[key] = len(_of(archive.valid, kind, grades)) if complete else None
    for key, (kind, codes) in _GRADED.items():
        found[key] = _best(archive.valid, kind, codes) or ("none" if complete else None)
    entry = archive.open_entry
    advanced = _of(archive.valid, Kind.SMART_FACTORY, _ADVANCED)
    if entry is not None and any(q.granted_on >= entry.entered_on for q in advanced):
        found["enterprise.advanced_factory_in_pilot"] = True
    elif complete:
        found["enterprise.advanced_factory_in_pilot"] = False
    return found


def _of(
    rows: Iterable[Qualification], kind: Kind, grades: tuple[Grade, ...] = ()
) -> list[Qualification]:
    return [q for q in rows if q.kind == kind and (not grades or q.level in grades)]


def _best(rows: list[Qualification], kind: Kind, codes: dict[Grade, str]) -> str | None:
    """The highest grade held; for classes the first listed wins."""
    order = list(codes)
    held = [Grade(q.level) for q in _of(rows, kind) if q.level in codes]
    if not held:
        return None
    if Grade.CLASS_A in codes:
        return codes[min(held, key=order.index)]
    return codes[max(held, key=order.index)]


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else format_plain(fen)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
