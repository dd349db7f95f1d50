"""A full archive, as an enterprise of 彭阳 would have it."""

from __future__ import annotations

from datetime import date

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.enterprises.actions.pilot import enter_pilot, set_survey
from shuzhuan.apps.enterprises.actions.qualifications import (
    add_qualification,
    confirm_qualifications,
)
from shuzhuan.apps.enterprises.actions.save_section import save_section
from shuzhuan.apps.enterprises.forms.sections import FiguresForm
from shuzhuan.apps.enterprises.models import Enterprise, Qualification
from shuzhuan.apps.enterprises.sections import SECTIONS


def save(actor: Actor, enterprise: Enterprise, key: str, **changed: str) -> None:
    section = SECTIONS[key]
    now = section.load(Enterprise.objects.get(pk=enterprise.pk))
    saved = save_section(actor, enterprise, section, {**now, **changed}, now)
    assert saved.stored, saved.form.errors
    enterprise.refresh_from_db()


def declare_clean(actor: Actor, enterprise: Enterprise, **changed: str) -> None:
    good = {"lawful_tax_compliant": "yes", "finance_sound": "yes"}
    names = [n for n in SECTIONS["declaration"].load(enterprise) if n != "explanation"]
    save(actor, enterprise, "declaration", **{n: good.get(n, "no") for n in names} | changed)


def add(actor: Actor, enterprise: Enterprise, kind: str, **more: str) -> Qualification:
    typed = {"kind": kind, "granted_on": "2024-06-01", **more}
    saved = add_qualification(actor, enterprise, typed)
    assert saved.stored, saved.form.errors
    return Qualification.objects.latest("pk")


def fill(
    enterprise: Enterprise,
    certifier: Actor,
    officer: Actor,
    pack: str = "pengyang",
    industry: str = "农副产品加工",
) -> None:
    """Everything an archive can know, for an enterprise in good standing on the pilot list."""
    save(
        certifier,
        enterprise,
        "basics",
        registered_on="2018-05-20",
        is_legal_person="yes",
        industry=industry,
        size_industry="2",
        park="none",
        above_scale="yes",
    )
    figures = {}
    for at, year in enumerate(FiguresForm.years()):
        figures |= {
            f"people_{year}": str(86 - at),
            f"revenue_{year}": str(32_000_000 - at * 1_000_000),
            f"main_revenue_{year}": "20000000",
            f"assets_{year}": "41000000",
            f"rd_{year}": "900000",
        }
    save(certifier, enterprise, "figures", **figures)
    declare_clean(certifier, enterprise)
    save(
        certifier,
        enterprise,
        "cloud",
        uses_cloud="yes",
        kind_1="saas",
        provider_1="云帆软件",
        annual_fee_1="68000",
        started_on_1="2024-03-01",
    )
    confirm_qualifications(certifier, enterprise)
    enter_pilot(officer, enterprise, pack, date(2026, 3, 1), "局务会议纪要", 1)
    enterprise.refresh_from_db()
    set_survey(officer, enterprise, 3, 2)
