"""The raw side of `bench-actions`: the rows of one action, ready made, in one transaction.

What `perform` wrote for a firm is read back once; for the twins of that firm the same rows are
written again with the twin's keys. Statements are prepared; the values are there before the clock
starts, the hash of the audit row and the chain's new frontier too.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

SETTLE = (
    "UPDATE inbox_message SET done_at = %s, is_read = true, read_at = coalesce(read_at, %s) "
    "WHERE about_kind = 'projects.project' AND about_id = %s AND level <> 'info' "
    "AND done_at IS NULL"
)
CHAIN = "UPDATE audit_chain SET size = %s, head = %s, frontier = %s WHERE id = %s"
# Columns of a project that an action may change here; the rest of the row stays as it is.
CHANGED = ("state", "lane", "version", "entered_on", "due_on", "due_provisional", "due_cite",
           "updated_at", "confirmed")  # fmt: skip
# table: how its rows are found by the project's key, and in which order they are written
ROWS = {
    "projects_opinion": "project_id = %(pk)s",
    "projects_step": "project_id = %(pk)s",
    "audit_entry": "kind = 'projects.project' AND object_id = %(pk)s::text",
    "inbox_message": "about_kind = 'projects.project' AND about_id = %(pk)s",
    "inbox_outgoing": "key LIKE 'projects.step:' || %(pk)s || ':%%'",
    "projects_actionrequest": "project_id = %(pk)s",
}
Row = dict[str, Any]


@dataclass
class Learnt:
    """What one action wrote for one firm: new rows by table, and the project as it became."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    project: Row = field(default_factory=dict)
    from_pk: int = 0


class Raw:
    """A connection of its own, and what it writes."""

    def __init__(self, world: Any) -> None:
        from django.db import connection

        self.world = world
        self.learnt: dict[tuple[str, int], Learnt] = {}
        self.link = psycopg.connect(
            **{
                k: v
                for k, v in connection.get_connection_params().items()
                if k in ("dbname", "user", "password", "host", "port")
            },
            autocommit=True,
        )
        self.link.execute("SET TIME ZONE 'UTC'")
        self.look = psycopg.connect(self.link.info.dsn, password=self.link.info.password or None)
        self.look.autocommit = True
        self.look.execute("SELECT set_config('shuzhuan.reach', 'all', false)")
        self.statements = ""

    def narrow(self, actor: Any) -> None:
        """The same wall for both sides."""
        from shuzhuan.apps.access import wall

        wall.narrow(actor)
        places = ",".join(map(str, actor.place_ids))
        self.link.execute(
            "SELECT set_config('shuzhuan.reach', 'places', false), "
            "set_config('shuzhuan.places', %s, false), set_config('shuzhuan.parties', '', false)",
            [places],
        )

    @staticmethod
    def widen() -> None:
        """The platform's connection sees everything again, for counting."""
        from django.db import connection

        from shuzhuan.apps.access import wall

        wall.open_connection(connection)

    # -- learning -----------------------------------------------------------------------------

    def learn(self) -> None:
        """The first round through `perform`, reading back what each action wrote."""
        from django.db import connection

        asked = 0
        for action, (actor, _) in self.world.actions.items():
            self.narrow(actor)
            for at, project in enumerate(self.world.projects[0, 0, action]):
                before = self._ids(project.pk)
                if at:
                    self.world.do(action, project)
                else:  # counts its statements once, BEGIN and COMMIT among them
                    connection.force_debug_cursor = True
                    connection.queries_log.clear()
                    self.world.do(action, project)
                    asked += len(connection.queries_log)
                    connection.force_debug_cursor = False
                self.learnt[action, at] = self._read(project.pk, before)
        self.widen()
        raw = sum(len(self._sql(self.learnt[action, 0])) + 2 for action in self.world.actions)
        self.statements = f"{asked}:{raw}"

    def _ids(self, pk: int) -> dict[str, int]:
        found = {}
        for table, where in ROWS.items():
            row = self.look.execute(
                f"SELECT coalesce(max(id), 0) FROM {table} WHERE {where}", {"pk": pk}
            ).fetchone()
            found[table] = 0 if row is None else row[0]
        return found

    def _read(self, pk: int, before: Mapping[str, int]) -> Learnt:
        from psycopg.rows import dict_row

        found = Learnt(from_pk=pk)
        with self.look.cursor(row_factory=dict_row) as cursor:
            for table, where in ROWS.items():
                cursor.execute(
                    f"SELECT * FROM {table} WHERE {where} AND id > %(before)s ORDER BY id",
                    {"pk": pk, "before": before[table]},
                )
                found.rows[table] = cursor.fetchall()
            row = cursor.execute("SELECT * FROM projects_project WHERE id = %s", [pk]).fetchone()
            assert row is not None
            found.project = {name: _bound(row[name]) for name in CHANGED}
        for table, rows in found.rows.items():
            assert rows or table == "projects_opinion", f"nothing was written to {table}"
        return found

    # -- writing ------------------------------------------------------------------------------

    def _sql(self, learnt: Learnt, pk: int = 0) -> list[tuple[str, list[Any]]]:
        """Statements and their rows of values, in the order of `perform`."""
        project = {**learnt.project}
        marks = ", ".join(f"{name} = %s" for name in project)
        version = project["version"]
        found: list[tuple[str, list[Any]]] = [
            (f"UPDATE projects_project SET {marks} WHERE id = %s AND version = %s",
             [[*project.values(), pk, version - 1]]),
        ]  # fmt: skip
        for table, rows in learnt.rows.items():
            if table == "inbox_message":
                at = rows[0]["created_at"]
                found.append((SETTLE, [[at, at, pk]]))
            values = [self._twin(table, row, learnt.from_pk, pk) for row in rows]
            if table == "audit_entry":
                values, chain = self._chained(values)
                found.append((CHAIN, [chain]))
            if values:
                names = list(values[0])
                found.append(
                    (
                        f"INSERT INTO {table} ({', '.join(names)}) "
                        f"VALUES ({', '.join(['%s'] * len(names))})",
                        [[_bound(v) for v in row.values()] for row in values],
                    )
                )
        return found

    @staticmethod
    def _twin(table: str, row: Row, from_pk: int, pk: int) -> Row:
        """The same row for another project."""
        made = {name: value for name, value in row.items() if name != "id"}
        for name, value in made.items():
            if name in ("project_id", "about_id", "object_id"):
                made[name] = type(value)(pk)
            elif name in ("key", "url") and isinstance(value, str):
                made[name] = value.replace(f":{from_pk}:", f":{pk}:").replace(
                    f"/{from_pk}/", f"/{pk}/"
                )
        if table == "projects_actionrequest":
            made["key"] = str(uuid4())
            made["answer"] = {**made["answer"], "project_id": pk}
        return made

    def _chained(self, rows: list[Row]) -> tuple[list[Row], list[Any]]:
        """The audit rows at the end of their chain, and the chain's new head."""
        import json

        from shuzhuan.engine.audit import tree

        row = self.look.execute(
            "SELECT id, size, head, frontier, algorithm FROM audit_chain WHERE id = %s",
            [rows[0]["chain_id"]],
        ).fetchone()
        assert row is not None
        pk, size, head, stored, algorithm = row
        frontier = stored.split(",") if size else []
        for entry in rows:
            entry |= {"number": size + 1, "previous": head}
            head = tree.leaf(
                {
                    "chain": pk, "number": size + 1, "at": entry["at"].isoformat(),
                    "user": entry["user_id"], "role": entry["role"], "action": entry["action"],
                    "kind": entry["kind"], "object": entry["object_id"],
                    "outcome": entry["outcome"], "detail": json.loads(entry["detail"]),
                    "previous": entry["previous"],
                },
                algorithm,
            )  # fmt: skip
            entry["leaf"] = head
            size += 1
            frontier = tree.push(frontier, head, algorithm)
        return rows, [size, head, ",".join(frontier), pk]

    def write(self, action: str, at: int, project: Any) -> float:
        """One action's rows in one transaction; the seconds of it."""
        work = self._sql(self.learnt[action, at], project.pk)
        start = time.perf_counter()
        with self.link.transaction(), self.link.cursor() as cursor:
            for statement, rows in work:
                if len(rows) == 1:
                    cursor.execute(statement, rows[0], prepare=True)
                else:
                    cursor.executemany(statement, rows)
        return time.perf_counter() - start

    def twins(self, number: int) -> None:
        """The raw side of a round, untimed."""
        for action, (actor, _) in self.world.actions.items():
            self.narrow(actor)
            for at, project in enumerate(self.world.projects[number, 1, action]):
                self.write(action, at, project)
        self.widen()

    def race(self, action: str, number: int) -> tuple[float, float]:
        """Both sides in turns, one transaction each; seconds of ours and of the raw side."""
        self.narrow(self.world.actions[action][0])
        ours = theirs = 0.0
        pairs = zip(
            self.world.projects[number, 0, action],
            self.world.projects[number, 1, action],
            strict=True,
        )
        for at, (project, twin) in enumerate(pairs):
            if (at + number) % 2:
                theirs += self.write(action, at, twin)
            start = time.perf_counter()
            self.world.do(action, project)
            ours += time.perf_counter() - start
            if not (at + number) % 2:
                theirs += self.write(action, at, twin)
        self.widen()
        return ours, theirs


def _bound(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value
