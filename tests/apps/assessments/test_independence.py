"""改造评测分离: each tie is found, named and refused; what is no tie is not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.assessments import independence, ties
from shuzhuan.apps.assessments.actions.engage import end_engagement, engage
from shuzhuan.apps.assessments.independence import TieKind, check, within_three_years
from shuzhuan.apps.assessments.models import Engagement
from shuzhuan.apps.assessments.models import EngagementKind as Kind
from shuzhuan.apps.assessments.ties import Contract
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.inbox.models import Message
from tests.apps.assessments import onsite
from tests.apps.assessments.onsite import ANOTHER, DAY, PERSON, today
from tests.cast import Cast


@pytest.fixture
def mill(cast: Cast) -> Enterprise:
    return onsite.archive(cast)


@pytest.fixture
def agency(cast: Cast) -> Party:
    return cast.parties["agency_ningxia"]


class Contracts:
    """What the app above would know."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, Contract]] = []

    def __call__(self, enterprise_id: int) -> Iterable[Contract]:
        return [contract for firm, contract in self.rows if firm == enterprise_id]

    def add(self, firm: Enterprise, day: date, **supplier: object) -> None:
        contract = Contract(last_day=day, what="MES采购合同", **supplier)  # type: ignore[arg-type]
        self.rows.append((firm.pk, contract))


@pytest.fixture
def contracts() -> Iterator[Contracts]:
    rule = ties.tied_by(Contracts())
    assert isinstance(rule, Contracts)
    yield rule
    ties._rules.remove(rule)


def kinds(mill: Enterprise, party: Party, kind: str = Kind.ACCEPTANCE) -> list[str]:
    return [str(tie.kind) for tie in check(mill, party, kind, today())]


def test_nobody_is_tied_to_an_enterprise_without_history(mill: Enterprise, agency: Party) -> None:
    assert check(mill, agency, Kind.ACCEPTANCE, today()) == []


def test_the_diagnosing_body_may_not_grade_the_outcome(
    cast: Cast, mill: Enterprise, agency: Party
) -> None:
    onsite.asked(cast, Kind.DIAGNOSIS, "agency_ningxia")
    for kind in (Kind.ACCEPTANCE, Kind.AUDIT):
        assert kinds(mill, agency, kind) == [TieKind.SAME_BODY]
        with pytest.raises(ValidationError, match="为企业诊断"):
            onsite.asked(cast, kind, "agency_ningxia")
    assert Engagement.objects.count() == 1
    # Another one may, and the diagnosis itself asks for no distance.
    onsite.asked(cast, Kind.ACCEPTANCE, "agency_fujian")
    assert kinds(mill, agency, Kind.DIAGNOSIS) == []


def test_an_ended_diagnosis_still_ties(cast: Cast, mill: Enterprise, agency: Party) -> None:
    made = onsite.asked(cast, Kind.DIAGNOSIS, "agency_ningxia")
    end_engagement(onsite.officer(cast), made, "换一家")
    assert kinds(mill, agency) == [TieKind.SAME_BODY]


def test_one_code_in_two_roles_is_one_body(cast: Cast, mill: Enterprise) -> None:
    vendor = cast.parties["vendor_guyuan"]
    twin = Party.objects.create(
        kind=PartyKind.AGENCY, place=cast.places["ningxia"], name="另一块牌子", uscc=vendor.uscc
    )
    assert kinds(mill, twin) == []
    onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    found = check(mill, twin, Kind.ACCEPTANCE, today())
    assert [tie.kind for tie in found] == [TieKind.SAME_CODE]
    assert vendor.uscc in found[0].reason


def test_one_controlling_person_ties_two_bodies(
    cast: Cast, mill: Enterprise, agency: Party
) -> None:
    onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    onsite.controlled(cast.parties["vendor_guyuan"], PERSON)
    other = onsite.controlled(agency, ANOTHER)
    assert kinds(mill, agency) == []
    other.delete()
    onsite.controlled(agency, PERSON)
    found = check(mill, agency, Kind.ACCEPTANCE, today())
    assert [tie.kind for tie in found] == [TieKind.SAME_CONTROL]
    assert "实际控制人" in found[0].reason
    assert PERSON not in found[0].reason


def test_nobody_recorded_is_said_and_never_taken_for_nobody(
    cast: Cast, mill: Enterprise, agency: Party
) -> None:
    onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    made = onsite.asked(cast, Kind.ACCEPTANCE, "agency_ningxia")
    seen = json.loads(made.checked)["engaged"]
    assert seen["day"] == today().isoformat()
    assert seen["ties"] == []
    assert len(seen["unknown"]) == 2
    assert any("为企业诊断" in line for line in seen["compared"])


def test_a_contract_of_the_last_three_years_ties(
    mill: Enterprise, agency: Party, contracts: Contracts
) -> None:
    contracts.add(mill, today() - 400 * DAY, name=agency.name, party_id=agency.pk)
    assert kinds(mill, agency) == [TieKind.CONTRACT]
    assert kinds(mill, agency, Kind.AUDIT) == [TieKind.CONTRACT]


@pytest.mark.parametrize(
    ("supplier", "tied"),
    [
        ({"name": "换了名字", "uscc": "own"}, True),
        ({"name": "own"}, True),
        ({"name": "别家公司"}, False),
        ({"name": "own", "uscc": "other"}, False),  # the code decides, not the name
    ],
)
def test_the_supplier_is_known_by_its_code_else_by_its_name(
    cast: Cast,
    mill: Enterprise,
    agency: Party,
    contracts: Contracts,
    supplier: dict[str, str],
    tied: bool,
) -> None:
    codes = {"own": agency.uscc, "other": cast.parties["vendor_quanzhou"].uscc}
    named = {**supplier}
    named["uscc"] = codes.get(named.get("uscc", ""), "")
    named["name"] = f" {agency.name} " if named["name"] == "own" else named["name"]
    contracts.add(mill, today(), **named)
    assert kinds(mill, agency) == ([TieKind.CONTRACT] if tied else [])


def test_a_contract_of_another_enterprise_is_no_tie(
    cast: Cast, mill: Enterprise, agency: Party, contracts: Contracts
) -> None:
    contracts.add(onsite.archive(cast, "xiji_starch"), today(), name="某", party_id=agency.pk)
    assert kinds(mill, agency) == []


def test_a_supplier_under_the_same_control_ties(
    cast: Cast, mill: Enterprise, agency: Party, contracts: Contracts
) -> None:
    supplier = onsite.another_body(cast, "某设备公司", 501)
    contracts.add(mill, today(), name=supplier.name, uscc=supplier.uscc)
    onsite.controlled(agency, PERSON)
    assert kinds(mill, agency) == []
    onsite.controlled(supplier, PERSON)
    assert kinds(mill, agency) == [TieKind.CONTRACT_CONTROL]


def test_the_enterprise_does_not_grade_itself(cast: Cast, mill: Enterprise) -> None:
    own = Party.objects.create(
        kind=PartyKind.AGENCY, place=cast.places["guyuan"], name="厂办评测所", uscc=mill.uscc
    )
    assert kinds(mill, own) == [TieKind.SAME_CODE]


@pytest.mark.parametrize(
    ("last", "day", "tied"),
    [
        (date(2023, 5, 10), date(2026, 5, 10), True),
        (date(2023, 5, 10), date(2026, 5, 11), False),
        (date(2024, 2, 29), date(2027, 2, 28), True),
        (date(2024, 2, 29), date(2027, 3, 1), False),
        (date(2025, 2, 28), date(2028, 2, 28), True),
        (date(2025, 2, 28), date(2028, 2, 29), False),
        (date(2027, 1, 1), date(2026, 1, 1), True),  # runs on
    ],
)
def test_three_years_end_with_the_anniversary(last: date, day: date, tied: bool) -> None:
    assert within_three_years(last, day) is tied


def test_old_contracts_are_left_out(mill: Enterprise, agency: Party, contracts: Contracts) -> None:
    contracts.add(mill, date(2023, 3, 1), name="某", party_id=agency.pk)
    assert len(check(mill, agency, Kind.ACCEPTANCE, date(2026, 3, 1))) == 1
    assert check(mill, agency, Kind.ACCEPTANCE, date(2026, 3, 2)) == []


def test_vendors_never_grade_and_enterprises_are_never_asked(cast: Cast, mill: Enterprise) -> None:
    for kind in (Kind.ACCEPTANCE, Kind.AUDIT):
        with pytest.raises(ValidationError, match="只能委派第三方机构"):
            onsite.asked(cast, kind, "vendor_guyuan")
    with pytest.raises(ValidationError, match="服务商或第三方机构"):
        onsite.asked(cast, Kind.DIAGNOSIS, "xiji_starch")
    assert not Engagement.objects.exists()


def test_only_an_officer_of_the_place_asks(cast: Cast, mill: Enterprise, agency: Party) -> None:
    period = (today(), today() + DAY)
    for actor in (
        onsite.officer(cast, "xiji"),
        onsite.certifier(cast),
        onsite.vendor(cast),
    ):
        with pytest.raises(PermissionDenied):
            engage(actor, mill, agency, Kind.ACCEPTANCE, *period)
    assert not Engagement.objects.exists()


def test_asking_is_recorded_and_told_to_both_sides(cast: Cast, mill: Enterprise) -> None:
    made = onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    assert Entry.objects.filter(action="engage", object_id=str(made.pk)).count() == 1
    told = dict(Message.objects.values_list("party_id", "body"))
    assert told.keys() == {mill.party_id, cast.parties["vendor_guyuan"].pk}
    period = f"期限：{made.valid_from}至{made.valid_to}"
    assert told[made.party_id].startswith(f"由贵单位办理，{period}。")
    assert f"对方办理的{period}。" in told[mill.party_id]


def test_asking_again_changes_the_period_of_the_one_that_runs(cast: Cast, mill: Enterprise) -> None:
    first = onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    again = engage(
        onsite.officer(cast),
        mill,
        cast.parties["vendor_guyuan"],
        Kind.DIAGNOSIS,
        today(),
        today() + 60 * DAY,
    )
    assert again.pk == first.pk
    assert Engagement.objects.get().valid_to == today() + 60 * DAY


def test_another_project_is_another_engagement(cast: Cast, mill: Enterprise) -> None:
    first = onsite.asked(cast, Kind.ACCEPTANCE, "agency_ningxia", project_id=1)
    second = onsite.asked(cast, Kind.ACCEPTANCE, "agency_ningxia", project_id=2)
    assert first.pk != second.pk
    first.refresh_from_db()
    assert first.ended_at is not None
    assert (first.project_id, second.project_id) == (1, 2)


def test_an_end_needs_a_reason_and_comes_once(cast: Cast, mill: Enterprise) -> None:
    made = onsite.asked(cast, Kind.DIAGNOSIS, "vendor_guyuan")
    with pytest.raises(ValidationError, match="原因"):
        end_engagement(onsite.officer(cast), made, " ")
    end_engagement(onsite.officer(cast), made, "更换单位")
    with pytest.raises(ValidationError, match="已经结束"):
        end_engagement(onsite.officer(cast), made, "再来一次")
    with pytest.raises(PermissionDenied):
        end_engagement(onsite.officer(cast, "xiji"), made, "别处的人")


def test_a_period_ends_after_it_begins(cast: Cast, mill: Enterprise, agency: Party) -> None:
    for dates in ((today(), today() - DAY), (today() + 5 * DAY, today() + 4 * DAY)):
        with pytest.raises(ValidationError, match="截止日期"):
            engage(onsite.officer(cast), mill, agency, Kind.AUDIT, *dates)


def test_the_comparison_would_notice_if_it_were_left_out(
    cast: Cast, mill: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the comparison the diagnosing agency is asked to grade itself."""
    onsite.asked(cast, Kind.DIAGNOSIS, "agency_ningxia")
    monkeypatch.setattr(independence, "_compare", lambda *_: ())
    onsite.asked(cast, Kind.ACCEPTANCE, "agency_ningxia")
    assert Engagement.objects.count() == 2
