"""Consent opens an archive to one vendor, in its parts, for its time, and closes it at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.actions.register_enterprise import open_archive
from shuzhuan.apps.enterprises.models import Declaration, Enterprise, EnterpriseYear, Qualification
from shuzhuan.apps.vendors.actions.consent import (
    grant_consent,
    refuse_consent,
    request_consent,
    withdraw_consent,
)
from shuzhuan.apps.vendors.models import Consent, ConsentState
from tests.apps.enterprises.filling import fill
from tests.cast import Cast, canary, client_of, uscc

DAY = timedelta(days=1)
FINANCE = frozenset({"sees_finance"})


@pytest.fixture
def archives(cast: Cast) -> Cast:
    for party in cast.parties.values():
        if party.kind == PartyKind.ENTERPRISE:
            open_archive(party)
    return cast


@pytest.fixture
def mill(archives: Cast) -> Enterprise:
    found = Enterprise.objects.get(party=archives.parties["pengyang_mill"])
    officer = actor_of(archives.person(Role.COUNTY_OFFICER, "pengyang"))
    fill(found, actor_of(archives.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")), officer)
    return found


@pytest.fixture
def vendor(archives: Cast) -> Actor:
    return actor_of(archives.person(Role.VENDOR_STAFF, "vendor_guyuan"))


@pytest.fixture
def certifier(archives: Cast) -> Actor:
    return actor_of(archives.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))


def today() -> date:
    return timezone.localdate()


def granted(
    vendor: Actor, certifier: Actor, mill: Enterprise, parts: frozenset[str] = frozenset()
) -> Consent:
    asked = request_consent(vendor, mill.uscc, "数字化诊断")
    return grant_consent(certifier, asked, today(), today() + 30 * DAY, parts)


def seen(actor: Actor) -> set[str]:
    return set(visible(actor, Enterprise).values_list("uscc", flat=True))


def test_nothing_without_consent_and_only_that_archive_with_it(
    archives: Cast, vendor: Actor, certifier: Actor, mill: Enterprise
) -> None:
    assert seen(vendor) == set()
    asked = request_consent(vendor, mill.uscc, "数字化诊断", FINANCE)
    assert seen(vendor) == set()  # asking opens nothing
    grant_consent(certifier, asked, today(), today() + DAY, frozenset())
    assert seen(vendor) == {mill.uscc}
    other = actor_of(archives.person(Role.VENDOR_STAFF, "vendor_quanzhou"))
    assert seen(other) == set()
    withdraw_consent(certifier, Consent.objects.get())
    assert seen(vendor) == set()


def test_parts_that_are_not_named_stay_closed(
    vendor: Actor, certifier: Actor, mill: Enterprise
) -> None:
    consent = granted(vendor, certifier, mill)
    assert not visible(vendor, EnterpriseYear).exists()
    assert not visible(vendor, Declaration).exists()
    Qualification.objects.create(
        place=mill.place, enterprise=mill, kind="other", granted_on="2024-01-01"
    )
    assert visible(vendor, Qualification).count() == 1
    withdraw_consent(certifier, consent)
    granted(vendor, certifier, mill, FINANCE)
    assert visible(vendor, EnterpriseYear).count() == 5
    assert not visible(vendor, Declaration).exists()  # never


def test_consent_ends_by_itself(
    vendor: Actor, certifier: Actor, mill: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted(vendor, certifier, mill)
    last = today() + 30 * DAY
    for day, expected in ((last, {mill.uscc}), (last + DAY, set())):
        monkeypatch.setattr(timezone, "localdate", lambda *_, day=day: day)
        assert seen(vendor) == expected
    # Asking again after it has run out starts a new one; the old row stays.
    request_consent(vendor, mill.uscc, "继续服务")
    states = list(Consent.objects.order_by("pk").values_list("state", flat=True))
    assert states == [ConsentState.WITHDRAWN, ConsentState.REQUESTED]


def test_a_future_consent_opens_nothing_yet(
    vendor: Actor, certifier: Actor, mill: Enterprise
) -> None:
    asked = request_consent(vendor, mill.uscc, "数字化诊断")
    grant_consent(certifier, asked, today() + DAY, today() + 2 * DAY, frozenset())
    assert seen(vendor) == set()


def test_only_the_enterprise_answers_and_either_side_ends(
    archives: Cast, vendor: Actor, certifier: Actor, mill: Enterprise
) -> None:
    asked = request_consent(vendor, mill.uscc, "数字化诊断")
    stranger = actor_of(archives.person(Role.ENTERPRISE_CERTIFIER, "xiji_starch"))
    for actor in (vendor, stranger):
        with pytest.raises(PermissionDenied):
            grant_consent(actor, asked, today(), today() + DAY, frozenset())
        with pytest.raises(PermissionDenied):
            refuse_consent(actor, asked)
    refuse_consent(certifier, asked)
    with pytest.raises(ValidationError, match="已经答复过"):
        grant_consent(certifier, asked, today(), today() + DAY, frozenset())
    consent = granted(vendor, certifier, mill)
    with pytest.raises(PermissionDenied):
        withdraw_consent(stranger, consent)
    withdraw_consent(vendor, consent)  # the vendor may give it back
    with pytest.raises(ValidationError, match="不用撤回"):
        withdraw_consent(certifier, consent)
    entries = Entry.objects.filter(kind="vendors.consent").order_by("pk")
    actions = list(entries.values_list("action", flat=True))
    assert actions == [
        "request_consent",
        "refuse_consent",
        "request_consent",
        "grant_consent",
        "withdraw_consent",
    ]


def test_asking_tells_nothing_about_who_is_registered(archives: Cast, mill: Enterprise) -> None:
    client = client_of(archives.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    nobody = uscc(987_654)
    answers = []
    for code in (mill.uscc, nobody):
        answer = client.post("/vendor/request/", {"uscc": code, "purpose": "数字化诊断"})
        assert answer.status_code == 302
        page = client.get(answer["Location"]).content.decode()
        assert code in page and mill.name not in page
        answers.append(page.count("等待企业同意"))
        Consent.objects.all().delete()
    assert answers[0] == answers[1]


def test_asking_twice_is_one_request(vendor: Actor, mill: Enterprise) -> None:
    request_consent(vendor, mill.uscc, "一")
    request_consent(vendor, mill.uscc, "二")
    assert Consent.objects.count() == 1
    with pytest.raises(ValidationError, match="校验位"):
        request_consent(vendor, mill.uscc[:-1] + ("A" if mill.uscc[-1] != "A" else "B"), "三")
    with pytest.raises(ValidationError, match="做什么"):
        request_consent(vendor, mill.uscc, "  ")


def test_the_way_through_the_pages(archives: Cast, mill: Enterprise) -> None:
    vendor = client_of(archives.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    certifier = client_of(archives.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    filler = client_of(archives.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    foreign = client_of(archives.person(Role.ENTERPRISE_CERTIFIER, "xiji_starch"))
    profile = f"/enterprises/{mill.pk}/"
    assert vendor.get(profile).status_code == 404
    vendor.post("/vendor/request/", {"uscc": mill.uscc, "purpose": "诊断与方案"})
    answer = f"/my/vendors/{Consent.objects.get().pk}/"
    assert "诊断与方案" in filler.get("/my/vendors/").content.decode()
    assert filler.get(answer).status_code == 403
    assert foreign.get(answer).status_code == 404
    assert foreign.post(answer, {"do": "refuse"}).status_code == 404
    form = {"valid_from": str(today()), "valid_to": str(today() - DAY), "do": "grant"}
    assert "截止日期不能早于今天" in certifier.post(answer, form).content.decode()
    form |= {"valid_to": str(today() + DAY)}
    assert certifier.post(answer, form).status_code == 302
    page = vendor.get(profile).content.decode()
    assert canary(archives.parties["pengyang_mill"]) in page
    assert "3,200" not in page and "大事记" not in page and "联系人" not in page
    assert vendor.get(f"{profile}survey/").status_code == 403
    assert profile in vendor.get("/vendor/").content.decode()
    assert certifier.post(f"{answer}withdraw/").status_code == 302
    assert vendor.get(profile).status_code == 404


def test_the_vendor_without_finance_learns_no_figures_anywhere(
    archives: Cast, vendor: Actor, certifier: Actor, mill: Enterprise
) -> None:
    granted(vendor, certifier, mill)
    client = client_of(archives.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    text = client.get(f"/enterprises/{mill.pk}/").content.decode()
    for figure in ("86人", "3200万", "3,200", "68,000", "6.8万", "不良信用"):
        assert figure not in text, figure
    # What the policies say of it would tell figures and declarations.
    assert client.get(f"/enterprises/{mill.pk}/policies/").status_code == 403


def test_documents_open_by_their_own_part(
    archives: Cast, vendor: Actor, certifier: Actor, mill: Enterprise
) -> None:
    from shuzhuan.apps.evidence.models import Document

    Document.objects.create(
        place=mill.place,
        owner_id=mill.party_id,
        slot=Document._meta.get_field("slot").choices[0][0],
        title="合同",
        created_by_id=certifier.user_id,
        updated_at=timezone.now(),
    )
    consent = granted(vendor, certifier, mill, FINANCE)
    assert not visible(vendor, Document).exists()
    withdraw_consent(certifier, consent)
    granted(vendor, certifier, mill, frozenset({"sees_documents"}))
    assert visible(vendor, Document).count() == 1
