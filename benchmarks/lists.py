"""The officer's list at 100,000 enterprises, against the same list written by hand in SQL.

Each case is one page of the list: at most 1,001 ids in order (which also give the count) and the
fifty rows shown. Ours goes through filters, scope and models; the reference sends two statements
through the bare cursor, written for this very case. Both give the same ids, which is checked. They
run in turns on the same database. Where an index answers in a millisecond, the ratio of a single
case says only that Django costs something; so the bars are the ratio of all cases together, what
ours adds to a page, and the slowest page. The last line starts with BENCH-LISTS.

    make bench-lists ARGS="--rows 100000 --rounds 7"
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BAR = 2.0  # all cases together
# What forms, scope and models may add to a page, whatever the statements take.
OVERHEAD_MS = 60.0
SLOWEST_MS = 800.0  # a search that every enterprise of the city answers
COUNTIES = 5
SHOWN = (
    "id, party_id, name, uscc, industry, size_class, people, revenue_last_year_fen, digital_level, "
    "pilot_state, willingness, readiness, completeness, updated_at, place_id"
)
# Query of the address, and the condition and order that somebody would write by hand.
CASES = (
    ("", "", "updated_at DESC, id"),
    ("sort=name", "", "name, id"),
    ("sort=-revenue", "", "revenue_last_year_fen DESC NULLS LAST, id DESC"),
    ("pilot=left", "pilot_state IN ('left')", "updated_at DESC, id"),
    ("will=3&ready=0", "willingness IN (3) AND readiness IN (0)", "updated_at DESC, id"),
    ("industry=葡萄&size=small", "industry LIKE '葡萄%%' AND size_class IN ('small')",
     "updated_at DESC, id"),
    ("complete_to=2&sort=complete", "completeness <= 2", "completeness, id"),
    ("q=企业71234", "id IN (SELECT enterprise_id FROM workbench_searchentry WHERE place_id IN {0} "
     "AND text LIKE '%%企业71234%%')", "updated_at DESC, id"),
    ("q=企业", "id IN (SELECT enterprise_id FROM workbench_searchentry WHERE place_id IN {0} "
     "AND text LIKE '%%企业%%')", "updated_at DESC, id"),
)  # fmt: skip


def main() -> int:
    """Run the rounds; 1 when a bar is missed or nothing was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="shuzhuan-bench-"))
    os.environ["SHUZHUAN_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuzhuan.site.settings")
    import django

    django.setup()
    try:
        return _run(given.rows, given.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(rows: int, rounds: int) -> int:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    actors = _prepare(rows)
    totals, added, slowest = [0.0, 0.0], [], 0.0
    for who, actor in actors:
        for query, condition, order in CASES:
            ours, reference = _ours(actor, query), _reference(actor, condition, order)
            assert ours() == reference(), (who, query)
            pairs = [(_seconds(ours), _seconds(reference)) for _ in range(rounds)]
            ratio = statistics.median(a / b for a, b in pairs)
            mine = statistics.median(a for a, _ in pairs) * 1000
            theirs = statistics.median(b for _, b in pairs) * 1000
            totals[0] += mine
            totals[1] += theirs
            added.append(mine - theirs)
            slowest = max(slowest, mine)
            print(
                f"{who} {query or '（全部）'}：{mine:.1f} 毫秒，手写 {theirs:.1f} 毫秒，比 {ratio:.2f}"
            )
    ratio, overhead = totals[0] / totals[1], statistics.median(added)
    print(
        f"BENCH-LISTS ratio={ratio:.2f} bar={BAR:.0f} overhead={overhead:.0f}ms bar={OVERHEAD_MS:.0f}ms "
        f"slowest={slowest:.0f}ms bar={SLOWEST_MS:.0f}ms rows={rows} rounds={rounds} "
        f"database={connection.vendor}"
    )
    return 0 if ratio <= BAR and overhead <= OVERHEAD_MS and slowest <= SLOWEST_MS else 1


def _prepare(rows: int) -> list[tuple[str, Any]]:
    """A city of five counties; one of them has half of all enterprises."""
    from django.db import connection

    from shuzhuan.apps.access.actor import actor_of
    from shuzhuan.apps.accounts.models import Membership, User
    from shuzhuan.apps.accounts.roles import Role
    from shuzhuan.apps.regions.models import Level, Region
    from tests.apps.workbench.kit import fill

    top = Region.objects.create(name="宁夏", level=Level.PROVINCE, code="640000")
    city = Region.objects.create(name="固原市", level=Level.CITY, code="640400", parent=top)
    counties = [
        Region.objects.create(name=f"{n}县", level=Level.COUNTY, code=f"64042{n}", parent=city)
        for n in range(COUNTIES)
    ]
    fill(counties[0], rows // 2, 700_000)
    for at, county in enumerate(counties[1:], 1):
        fill(county, rows // 2 // (COUNTIES - 1), 1_000_000 * at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = []
    for role, region in ((Role.COUNTY_OFFICER, counties[0]), (Role.CITY_OFFICER, city)):
        user = User.objects.create_user(f"bench-{role}", "经办")
        member = Membership.objects.create(user=user, role=role, region=region, user_kind=user.kind)
        found.append((region.name, actor_of(member)))
    return found


def _ours(actor: Any, query: str) -> Callable[[], list[int]]:
    from django.http import QueryDict

    from shuzhuan.apps.workbench.columns import chosen
    from shuzhuan.apps.workbench.filters import read
    from shuzhuan.apps.workbench.places import places_of
    from shuzhuan.apps.workbench.queries.listing import page_of

    places = places_of(actor)
    columns = chosen([], places)

    def run() -> list[int]:
        page = page_of(actor, read(QueryDict(query), places), columns)
        return [row.pk for row in page.rows]

    return run


def _reference(actor: Any, condition: str, order: str) -> Callable[[], list[int]]:
    from django.db import connection

    places = f"({', '.join(map(str, actor.place_ids))})"
    where = f"place_id IN {places}"
    if condition:
        where += f" AND {condition.format(places)}"
    ids_sql = f"SELECT id FROM enterprises_enterprise WHERE {where} ORDER BY {order} LIMIT 1001"

    def run() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(ids_sql, [])
            ids = [row[0] for row in cursor.fetchall()][:50]
            marks = ", ".join(["%s"] * len(ids)) or "NULL"
            cursor.execute(f"SELECT {SHOWN} FROM enterprises_enterprise WHERE id IN ({marks})", ids)
            rows = {row[0]: row for row in cursor.fetchall()}
        return [rows[pk][0] for pk in ids]

    return run


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
