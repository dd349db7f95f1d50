"""The officer's queue against SQL written by hand. A part of bench-actions, on one database.

Ours is what the page asks for its list, from filters that have been read already: the counts of its
tabs and of the list in one statement, the rows of one page in another. By hand they are the same
counts and the same columns. Both must give the same counts and the same rows in the same order
before anything is timed. The rows alone are timed as well, for the counts look through every project
on both sides. Then the whole page is asked for through the site, and its statements are counted.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

BAR = 1.5  # all cases together
BUDGET = 9  # statements of the whole page, as in tests/apps/projects/test_queue.py
Answer = tuple[tuple[int, ...], list[int]]  # counts, and keys of the rows
ROUNDS_EACH = 3  # pages within a round, the fastest counts: the machine is shared
SHOWN = (
    "p.id, e.name, p.number, p.title, p.place_id, p.state, p.lane, p.due_on, p.due_provisional, "
    "p.objections_open, p.suspended, p.planned_fen, p.ceiling_fen, p.proposed_fen, "
    "p.determined_fen, p.paid_fen, p.updated_at"
)
JOINS = "projects_project p JOIN enterprises_enterprise e ON e.id = p.enterprise_id"
NOBODY, PUBLIC = "p.lane <> 'nobody'", "('selection_publicity', 'payment_publicity')"
LATE = f"p.due_on < %(today)s AND (p.state NOT IN {PUBLIC} OR p.due_on < %(public)s) AND {NOBODY}"
SOON = f"p.due_on BETWEEN %(today)s AND %(until)s AND {NOBODY}"
MINE = "p.lane = %(lane)s{mine}"
COUNTS = (MINE, LATE, SOON, NOBODY)
TABS = (MINE, LATE, SOON)  # counted within the other filters, not narrowing them
# Query of the address; condition and order as somebody would write them. {like}: ILIKE or LIKE.
# The counts need the enterprise only where the condition names it.
CASES = (
    ("", "", "p.due_on ASC NULLS LAST"),
    ("lane=mine", MINE, "p.due_on ASC NULLS LAST"),
    ("due=late", LATE, "p.due_on ASC NULLS LAST"),
    ("due=soon&sort=-due", SOON, "p.due_on DESC NULLS LAST"),
    ("state=form_check&sort=-planned", "p.state = 'form_check'", "p.planned_fen DESC NULLS LAST"),
    ("sort=name", "", "e.name ASC NULLS LAST"),
    ("sort=-updated&page=200", "", "p.updated_at DESC NULLS LAST"),
    ("sort=-subsidy", "", "p.paid_fen DESC NULLS LAST, p.determined_fen DESC NULLS LAST, "
     "p.proposed_fen DESC NULLS LAST, p.ceiling_fen DESC NULLS LAST"),
    ("industry=葡萄", "e.industry LIKE '葡萄%%'", "p.due_on ASC NULLS LAST"),
    ("q=企业7001", "(p.number {like} '%%企业7001%%' OR p.title {like} '%%企业7001%%' "
     "OR e.name {like} '%%企业7001%%')", "p.due_on ASC NULLS LAST"),
)  # fmt: skip


def main() -> int:
    """Measure; 1 when a bar is missed, 2 when the two sides differ."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--projects", type=int, default=10_000)
    given = parser.parse_args()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    people = _prepare(given.projects)
    totals: list[list[float]] = [[0.0, 0.0] for _ in range(given.rounds)]
    for who, member in people:
        actor = _narrowed(member)
        for query, condition, order in CASES:
            ours, by_hand = _ours(actor, query), _by_hand(actor, query, condition, order)
            mine, other = ours(), by_hand()
            if mine != other or not mine[1]:
                print(f"{who} {query}：结果不同，{mine[0]} 与 {other[0]}")
                return 2
            pairs = []
            for number in range(given.rounds):
                a, b = _seconds(ours), _seconds(by_hand)
                totals[number][0] += a
                totals[number][1] += b
                pairs.append((a, b))
            a = statistics.median(a for a, _ in pairs) * 1000
            b = statistics.median(b for _, b in pairs) * 1000
            ratio = statistics.median(a / b for a, b in pairs)
            print(
                f"{who} {query or '（全部）'}：{a:.1f} 毫秒，手写 {b:.1f} 毫秒，比 {ratio:.2f}"
                f"（{mine[0][-1]} 个）"
            )
    statements = [_statements(member, query) for _, member in people for query, *_ in CASES]
    ratio = statistics.median(a / b for a, b in totals)
    print(
        f"BENCH-QUEUE ratio={ratio:.2f} bar={BAR} statements={max(statements)} budget={BUDGET} "
        f"projects={given.projects} rounds={given.rounds} database={connection.vendor}"
    )
    return 0 if ratio <= BAR and min(statements) > 0 and max(statements) <= BUDGET else 1


def _prepare(count: int) -> list[tuple[str, Any]]:
    """The fixed cast and one county's projects: its own officer, and the city's above it."""
    from django.db import connection

    from shuzhuan.apps.accounts.roles import Role
    from tests.apps.projects.many import projects
    from tests.cast import build

    cast = build()
    projects(cast, "xiji", count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [
        ("县级", cast.person(Role.COUNTY_OFFICER, "xiji")),
        ("市级", cast.person(Role.CITY_OFFICER, "guyuan")),
    ]


def _narrowed(member: Any) -> Any:
    """The actor, with the wall around both sides as in a request."""
    from django.db import connection

    from shuzhuan.apps.access import wall
    from shuzhuan.apps.access.actor import actor_of

    wall.open_connection(connection)
    actor = actor_of(member)
    _ = actor.place_ids
    if connection.vendor == "postgresql":
        wall.narrow(actor)
    return actor


def _ours(actor: Any, query: str) -> Callable[[], Answer]:
    from django.http import QueryDict

    from shuzhuan.apps.projects.queries import queue

    asked = QueryDict(query)
    form = queue.read(asked, actor)
    assert not form.errors, form.errors

    def run() -> Answer:
        found = queue.listed(actor, form, asked.get("page"))
        counts = dataclasses.astuple(found.figures)[: len(COUNTS) + 1]
        return (*counts, found.page.paginator.count), [row.pk for row in found.rows]

    return run


def _by_hand(actor: Any, query: str, condition: str, order: str) -> Callable[[], Answer]:
    from django.db import connection
    from django.http import QueryDict
    from django.utils import timezone

    from shuzhuan.apps.projects.queries import queue

    today = timezone.localdate()
    lane = str(queue.LANE_OF[actor.role])
    given = {
        "today": today, "public": queue.public_late_before(today), "lane": lane,
        "until": queue.soon_until(today),
    }  # fmt: skip
    mine = f" AND p.place_id = {actor.region_id}" if lane != "city" else ""
    like = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
    places = ", ".join(map(str, actor.place_ids))
    seen = f"p.place_id IN ({places}) AND p.state <> 'draft'"
    where = f"{seen} AND {condition}" if condition else seen
    counts = [f"count(*) FILTER (WHERE {each})" for each in COUNTS] + ["count(*)"]
    # The list is as long as one of the counts says: of its tab, or of everything that fits.
    listed = COUNTS.index(condition) if condition in TABS else len(COUNTS)
    joined = JOINS if "e." in condition else "projects_project p"
    count_sql = f"SELECT {', '.join(counts)} FROM {joined} WHERE "
    count_sql += seen if condition in TABS else where
    skip = (int(QueryDict(query).get("page") or 1) - 1) * queue.PAGE_ROWS
    rows_sql = (
        f"SELECT {SHOWN} FROM {JOINS} WHERE {where} ORDER BY {order}, p.id "
        f"LIMIT {queue.PAGE_ROWS} OFFSET {skip}"
    ).format(like=like, mine=mine)
    count_sql = count_sql.format(like=like, mine=mine)
    if connection.vendor == "sqlite":  # its driver knows names by another sign
        given = {name: str(value) for name, value in given.items()}

    def run() -> Answer:
        with connection.cursor() as cursor:
            cursor.execute(count_sql, given)
            found = cursor.fetchone()
            assert found is not None
            cursor.execute(rows_sql, given)
            return (*found, found[listed]), [row[0] for row in cursor.fetchall()]

    return run


def _statements(member: Any, query: str) -> int:
    """Statements of the page as the site serves it, without the wall's own settings."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext, override_settings

    from shuzhuan.apps.access import wall
    from tests.cast import client_of

    wall.open_connection(connection)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    with override_settings(
        ALLOWED_HOSTS=["testserver"], STORAGES={"default": files, "staticfiles": plain}
    ):
        client = client_of(member)
        with CaptureQueriesContext(connection) as context:
            answer = client.get(f"/work/projects/?{query}")
    if answer.status_code != 200:
        print(f"{query}：页面回答 {answer.status_code}")
        return 0
    return sum("set_config" not in asked["sql"] for asked in context.captured_queries)


def _seconds(work: Callable[[], object]) -> float:
    """The fastest of a few."""
    found = []
    for _ in range(ROUNDS_EACH):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


if __name__ == "__main__":
    sys.exit(main())
