"""Pages of a large archive in a fixed number of statements; lists that use their indexes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.models import Enterprise, EnterpriseYear, Qualification
from tests.apps.enterprises.filling import fill
from tests.cast import Cast, client_of, uscc

DOCUMENTS = 500
# Session, user, membership, region, then: the archive, its five sets of rows, the packs of the
# place, the log, and what the header asks. A page may not take more, however large the archive.
PROFILE_MAX, POLICIES_MAX, HOME_MAX = 22, 20, 20


def statements(client: Any, path: str) -> int:
    client.get(path)  # warm: packs are compiled once per process
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    # What sets the second wall on PostgreSQL reads no table; it is not the page's.
    return sum("'shuzhuan.reach'" not in each["sql"] for each in seen.captured_queries)


def _grow(mill: Enterprise, officer: Actor) -> None:
    """500 dated documents, as many entries in the log, and every year there can be."""
    from django.db import transaction

    first = date(2022, 1, 1)
    Qualification.objects.bulk_create(
        Qualification(
            place=mill.place,
            enterprise=mill,
            kind="other",
            number=str(n),
            granted_on=first + timedelta(days=n),
        )
        for n in range(DOCUMENTS)
    )
    with transaction.atomic():
        for _ in range(DOCUMENTS):
            record("save_section", officer, mill, detail={"section": "basics"})
    EnterpriseYear.objects.bulk_create(
        EnterpriseYear(place=mill.place, enterprise=mill, year=year, revenue_fen=1)
        for year in range(2010, 2020)
    )


@pytest.mark.parametrize(
    ("path", "who", "most"),
    [
        ("/enterprises/{pk}/", (Role.COUNTY_OFFICER, "pengyang"), PROFILE_MAX),
        ("/enterprises/{pk}/policies/", (Role.CITY_OFFICER, "guyuan"), POLICIES_MAX),
        ("/my/", (Role.ENTERPRISE_CERTIFIER, "pengyang_mill"), HOME_MAX),
        ("/my/archive/", (Role.ENTERPRISE_FILLER, "pengyang_mill"), HOME_MAX),
    ],
)
def test_a_page_takes_the_same_statements_however_large_the_archive(
    cast: Cast,
    mill: Enterprise,
    certifier: Actor,
    officer: Actor,
    path: str,
    who: tuple[Role, str],
    most: int,
) -> None:
    fill(mill, certifier, officer)
    client = client_of(cast.person(*who))
    path = path.format(pk=mill.pk)
    small = statements(client, path)
    _grow(mill, officer)
    large = statements(client, path)
    assert small == large <= most, (small, large)


def test_control_a_statement_per_row_is_seen(cast: Cast, mill: Enterprise, officer: Actor) -> None:
    _grow(mill, officer)
    with CaptureQueriesContext(connection) as seen:
        for row in Qualification.objects.filter(enterprise=mill):
            assert row.enterprise.name
    assert len(seen) > DOCUMENTS


# -- the officer's list -------------------------------------------------------------------------

LISTS = {
    "enterprise_by_update": {},
    "enterprise_by_pilot": {"pilot_state": "in"},
    "enterprise_by_level": {"digital_level": 2},
    "enterprise_by_industry": {"industry": "装备制造"},
    "enterprise_by_size": {"size_class": "small"},
}
ROWS = 3000


@pytest.fixture
def county(cast: Cast) -> Cast:
    """Enough enterprises that reading all of them would be the wrong plan."""
    place, other = cast.places["pengyang"], cast.places["xiji"]
    parties = Party.objects.bulk_create(
        Party(
            place=place if n % 3 else other,
            kind=PartyKind.ENTERPRISE,
            name=f"企业{n}",
            uscc=uscc(100_000 + n),
        )
        for n in range(ROWS)
    )
    Enterprise.objects.bulk_create(
        Enterprise(
            party=party,
            place=party.place,
            name=party.name,
            uscc=party.uscc,
            pilot_state="in" if n % 50 == 0 else "none",
            digital_level=n % 5,
            industry=("装备制造", "轻工纺织", "农副产品加工")[n % 3],
            size_class=("small", "micro", "medium")[n % 3],
            contact_phone_digest=f"{n:064}",
            bank_account_digest=f"{n:064}",
        )
        for n, party in enumerate(parties)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast


@pytest.mark.parametrize(("index", "narrowed"), LISTS.items())
def test_the_officers_list_reads_an_index(
    county: Cast, index: str, narrowed: dict[str, object]
) -> None:
    from shuzhuan.apps.access.actor import actor_of

    actor = actor_of(county.person(Role.COUNTY_OFFICER, "xiji"))
    rows = visible(actor, Enterprise).filter(**narrowed).order_by("-updated_at")
    if connection.vendor == "postgresql":
        # This place holds nearly every row, and then reading all may be cheaper; what is asked is
        # whether an index serves the list at all.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows.only("pk", "name", "updated_at")[:50].explain()
    if connection.vendor == "postgresql":
        # The policy of the second wall makes few rows likely, so a plan may sort what the place
        # has; what it must never do is read every place.
        assert "Index" in plan and "Seq Scan" not in plan, plan
        return
    assert index in plan, plan
    assert "SCAN" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan  # sorted by the index, not after reading


def test_phones_and_accounts_are_found_by_index(county: Cast) -> None:
    for column in ("contact_phone_digest", "bank_account_digest"):
        plan = Enterprise.objects.filter(**{column: "x" * 64}).explain()
        assert "enterprise_by_" in plan, plan
