"""Who is told, once, in the caller's transaction."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox.actions import settle, tell
from shuzhuan.apps.inbox.models import MailAddress, MailWish, Message, Outgoing
from tests.cast import Cast

ON = {"scheme": "file", "folder": "/tmp/none", "from": "a@example.cn"}


def _names(key: str) -> set[str]:
    rows = Message.objects.filter(key=key).select_related("user")
    return {row.user.login_name for row in rows}


def _confirmed(member: Membership, wish: str = MailWish.ALL) -> None:
    MailAddress.objects.create(
        user=member.user, address="a@example.cn", confirmed_at=timezone.now(), wish=wish
    )


def test_the_nearest_office_and_the_partys_people_are_told_once(cast: Cast) -> None:
    mill = cast.parties["pengyang_mill"]
    park = cast.places["pengyang_park"]
    send = {
        "key": "t:1", "title": "企业 补正\n了材料", "body": "请复核。", "url": "/work/", "about": mill,
        "offices": [Role.COUNTY_OFFICER, Role.CITY_OFFICER], "office_region_id": park.pk,
        "party_id": mill.pk, "party_roles": [Role.ENTERPRISE_FILLER],
    }  # fmt: skip
    assert tell(**send) == 3
    # Nobody sits in the park: the county above is its office; the city above has its own role.
    assert _names("t:1") == {
        "county_officer.pengyang", "city_officer.guyuan", "enterprise_filler.pengyang_mill",
    }  # fmt: skip
    assert tell(**send) == 0  # told before; the office above does not step in for the told one
    assert Message.objects.count() == 3
    row = Message.objects.get(user__login_name="enterprise_filler.pengyang_mill")
    assert row.title == "企业 补正 了材料"
    assert (row.about_kind, row.about_id, row.place_id) == (
        "accounts.party", mill.pk, mill.place_id,
    )  # fmt: skip
    assert row.party_id == mill.pk
    assert row.membership == cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")


def test_all_people_of_a_party_and_named_people(cast: Cast) -> None:
    mill = cast.parties["pengyang_mill"]
    expert = cast.person(Role.EXPERT, "fujian")
    assert tell(key="t:2", title="题", url="/", party_id=mill.pk, users=[expert.user_id]) == 4
    assert Message.objects.get(user=expert.user).membership == expert


def test_inactive_people_and_withdrawn_roles_are_not_told(cast: Cast) -> None:
    mill = cast.parties["pengyang_mill"]
    filler = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
    finance = cast.person(Role.ENTERPRISE_FINANCE, "pengyang_mill")
    User.objects.filter(pk=filler.user_id).update(is_active=False)
    Membership.objects.filter(pk=finance.pk).update(is_active=False)
    assert tell(key="t:3", title="题", url="/", party_id=mill.pk) == 1


def test_a_person_with_two_roles_is_told_in_the_one_that_is_meant(cast: Cast) -> None:
    filler = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
    second = Membership.objects.create(
        user=filler.user, role=Role.ENTERPRISE_CERTIFIER, region=filler.region, party=filler.party,
        user_kind=filler.user_kind,
    )  # fmt: skip
    tell(
        key="t:4", title="题", url="/", party_id=filler.party_id,
        party_roles=[Role.ENTERPRISE_CERTIFIER],
    )  # fmt: skip
    assert Message.objects.get(user=filler.user, key="t:4").membership == second
    tell(key="t:5", title="题", url="/", users=[filler.user_id])
    assert Message.objects.get(user=filler.user, key="t:5").membership is None


def test_what_fails_tells_nobody(cast: Cast, settings: pytest.FixtureRequest) -> None:
    settings.MAIL = ON
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    _confirmed(officer)
    with pytest.raises(RuntimeError), transaction.atomic():
        assert tell(key="t:6", title="题", url="/", users=[officer.user_id]) == 1
        assert Outgoing.objects.count() == 1
        raise RuntimeError
    assert not Message.objects.exists()
    assert not Outgoing.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_telling_outside_of_a_transaction_is_a_mistake() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        tell(key="t:7", title="题", url="/", users=[1])


@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example/", "work/", ""])
def test_only_paths_of_this_site(cast: Cast, url: str) -> None:
    with pytest.raises(ValueError, match="path of this site"):
        tell(key="t:8", title="题", url=url, users=[1])


@pytest.mark.parametrize(
    ("wish", "level", "mails"),
    [("all", "info", 1), ("todo", "info", 0), ("todo", "todo", 1), ("todo", "warn", 1), ("none", "warn", 0)],
)  # fmt: skip
def test_mail_for_whoever_wants_it(
    cast: Cast, settings: pytest.FixtureRequest, wish: str, level: str, mails: int
) -> None:
    settings.MAIL = ON
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    _confirmed(officer, wish)
    unconfirmed = cast.person(Role.COUNTY_OFFICER, "xiji")
    MailAddress.objects.create(user=unconfirmed.user, pending="b@example.cn")
    people = [officer.user_id, unconfirmed.user_id]
    assert tell(key="t:9", title="题", url="/", users=people, level=level) == 2
    assert Outgoing.objects.count() == mails


def test_mail_off_leaves_nothing_waiting(cast: Cast, settings: pytest.FixtureRequest) -> None:
    settings.MAIL = None
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    _confirmed(officer)
    assert tell(key="t:10", title="题", url="/", users=[officer.user_id]) == 1
    assert not Outgoing.objects.exists()


def test_few_statements_however_many_are_told(cast: Cast, settings: pytest.FixtureRequest) -> None:
    from django.db import connection

    settings.MAIL = ON
    mill = cast.parties["pengyang_mill"]
    users = User.objects.bulk_create(
        User(login_name=f"many{n}", password="!", kind="business") for n in range(300)
    )
    Membership.objects.bulk_create(
        Membership(
            user=user, role=Role.ENTERPRISE_FILLER, region=mill.place, party=mill, user_kind=user.kind
        )
        for user in users
    )  # fmt: skip
    MailAddress.objects.bulk_create(
        MailAddress(user=user, address="a@example.cn", confirmed_at=timezone.now())
        for user in users
    )
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert tell(key="t:11", title="题", url="/", party_id=mill.pk) == 303
    statements = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
    # 64 rows go into one statement: five parts of messages and five of mails.
    assert sum(sql.startswith("SELECT") for sql in statements) == 1
    assert len(statements) == 11
    assert Outgoing.objects.count() == 300


def test_what_somebody_did_is_done_for_everybody(cast: Cast) -> None:
    mill, starch = cast.parties["pengyang_mill"], cast.parties["xiji_starch"]
    for key, about, level in (
        ("a", mill, "todo"), ("b", mill, "todo"), ("c", mill, "info"), ("d", starch, "todo"),
    ):  # fmt: skip
        tell(key=key, title="题", url="/", about=about, party_id=mill.pk, level=level)
    assert settle(mill, keys=["a"]) == 3
    assert settle(mill) == 3
    assert settle(mill) == 0
    done = set(Message.objects.filter(done_at__isnull=False).values_list("key", flat=True))
    assert done == {"a", "b"}
    assert not Message.objects.filter(key__in="ab", is_read=False).exists()
    assert Message.objects.filter(key__in="cd", is_read=False).count() == 6
