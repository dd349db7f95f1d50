"""Saving by sections: nothing is lost, nothing of a colleague is overwritten, mistakes are named."""

from __future__ import annotations

import json

import pytest

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.actions.save_draft import read
from shuzhuan.apps.enterprises.actions.save_section import merge, save_section
from shuzhuan.apps.enterprises.models import Draft, Enterprise, SectionState, SectionVersion
from shuzhuan.apps.enterprises.sections import SECTIONS
from tests.cast import Cast, client_of

BASICS = {
    "registered_on": "2018-05-20",
    "is_legal_person": "yes",
    "industry": "农副产品加工",
    "size_industry": "2",
    "gbt4754": "c1431",
    "park": "none",
    "above_scale": "yes",
}


def save(actor: Actor, enterprise: Enterprise, key: str, **changed: str):
    section = SECTIONS[key]
    now = section.load(Enterprise.objects.get(pk=enterprise.pk))
    return save_section(actor, enterprise, section, {**now, **changed}, now)


def test_what_is_saved_reads_back_and_is_audited(mill: Enterprise, filler: Actor) -> None:
    saved = save(filler, mill, "basics", **BASICS)
    assert saved.stored and saved.version == 1
    mill.refresh_from_db()
    assert mill.gbt4754 == "C1431" and mill.in_park is False and mill.is_legal_person is True
    assert SECTIONS["basics"].load(mill) == BASICS | {"gbt4754": "C1431"}
    entry = Entry.objects.latest("pk")
    assert (entry.action, entry.object_id, entry.user_id) == (
        "save_section",
        str(mill.pk),
        filler.user_id,
    )
    assert json.loads(entry.detail)["section"] == "basics"
    # What stood there before the first save is kept as version 0.
    assert list(SectionVersion.objects.order_by("version").values_list("version", flat=True)) == [
        0,
        1,
    ]


def test_figures_set_size_and_explanation_and_the_latest_full_year(
    mill: Enterprise, filler: Actor
) -> None:
    save(filler, mill, "basics", **BASICS)
    years = SECTIONS["figures"].form.years()  # type: ignore[attr-defined]
    saved = save(
        filler,
        mill,
        "figures",
        **{
            f"people_{years[0]}": "86",
            f"revenue_{years[0]}": "32000000",
            f"revenue_{years[1]}": "99999999",
        },
    )
    assert saved.stored
    mill.refresh_from_db()
    assert (mill.figures_year, mill.people, mill.revenue_last_year_fen) == (
        years[0],
        86,
        3_200_000_000,
    )
    assert mill.size_class == "small"
    assert "从业人员86人，未达到中型下限300人" in mill.size_explanation
    assert "工信部联企业〔2011〕300号" in mill.size_explanation
    # Without people the class of an industrial enterprise of this revenue stays open.
    save(filler, mill, "figures", **{f"people_{years[0]}": ""})
    mill.refresh_from_db()
    assert mill.size_class == "" and "还缺：从业人员" in mill.size_explanation


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("people", "八十", "不是整数"),
        ("people", "1e3", "不是整数"),
        ("people", "99999999", "太大"),
        ("revenue", "３２００", "全角"),
        ("revenue", "3,200", "千分位"),
        ("revenue", "320万", "不是金额"),
        ("revenue", "-5", "不能是负数"),
        ("main_revenue", "900", "不会超过营业收入"),
    ],
)
def test_a_mistake_changes_nothing_and_is_named(
    mill: Enterprise, filler: Actor, field: str, text: str, said: str
) -> None:
    last = SECTIONS["figures"].form.years()[0]  # type: ignore[attr-defined]
    changed = {f"revenue_{last}": "800", f"{field}_{last}": text}
    saved = save(filler, mill, "figures", **changed)
    assert not saved.stored
    assert said in " ".join(saved.form.errors[f"{field}_{last}"])
    assert mill.years.count() == 0
    assert saved.form[f"{field}_{last}"].value() == text  # shown again exactly as typed


def test_two_people_on_different_fields_both_win(
    mill: Enterprise, filler: Actor, certifier: Actor
) -> None:
    section = SECTIONS["basics"]
    shown = section.load(mill)  # both open the form now
    save(certifier, mill, "basics", industry="装备制造")
    mine = {**shown, "gbt4754": "C1431"}
    saved = save_section(filler, mill, section, mine, shown)
    assert saved.stored and saved.merged == ("所属细分行业",)
    mill.refresh_from_db()
    assert (mill.industry, mill.gbt4754) == ("装备制造", "C1431")


def test_two_people_on_one_field_are_asked_and_nothing_changes(
    mill: Enterprise, filler: Actor, certifier: Actor
) -> None:
    section = SECTIONS["basics"]
    shown = section.load(mill)
    save(certifier, mill, "basics", industry="装备制造")
    saved = save_section(filler, mill, section, {**shown, "industry": "轻工纺织"}, shown)
    assert not saved.stored
    (conflict,) = saved.conflicts
    assert (conflict.name, conflict.mine, conflict.theirs) == ("industry", "轻工纺织", "装备制造")
    assert saved.by
    mill.refresh_from_db()
    assert mill.industry == "装备制造"
    assert SectionState.objects.get(section="basics").version == 1


def test_a_save_that_does_not_say_what_it_saw_cannot_overwrite(
    mill: Enterprise, filler: Actor, certifier: Actor
) -> None:
    save(certifier, mill, "basics", industry="装备制造")
    typed = {**SECTIONS["basics"].load(mill), "industry": "轻工纺织"}
    saved = save_section(filler, mill, SECTIONS["basics"], typed, {})
    assert saved.conflicts and not saved.stored


@pytest.mark.parametrize(
    ("now", "mine", "before", "wanted", "clash", "merged"),
    [
        ("a", "b", "a", "b", False, False),  # only I changed it
        ("b", "a", "a", "b", False, True),  # only the colleague did
        ("b", "b", "a", "b", False, False),  # both the same way
        ("b", "c", "a", "c", True, False),  # both, differently
        ("a", "", "a", "", False, False),  # I emptied it
        ("", "a", "a", "", False, True),  # the colleague emptied it
    ],
)
def test_merging_one_field(
    now: str, mine: str, before: str, wanted: str, clash: bool, merged: bool
) -> None:
    assert merge({"f": now}, {"f": mine}, {"f": before}) == (
        {"f": wanted},
        ["f"] if clash else [],
        ["f"] if merged else [],
    )


def test_the_conflict_page_asks_per_field_and_stores_the_choice(
    cast: Cast, mill: Enterprise
) -> None:
    mine = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    theirs = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    url = "/my/archive/basics/"
    was = {f"was.{name}": text for name, text in SECTIONS["basics"].load(mill).items()}
    theirs.post(url, {"industry": "装备制造", "gbt4754": "C35", **was, "do": "save"})
    answer = mine.post(url, {"industry": "轻工纺织", "gbt4754": "C14", **was, "do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "轻工纺织" in page and "装备制造" in page and "C35" in page
    # The draft holds what was typed; nothing has been stored.
    assert read(Draft.objects.get())[0]["industry"] == "轻工纺织"
    chosen = {
        "industry": "轻工纺织",
        "gbt4754": "C14",
        "seen.industry": "装备制造",
        "seen.gbt4754": "C35",
        "choose.industry": "mine",
        "choose.gbt4754": "theirs",
        "do": "save",
    }
    rest = {k: v for k, v in was.items() if k not in ("was.industry", "was.gbt4754")}
    # The colleague is quicker once more: the same field is asked again, nothing is overwritten.
    again = {**was, "was.industry": "装备制造", "was.gbt4754": "C35"}
    theirs.post(url, {"industry": "新型材料", "gbt4754": "C35", **again, "do": "save"})
    assert mine.post(url, {**rest, **chosen}).status_code == 409
    mill.refresh_from_db()
    assert mill.industry == "新型材料"
    answer = mine.post(url, {**rest, **chosen, "seen.industry": "新型材料"})
    assert answer.status_code == 302
    mill.refresh_from_db()
    assert (mill.industry, mill.gbt4754) == ("轻工纺织", "C35")
    assert not Draft.objects.exists()


def test_drafts_keep_what_is_invalid_and_belong_to_one_person(cast: Cast, mill: Enterprise) -> None:
    mine = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    theirs = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    last = SECTIONS["figures"].form.years()[0]  # type: ignore[attr-defined]
    typed = {f"revenue_{last}": "三千二百万 <待核对>", f"people_{last}": "约86"}
    answer = mine.post("/my/archive/figures/draft/", typed)
    assert answer.status_code == 200 and "草稿已自动保存" in answer.content.decode()
    page = mine.get("/my/archive/figures/").content.decode()
    assert "三千二百万 &lt;待核对&gt;" in page and "约86" in page
    assert "三千二百万" not in theirs.get("/my/archive/figures/").content.decode()
    # A plain form, without scripts, keeps the same.
    mine.post("/my/archive/figures/", {f"people_{last}": "约90", "do": "draft"})
    assert "约90" in mine.get("/my/archive/figures/").content.decode()
    # A refused save keeps what was typed as well, also when the browser goes away.
    mine.post("/my/archive/figures/", {f"people_{last}": "九十", "do": "save"})
    assert "九十" in mine.get("/my/archive/figures/").content.decode()
    mine.post("/my/archive/figures/", {"do": "discard"})
    assert "九十" not in mine.get("/my/archive/figures/").content.decode()


def test_only_the_right_role_writes_a_section(cast: Cast, mill: Enterprise) -> None:
    filler = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    finance = client_of(cast.person(Role.ENTERPRISE_FINANCE, "pengyang_mill"))
    certifier = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    declared = {"finance_sound": "yes", "do": "save"}
    assert filler.post("/my/archive/declaration/", declared).status_code == 403
    assert finance.post("/my/archive/basics/", {"do": "save"}).status_code == 403
    assert finance.post("/my/archive/basics/draft/").status_code == 403
    assert certifier.post("/my/archive/declaration/", declared).status_code == 302
    row = mill.declarations.get(is_current=True)
    assert row.finance_sound is True and row.bad_credit is None
    assert row.declared_by_id == cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill").user_id
    assert Entry.objects.filter(action="declare").count() == 1


def test_a_new_declaration_keeps_the_old_one(mill: Enterprise, certifier: Actor) -> None:
    save(certifier, mill, "declaration", bad_credit="no")
    save(certifier, mill, "declaration", bad_credit="yes", explanation="2025年一笔贷款逾期，已结清")
    rows = list(mill.declarations.order_by("pk").values_list("bad_credit", "is_current"))
    assert rows == [(False, False), (True, True)]


def test_nobody_without_an_enterprise_writes(cast: Cast, mill: Enterprise) -> None:
    for role, where in (
        (Role.COUNTY_OFFICER, "pengyang"),
        (Role.VENDOR_STAFF, "vendor_guyuan"),
        (Role.SYSTEM_ADMIN, "ningxia"),
    ):
        client = client_of(cast.person(role, where))
        assert client.get("/my/archive/basics/").status_code in (302, 403)
        assert client.post("/my/archive/basics/", {"do": "save"}).status_code == 403


def test_sensitive_fields_are_sealed_in_the_database(mill: Enterprise, filler: Actor) -> None:
    from django.db import connection

    save(filler, mill, "contact", contact_phone="13812345678", bank_account="6222 0012 3456 7890")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM enterprises_enterprise WHERE id = %s", [mill.pk])
        stored = " ".join(map(str, cursor.fetchone()))
        cursor.execute("SELECT text FROM enterprises_sectionversion")
        stored += " ".join(row[0] for row in cursor.fetchall())
    assert "13812345678" not in stored and "3456" not in stored
    mill.refresh_from_db()
    assert mill.contact_phone == "13812345678" and mill.contact_phone_digest
