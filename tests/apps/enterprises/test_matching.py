"""From archive to policy: facts, and the nearness of each clause, against the text by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.actions.pilot import enter_pilot, leave_pilot, set_survey
from shuzhuan.apps.enterprises.actions.qualifications import confirm_qualifications
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.queries import matching
from shuzhuan.apps.enterprises.queries.archive import Archive, load
from shuzhuan.apps.enterprises.queries.facts import FILLED_IN, facts_of
from shuzhuan.apps.enterprises.queries.matching import Gap, Nearness
from shuzhuan.apps.enterprises.queries.next_steps import steps
from shuzhuan.engine.policy.pack import Library
from shuzhuan.engine.policy.schema_facts import Source
from tests.apps.enterprises.filling import add, declare_clean, fill, save
from tests.cast import Cast, client_of

TODAY = date(2026, 11, 22)


def archive_of(enterprise: Enterprise) -> Archive:
    rows = Enterprise.objects.select_related("place", "park")
    return load(rows.get(pk=enterprise.pk), TODAY)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def stone(cast: Cast) -> Enterprise:
    """An enterprise of 惠安 under 泉州, whose county has no pack of its own."""
    return Enterprise.objects.get(party=cast.parties["huian_stone"])


@pytest.fixture
def people(cast: Cast) -> tuple[Actor, Actor]:
    return (
        actor_of(cast.person(Role.ENTERPRISE_CERTIFIER, "huian_stone")),
        actor_of(cast.person(Role.COUNTY_OFFICER, "huian")),
    )


def test_an_empty_archive_knows_only_where_it_is(mill: Enterprise) -> None:
    pack = Library.load().get("pengyang")
    assert facts_of(archive_of(mill), pack) == {
        "enterprise.is_pilot": False,
        "enterprise.registered_here": True,
    }


def test_facts_of_a_full_archive(mill: Enterprise, certifier: Actor, officer: Actor) -> None:
    fill(mill, certifier, officer)
    found = facts_of(archive_of(mill), Library.load().get("pengyang"))
    assert found == {
        "enterprise.is_pilot": True,
        "enterprise.is_sme": True,
        "enterprise.is_legal_person": True,
        "enterprise.registered_here": True,
        "enterprise.registered_on": "2018-05-20",
        "enterprise.in_leading_industry": True,
        "enterprise.in_park": False,
        "enterprise.willing_and_ready": True,
        "enterprise.revenue_last_year": "32000000.00",
        "enterprise.annual_cloud_fee": "68000.00",
        "enterprise.lawful_tax_compliant": True,
        "enterprise.finance_sound": True,
        "enterprise.bad_credit": False,
        "enterprise.on_abnormal_list": False,
        "enterprise.on_dishonest_list": False,
        "enterprise.on_procurement_blacklist": False,
        "enterprise.major_accident_3y": False,
        "enterprise.illegal_3y": False,
        "enterprise.refused_supervision": False,
        "project.same_kind_funded": False,
        "project.false_materials": False,
        "enterprise.high_tech": "none",
        "enterprise.is_benchmark": False,
    }


def test_every_mapped_key_is_a_fact_of_some_pack_and_of_the_right_kind(
    mill: Enterprise, certifier: Actor, officer: Actor
) -> None:
    fill(mill, certifier, officer)
    known: set[str] = set()
    for pack in Library.load().places.values():
        found = facts_of(archive_of(mill), pack)
        pack.bind(TODAY).decide(found)  # raises FactError for a value of the wrong kind
        known |= set(pack.facts)
    assert set(FILLED_IN) <= known


def test_pengyang_by_hand(mill: Enterprise, certifier: Actor, officer: Actor) -> None:
    """第七条（一） waits for the project's five facts; （二） fails on 标杆 as well."""
    fill(mill, certifier, officer)
    (place,) = matching.matches(archive_of(mill))
    found = {match.result.id: match for match in place.matches}
    assert set(found) == {"7-1", "7-2"}  # 7-3 pays services, not enterprises
    rebuild, benchmark = found["7-1"], found["7-2"]
    assert rebuild.nearness == Nearness.REACHABLE
    assert rebuild.fen == 40_000_000 and "40万元" in rebuild.amount
    assert [gap.text.partition("（")[0] for gap in rebuild.gaps] == [
        "通过验收",
        "完成改造任务",
        "改造前数字化水平",
        "改造后数字化水平",
        "实际投资额",
    ]
    assert benchmark.nearness == Nearness.REACHABLE
    assert any("标杆" in gap.text and not gap.unknown for gap in benchmark.gaps)


@pytest.mark.parametrize(
    "wrong",
    [
        {"major_accident_3y": "yes"},
        {"illegal_3y": "yes"},
        {"same_kind_funded": "yes"},
    ],
)
def test_what_cannot_change_makes_it_not_applicable(
    mill: Enterprise, certifier: Actor, officer: Actor, wrong: dict[str, str]
) -> None:
    fill(mill, certifier, officer)
    declare_clean(certifier, mill, **wrong)
    (place,) = matching.matches(archive_of(mill))
    assert {match.nearness for match in place.matches} == {Nearness.NOT}


def test_quanzhou_by_hand_for_an_enterprise_of_its_county(
    stone: Enterprise, people: tuple[Actor, Actor]
) -> None:
    certifier, officer = people
    fill(stone, certifier, officer, pack="quanzhou", industry="食品加工")
    # （二）上云: 30% of 68,000 = 20,400, below 10万, more than 5万 of fees: entitled.
    # （十八）高新: first, revenue 3200万 > 2000万: 40万; （九）专精特新 first: 10万.
    add(certifier, stone, "high_tech", stage="first", level="nation")
    add(certifier, stone, "specialised_sme", stage="first", level="province")
    add(certifier, stone, "smart_scene", level="province", title="质量追溯")
    add(certifier, stone, "smart_scene", level="province", title="能耗优化", number="2")
    add(certifier, stone, "key_lab", level="province")
    (place,) = matching.matches(archive_of(stone))
    found = {match.result.id: match for match in place.matches}
    entitled = {m.result.id: m.fen for m in place.of(Nearness.ENTITLED)}
    assert entitled["2"] == 2_040_000
    assert entitled["18"] == 40_000_000
    assert entitled["9-1"] == 10_000_000
    assert entitled["5"] == 20_000_000  # two provincial scenes, 10万 each
    assert entitled["14-1"] == 50_000_000
    assert found["9-2"].nearness == Nearness.NEARLY  # a renewal is the one thing that fails
    assert found["10"].nearness == Nearness.NEARLY  # one fact, told by the bureau
    assert [gap.unknown for gap in found["10"].gaps] == [True]
    assert all(match.gaps == () for match in place.of(Nearness.ENTITLED))


def test_the_size_decides_and_a_large_enterprise_is_out(
    mill: Enterprise, certifier: Actor, officer: Actor
) -> None:
    fill(mill, certifier, officer)
    save(certifier, mill, "figures", people_2025="1200", revenue_2025="900000000")
    assert mill.size_class == "large"
    found = facts_of(archive_of(mill), Library.load().get("pengyang"))
    assert found["enterprise.is_sme"] is False
    (place,) = matching.matches(archive_of(mill))
    rebuild = next(match for match in place.matches if match.result.id == "7-1")
    assert rebuild.nearness == Nearness.NOT
    assert any("中小微" in gap.text for gap in rebuild.gaps)


def test_what_is_not_listed_is_unknown_until_the_list_is_confirmed(
    stone: Enterprise, people: tuple[Actor, Actor]
) -> None:
    pack = Library.load().get("quanzhou")
    assert "enterprise.high_tech" not in facts_of(archive_of(stone), pack)
    confirm_qualifications(people[0], stone)
    found = facts_of(archive_of(stone), pack)
    assert found["enterprise.high_tech"] == "none"
    assert found["enterprise.provincial_scenes"] == 0
    assert found["enterprise.key_lab"] == "none"


def test_expired_and_withdrawn_recognitions_do_not_count(
    stone: Enterprise, people: tuple[Actor, Actor]
) -> None:
    from shuzhuan.apps.enterprises.actions.qualifications import withdraw_qualification

    certifier, _ = people
    pack = Library.load().get("quanzhou")
    confirm_qualifications(certifier, stone)
    add(certifier, stone, "high_tech", stage="first", expires_on="2026-11-21")
    assert facts_of(archive_of(stone), pack)["enterprise.high_tech"] == "none"
    row = add(certifier, stone, "high_tech", stage="renewed", granted_on="2026-11-20")
    assert facts_of(archive_of(stone), pack)["enterprise.high_tech"] == "renewed"
    withdraw_qualification(certifier, row, "登记错了")
    assert facts_of(archive_of(stone), pack)["enterprise.high_tech"] == "none"


def test_revenue_of_an_older_year_is_not_last_year(mill: Enterprise, certifier: Actor) -> None:
    save(certifier, mill, "figures", revenue_2024="5000000")
    pack = Library.load().get("pengyang")
    assert "enterprise.revenue_last_year" not in facts_of(archive_of(mill), pack)


def test_a_cloud_fee_is_unknown_while_one_is_missing(mill: Enterprise, certifier: Actor) -> None:
    pack = Library.load().get("pengyang")
    services = {"uses_cloud": "yes", "kind_1": "saas", "provider_1": "甲", "annual_fee_1": "100"}
    save(certifier, mill, "cloud", **services, kind_2="iaas", provider_2="乙")
    assert "enterprise.annual_cloud_fee" not in facts_of(archive_of(mill), pack)
    save(certifier, mill, "cloud", annual_fee_2="50.5")
    assert facts_of(archive_of(mill), pack)["enterprise.annual_cloud_fee"] == "150.50"
    save(certifier, mill, "cloud", ended_on_2="2025-01-01")
    assert facts_of(archive_of(mill), pack)["enterprise.annual_cloud_fee"] == "100.00"
    blank = {f"{name}_{n}": "" for n in (1, 2) for name in ("kind", "provider", "annual_fee")}
    save(certifier, mill, "cloud", **blank, ended_on_2="", uses_cloud="no")
    assert facts_of(archive_of(mill), pack)["enterprise.annual_cloud_fee"] == "0.00"


def test_leaving_the_list_is_a_change_that_can_be_undone(
    mill: Enterprise, certifier: Actor, officer: Actor
) -> None:
    fill(mill, certifier, officer)
    mill.refresh_from_db()
    leave_pilot(officer, mill, date(2026, 6, 1), "企业申请退出")
    (place,) = matching.matches(archive_of(mill))
    rebuild = next(match for match in place.matches if match.result.id == "7-1")
    assert rebuild.nearness == Nearness.REACHABLE
    assert any("不属于试点企业" in gap.text for gap in rebuild.gaps)
    mill.refresh_from_db()
    enter_pilot(officer, mill, "pengyang", date(2026, 7, 1), "重新纳入")


def test_a_weak_will_is_told_by_the_survey(mill: Enterprise, officer: Actor) -> None:
    pack = Library.load().get("pengyang")
    for willingness, readiness, expected in (
        (3, 2, True),
        (2, 3, False),
        (3, 1, False),
        (None, 1, False),
        (3, None, None),
        (None, None, None),
    ):
        set_survey(officer, mill, willingness, readiness)
        found = facts_of(archive_of(mill), pack).get("enterprise.willing_and_ready")
        assert found is expected, (willingness, readiness)


def test_nobody_is_sent_to_fill_in_what_others_supply(
    cast: Cast, mill: Enterprise, certifier: Actor, officer: Actor
) -> None:
    fill(mill, certifier, officer)
    (place,) = matching.matches(archive_of(mill))
    rebuild, benchmark = sorted(place.matches, key=lambda match: match.result.id)
    assert [(gap.text, gap.section) for gap in rebuild.gaps] == [
        ("通过验收（验收评测时认定）", ""),
        ("完成改造任务（项目实施中填报）", ""),
        ("改造前数字化水平（入企诊断时评定）", ""),
        ("改造后数字化水平（验收评测时认定）", ""),
        ("实际投资额（项目实施中填报）", ""),
    ]
    awarded = "未被遴选为数字化转型标杆企业（由主管部门认定，取得后在“资质”里登记）"
    assert (benchmark.gaps[0].text, benchmark.gaps[0].section) == (awarded, "")
    leave_pilot(officer, mill, date(2026, 6, 1), "企业申请退出")
    save(certifier, mill, "figures", people_2025="1200", revenue_2025="900000000")
    client = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    page = client.get("/my/policies/").content.decode()
    assert awarded in page and "不属于试点企业（由主管部门登记）" in page
    # What the firm has said itself is not missing: it can only be looked at again.
    assert 'href="/my/archive/figures/">去核对</a>' in page
    assert "去补上" not in page


def test_every_source_of_a_fact_and_every_condition_has_somebody_to_ask() -> None:
    assert set(get_args(Source)) == set(matching._TOLD_BY)
    for pack in Library.load().places.values():
        program = pack.bind(TODAY)
        for clause in program.clauses:
            for condition in clause.conditions:
                gap = matching._failed(pack, "没有满足", set(condition.keys))
                # A condition on the document itself, such as its stage, reads no fact.
                told = gap.section or gap.text.endswith("）") or not condition.keys
                assert told, (pack.id, condition.id)


def test_only_what_the_firm_can_tell_becomes_its_next_step(
    stone: Enterprise, people: tuple[Actor, Actor]
) -> None:
    certifier, officer = people
    fill(stone, certifier, officer, pack="quanzhou", industry="食品加工")
    add(certifier, stone, "specialised_sme", stage="first", level="province")
    archive = archive_of(stone)
    (place,) = matching.matches(archive)
    found = {match.result.id: match for match in place.matches}
    # A renewal is the one thing that fails: nothing that a form could mend.
    assert found["9-2"].nearness == Nearness.NEARLY
    unknown = replace(found["9-2"], gaps=(Gap("高新技术企业", "qualifications", True),))
    for match, expected in ((found["9-2"], []), (unknown, ["补上“高新技术企业”"])):
        titles = [step.title for step in steps(certifier, archive, {}, [match])]
        assert [title for title in titles if "补上" in title] == expected


def test_the_page_says_it_in_words(cast: Cast, mill: Enterprise, certifier: Actor) -> None:
    client = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    page = client.get("/my/policies/").content.decode()
    assert "中小企业数字化改造投入补助" in page and "可争取" in page
    assert "还不知道：合法经营、依法纳税" in page
    assert 'href="/my/archive/declaration/">去补上</a>' in page
    officer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    page = officer.get(f"/enterprises/{mill.pk}/policies/").content.decode()
    assert "还不知道：合法经营、依法纳税" in page and "/my/archive/" not in page
