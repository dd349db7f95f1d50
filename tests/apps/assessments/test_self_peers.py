"""Peers are a group of five or more; below that nothing is said, and never who they are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.wall import ALL, narrow
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind, PublishedSet
from shuzhuan.apps.assessments.queries.peers import Peers, peers
from shuzhuan.apps.enterprises.models import Enterprise
from tests.apps.assessments.sheets import assessed
from tests.cast import Cast, canary, uscc

pytestmark = pytest.mark.django_db
NAMES = ("无等级", "一级", "二级", "三级", "四级")


@pytest.fixture
def own(mill: Enterprise, certifier: Actor) -> Assessment:
    mill.industry, mill.size_class = "农副产品加工", "small"
    mill.save()
    return Assessment.objects.select_related("enterprise__place", "indicators").get(
        pk=assessed(certifier, mill).pk
    )


def add(
    cast: Cast, own: Assessment, where: str, count: int, size: str = "small", **changed: object
) -> list[Assessment]:
    """Peers with 10, 20, 30 … points at level 1."""
    place, start = cast.places[where], Party.objects.count() + 5000
    made = []
    for n in range(count):
        party = Party.objects.create(
            kind=PartyKind.ENTERPRISE, place=place, uscc=uscc(start + n), name=canary(place)
        )
        enterprise = Enterprise.objects.create(
            party=party, place=place, name=party.name, uscc=party.uscc,
            industry=own.enterprise.industry, size_class=size,
        )  # fmt: skip
        values = {
            "place": place, "enterprise": enterprise, "party": party, "kind": AssessmentKind.SELF,
            "state": "submitted", "indicators": own.indicators, "submitted_at": timezone.now(),
            "submitted_by_id": own.submitted_by_id, "started_by_id": own.submitted_by_id,
            "level": 1, "points_milli": (n % 9 + 1) * 10_000, "is_current": True,
        }  # fmt: skip
        made.append(Assessment.objects.create(**{**values, **changed}))
    return made


def seen(own: Assessment) -> Peers:
    return peers(own, NAMES)


def test_four_are_not_compared_five_are(cast: Cast, own: Assessment) -> None:
    add(cast, own, "pengyang", 4)
    assert seen(own) == Peers(why="同行不足5家，不作比较。")
    add(cast, own, "pengyang", 1, points_milli=90_500, level=2)
    found = seen(own)
    assert found.group == "彭阳县农副产品加工行业的小型企业"
    assert (found.count, found.median) == (5, "30")
    assert [(share.count, share.percent) for share in found.shares] == [
        (0, 0), (4, 80), (1, 20), (0, 0), (0, 0),
    ]  # fmt: skip


def test_the_group_widens_until_it_is_large_enough(cast: Cast, own: Assessment) -> None:
    add(cast, own, "pengyang", 2)
    add(cast, own, "hongsibu", 2, size="micro")
    assert not seen(own).count
    add(cast, own, "xiji", 1)
    assert seen(own).group == "全省（区、市）农副产品加工行业" and seen(own).count == 5
    add(cast, own, "pengyang_park", 3, size="micro")  # a park belongs to its county
    assert seen(own).group == "彭阳县农副产品加工行业" and seen(own).count == 5


def test_nobody_is_left_over_between_two_groups(cast: Cast, own: Assessment) -> None:
    """Who is small sees the small ones; the same firm as a medium one must not see them and two."""
    add(cast, own, "pengyang", 6)
    add(cast, own, "pengyang", 2, size="medium", level=4)
    assert (seen(own).group, seen(own).count) == ("彭阳县农副产品加工行业的小型企业", 6)
    own.enterprise.size_class = "medium"
    assert not seen(own).count
    add(cast, own, "xiji", 2)
    assert not seen(own).count  # the two and two more of the province: still only four
    add(cast, own, "xiji", 1)
    assert (seen(own).group, seen(own).count) == ("全省（区、市）农副产品加工行业", 11)
    add(cast, own, "pengyang", 3, size="micro")
    assert (seen(own).group, seen(own).count) == ("彭阳县农副产品加工行业", 11)


def test_a_county_that_is_shown_leaves_no_few_in_its_province(cast: Cast, own: Assessment) -> None:
    add(cast, own, "xiji", 7)
    add(cast, own, "pengyang", 2)
    assert not seen(own).count  # the province without 西吉 would be these two
    add(cast, own, "hongsibu", 3)
    assert (seen(own).group, seen(own).count) == ("全省（区、市）农副产品加工行业", 12)


def test_another_province_is_no_peer(cast: Cast, own: Assessment) -> None:
    add(cast, own, "huian", 9)
    assert not seen(own).count


def test_only_current_self_assessments_under_the_same_figures_count(
    cast: Cast, own: Assessment
) -> None:
    add(cast, own, "pengyang", 4)
    add(cast, own, "pengyang", 1, is_current=False)
    visit = {"kind": AssessmentKind.DIAGNOSIS, "state": "draft", "is_current": False}
    add(cast, own, "pengyang", 1, **visit, submitted_at=None)
    other = PublishedSet.objects.get(pk=own.indicators_id)
    other.pk, other.version, other.figures_sha256, other.sha256 = None, "7.0.0", "f" * 64, "e" * 64
    other.save()
    add(cast, own, "pengyang", 3, indicators=other)
    assert not seen(own).count
    reworded = PublishedSet.objects.get(pk=own.indicators_id)
    reworded.pk, reworded.version, reworded.sha256 = None, "8.0.0", "d" * 64
    reworded.save()
    add(cast, own, "pengyang", 1, indicators=reworded)
    assert seen(own).count == 5


def test_without_an_industry_there_are_no_peers(cast: Cast, own: Assessment) -> None:
    add(cast, own, "pengyang", 9)
    own.enterprise.industry = ""
    assert "细分行业" in seen(own).why


def test_peers_cost_the_same_however_many_and_leave_the_wall_up(
    cast: Cast, own: Assessment, certifier: Actor
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            seen(own)
        return len(caught)

    few = count()
    add(cast, own, "pengyang", 30)
    assert count() == few <= 6
    if connection.vendor == "postgresql":
        from shuzhuan.apps.access.wall import _set

        narrow(certifier)
        try:
            assert seen(own).count == 30
            assert set(Assessment.objects.values_list("party_id", flat=True)) == {
                certifier.party_id
            }
        finally:
            _set(ALL, (), ())


def test_nothing_of_a_peer_leaves_but_numbers(cast: Cast, own: Assessment) -> None:
    add(cast, own, "pengyang", 6)
    text = repr(seen(own))
    assert canary(cast.places["pengyang"]) not in text
    assert not any(str(p.pk) in text for p in Party.objects.filter(pk__gt=1000))
