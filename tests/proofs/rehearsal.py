"""`make prove-rehearsal`: the year is played, and its figures are recomputed from the export alone.

The recomputation reads CSV files with the standard library and knows the 办法, not the platform:
rates, caps, working days, who may confirm whom. Controls in the same run damage the export in
ways that each have to be noticed. PostgreSQL is played too where SHUZHUAN_DATABASE_URL names a
server, or where its programs are installed.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.ledger.databases import database, postgres

Rows = dict[str, list[dict[str, str]]]
CAP, RECTIFY_DAYS, PUBLIC_DAYS, LIMIT_SECONDS = 40_000_000, 30, 5, 60
BEIJING = ZoneInfo("Asia/Shanghai")
# 2026 as the State Council published it: weekdays off, weekend days worked.
OFF = (
    "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 "
    "10-01 10-02 10-05 10-06 10-07"
)
ON = "01-04 02-14 02-28 05-09 09-20 10-10"


def main(arguments: list[str]) -> int:
    """Play on each database; 0 when everything agrees and every control is noticed."""
    options = argparse.ArgumentParser()
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    asked = options.parse_args(arguments)
    kinds = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    wrong, figures, seconds = 0, [], {}
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder:
            seconds[kind] = _played(kind, Path(folder))
            rows = _read(Path(folder))
            stored = json.loads((Path(folder) / "figures.json").read_text("utf-8"))
        found = judge(rows, stored)
        for text in found:
            print(f"{kind}: {text}")
        wrong += len(found)
        figures.append({k: v for k, v in stored.items() if k not in ("audit_rows", "messages")})
    if len(figures) > 1 and figures[0] != figures[1]:
        print(f"两种数据库的结果不同：{figures}")
        wrong += 1
    blind = [name for name, damage in CONTROLS.items() if not judge(damage(_copy(rows)), stored)]
    for name in blind:
        print(f"control not noticed: {name}")
    slow = seconds.get("sqlite", 0.0) > LIMIT_SECONDS
    last = figures[-1]
    print(
        f"PROVE-REHEARSAL databases={','.join(kinds)} projects={last['projects']} closed={last['closed']} "
        f"paid_fen={last['paid_fen']} returned_fen={last['returned_fen']} steps={last['steps']} "
        f"differences={wrong} controls={len(CONTROLS)} unnoticed={len(blind)} "
        + " ".join(f"{kind}_seconds={value:.1f}" for kind, value in seconds.items())
    )
    return 1 if wrong or blind or slow or not last["projects"] else 0


def _played(kind: str, folder: Path) -> float:
    """Play the year in a process of its own; seconds as the platform reports them."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SHUZHUAN_")}
    environment["SHUZHUAN_DATA"] = str(folder / "data")
    (folder / "data").mkdir()
    program = str(Path(sys.executable).with_name("shuzhuan"))
    words = [program, "rehearse", "pengyang", "--quiet", "--here"]
    words += ["--export", str(folder)]
    if kind == "sqlite":
        return _run(words, environment)
    with postgres() as server, database(server, "shuzhuan_rehearsal") as url:
        environment["SHUZHUAN_DATABASE_URL"] = url
        return _run(words, environment)


def _run(words: list[str], environment: dict[str, str]) -> float:
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(
            f"the rehearsal could not be played:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        )
    last = done.stdout.strip().splitlines()[-1]
    return float(last.rpartition("seconds=")[2])


def _read(folder: Path) -> Rows:
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


def _copy(rows: Rows) -> Rows:
    return {name: [dict(row) for row in table] for name, table in rows.items()}


# -- the recomputation ----------------------------------------------------------------------------


def judge(rows: Rows, stored: dict[str, int]) -> list[str]:
    """Everything that does not follow from the rules, in words."""
    wrong: list[str] = []
    for project in rows["projects"]:
        wrong += _project(project, rows)
    wrong += _enterprises(rows["projects"]) + _books(rows)
    wrong += _times(rows)
    wrong += _people(rows)
    again = {
        "projects": len(rows["projects"]),
        "closed": sum(p["state"] == "closed" for p in rows["projects"]),
        "paid_fen": sum(int(p["paid_fen"]) for p in rows["projects"]),
        "returned_fen": sum(int(p["returned_fen"]) for p in rows["projects"]),
        "audited_fen": sum(int(p["audited_fen"]) for p in rows["projects"]),
        "steps": len(rows["steps"]),
        "level2": sum(p["state"] == "closed" and p["level_after"] == "2" for p in rows["projects"]),
        "level3": sum(p["state"] == "closed" and p["level_after"] == "3" for p in rows["projects"]),
    }
    wrong += [
        f"{k}: {stored[k]} is stored, {v} follows" for k, v in again.items() if stored[k] != v
    ]
    return wrong


def _project(project: dict[str, str], rows: Rows) -> list[str]:
    """第七条（一）: half of what was audited, at most 40万元; only after a rise in level."""
    name, wrong = project["number"], []
    lines = [row for row in rows["lines"] if row["project_id"] == project["pk"]]
    claimed = sum(int(row["amount_fen"]) for row in lines)
    audited = sum(int(row["audited_fen"] or 0) for row in lines)
    if claimed != int(project["claimed_fen"]) or audited != int(project["audited_fen"]):
        wrong.append(f"{name}: the lines sum to {claimed} and {audited}")
    if any(row["kind"] == "other" and int(row["audited_fen"] or 0) for row in lines):
        wrong.append(f"{name}: an ineligible purchase was counted")
    paid, ceiling = int(project["paid_fen"]), min(audited // 2, CAP)
    if paid > ceiling or (paid and int(project["ceiling_fen"]) != ceiling):
        wrong.append(f"{name}: {paid} was paid, the ceiling is {ceiling}")
    if paid:
        before, after = int(project["level_before"]), int(project["level_after"])
        if not (after >= 2 > before or (before >= 2 and after >= 3)):
            wrong.append(f"{name}: paid for {before} to {after}")
    moves = [row for row in rows["transfers"] if row["subject_id"] == project["pk"]]
    posted = sum(int(m["amount_fen"]) for m in moves if m["purpose"] == "pay")
    back = sum(int(m["amount_fen"]) for m in moves if m["purpose"] == "claw_back")
    if (posted, back) != (paid, int(project["returned_fen"])):
        wrong.append(f"{name}: the ledger says {posted} and {back}")
    return wrong


def _enterprises(projects: list[dict[str, str]]) -> list[str]:
    """第七条（一）: 40万元 is the most for an enterprise, in all its projects together."""
    kept: dict[str, int] = defaultdict(int)
    for project in projects:
        kept[project["enterprise_id"]] += int(project["paid_fen"]) - int(project["returned_fen"])
    return [f"enterprise {pk} kept {fen}" for pk, fen in kept.items() if fen > CAP]


def _books(rows: Rows) -> list[str]:
    """Replay the ledger: nothing below zero, every pending resolved once and not above itself."""
    wrong: list[str] = []
    balance: dict[str, int] = defaultdict(int)
    pending: dict[str, int] = {}
    by_id = {row["pk"]: row for row in rows["transfers"]}
    invoices = [row["invoice_number"] for row in rows["lines"]]
    if len(set(invoices)) < len(invoices):
        wrong.append("an invoice was used twice")
    for row in rows["transfers"]:
        amount = int(row["amount_fen"])
        if amount <= 0 or row["maker__login_name"] == row["checker__login_name"]:
            wrong.append(f"transfer {row['pk']}: amount or people")
        if row["kind"] == "pending":
            pending[row["pk"]] = amount
            balance[row["debit_id"]] -= amount
        elif row["kind"] in ("post", "void"):
            first = by_id.get(row["pending_id"])
            reserved = pending.pop(row["pending_id"], -1)
            if first is None or amount > reserved:
                wrong.append(f"transfer {row['pk']}: resolves {row['pending_id']} wrongly")
                continue
            balance[first["debit_id"]] += reserved - (amount if row["kind"] == "post" else 0)
            balance[first["credit_id"]] += amount if row["kind"] == "post" else 0
        else:
            balance[row["debit_id"]] -= amount
            balance[row["credit_id"]] += amount
        outside = {r["debit_id"] for r in rows["transfers"] if r["debit__kind"] == "source"}
        wrong += [
            f"after {row['pk']}: account {k} at {v}"
            for k, v in balance.items()
            if v < 0 and k not in outside
        ]
    if sum(balance.values()) or pending:
        wrong.append(f"the books do not close: {sum(balance.values())}, pending {pending}")
    return wrong


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(BEIJING).date()


def _workdays(start: date, end: date) -> int:
    """Working days after ``start`` and before ``end``: whole ones that lie between."""
    count, day = 0, start + timedelta(1)
    while day < end:
        short = f"{day:%m-%d}" if day.year == 2026 else ""
        count += short in ON.split() if day.weekday() > 4 else short not in OFF.split()
        day += timedelta(1)
    return count


def _times(rows: Rows) -> list[str]:
    """Publicity of five whole working days, thirty days of rectification, silence under objection."""
    wrong: list[str] = []
    steps: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows["steps"]:
        steps[row["project_id"]].append(row)
    for pk, history in steps.items():
        wrong += [f"project {pk}: {text}" for text in _history(history)]
    for row in rows["objections"]:
        for step in steps[row["item__subject_id"]]:
            if row["made_at"] < step["at"] < row["decided_at"]:
                wrong.append(f"project {row['item__subject_id']}: moved under an open objection")
    return wrong


def _history(history: list[dict[str, str]]) -> list[str]:
    """What is wrong with the days and the order of one project's steps."""
    wrong, actions = [], [row["action"] for row in history]
    began: dict[str, date] = {}
    for row in history:
        verb, _, rest = row["action"].partition("_")
        if rest in ("selection_publicity", "payment_publicity"):
            if verb == "start":
                began[rest] = _day(row["at"])
            elif rest not in began or _workdays(began[rest], _day(row["at"])) < PUBLIC_DAYS:
                wrong.append(f"the {rest} was too short")
    for first, then in pairwise(history):
        days = (_day(then["at"]) - _day(first["at"])).days
        if then["action"] == "report_rectified" and days > RECTIFY_DAYS:
            wrong.append("rectified too late")
        if first["after"] != then["before"]:
            wrong.append(f"from {first['after']} to {then['before']}")
    if actions.count("order_rectification") > 1:
        wrong.append("rectified twice")
    if "pay" in actions and "close_payment_publicity" not in actions[: actions.index("pay")]:
        wrong.append("paid without a publicity")
    return wrong


def _people(rows: Rows) -> list[str]:
    """Nobody approves what they made."""
    pairs = (
        ("pass_county_review", "pass_city_review"), ("determine", "confirm_determination"),
        ("determine", "pay"), ("confirm_determination", "pay"), ("order_claw_back", "confirm_returned"),
    )  # fmt: skip
    wrong, last = [], {}
    for row in rows["steps"]:
        last[row["project_id"], row["action"]] = row["user__login_name"]
        for made, approved in pairs:
            if row["action"] == approved and last.get((row["project_id"], made)) in (
                None,
                row["user__login_name"],
            ):
                wrong.append(
                    f"project {row['project_id']}: {made} and {approved} by the same person"
                )
    return wrong


# -- controls -------------------------------------------------------------------------------------


def _first(rows: Rows, table: str, name: str, value: str) -> dict[str, str]:
    return next(row for row in rows[table] if row[name] == value)


def _changed(
    table: str, where: tuple[str, str], column: str, change: Callable[[str], str]
) -> Callable[[Rows], Rows]:
    def damage(rows: Rows) -> Rows:
        row = _first(rows, table, *where)
        row[column] = change(row[column])
        return rows

    return damage


def _without(table: str, name: str, value: str) -> Callable[[Rows], Rows]:
    def damage(rows: Rows) -> Rows:
        rows[table].remove(_first(rows, table, name, value))
        return rows

    return damage


def _more(text: str) -> str:
    return str(int(text) + 1)


CONTROLS: dict[str, Callable[[Rows], Rows]] = {
    "one fen more was paid": _changed("projects", ("state", "closed"), "paid_fen", _more),
    "a line was audited higher": _changed("lines", ("kind", "software"), "audited_fen", _more),
    "building work was counted": _changed("lines", ("kind", "other"), "audited_fen", _more),
    "a payment left the ledger": _without("transfers", "purpose", "pay"),
    "a claw-back left the ledger": _without("transfers", "purpose", "claw_back"),
    "a transfer was larger": _changed("transfers", ("purpose", "pay"), "amount_fen", _more),
    "maker and checker are one": _changed(
        "transfers", ("purpose", "pay"), "checker__login_name", lambda _: "demo-second"
    ),
    "the publicity was skipped": _without("steps", "action", "close_payment_publicity"),
    "the publicity was short": _changed(
        "steps", ("action", "start_payment_publicity"), "at", lambda _: "2026-10-24 01:00:00+00:00"
    ),
    "one person did both": _changed(
        "steps", ("action", "confirm_determination"), "user__login_name", lambda _: "demo-county"
    ),
    "one enterprise was paid twice": _changed(
        "projects", ("number", "彭阳县-2026-1-010"), "enterprise_id", lambda pk: str(int(pk) + 1)
    ),
    "the level did not rise": _changed("projects", ("state", "closed"), "level_after", lambda _: "1"),
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
