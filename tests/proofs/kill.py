"""`make prove-kill`: the server is killed under filing load; nothing that it acknowledged is lost.

Enterprises file, attach, upload and withdraw through the pages of a real server. At a random
moment the whole process group gets SIGKILL, again and again, on a SQLite file and on PostgreSQL.
After each kill every acknowledged request is looked up: its answer, its step, its audit row, its
file by content. Control: `--early` makes the server answer before it commits; the proof must
then fail.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ledger.databases import database, postgres

ACKS_A_KILL_MIN, START_SECONDS_MAX, PATIENCE_SECONDS = 24, 90, 300
LOG_SIGNS_MAX = 6000


def main(arguments: list[str]) -> int:
    """Kill the server on each database; 0 when nothing acknowledged was lost."""
    options = argparse.ArgumentParser()
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    options.add_argument("--kills", type=int, default=50, help="per database")
    options.add_argument("--seed", type=int, default=20260302)
    options.add_argument("--early", action="store_true", help="control: must turn the proof red")
    options.add_argument("--child", help=argparse.SUPPRESS)
    asked = options.parse_args(arguments)
    if asked.child:
        return _child(asked)
    kinds = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    return max(_in_child(kind, arguments) for kind in kinds)


def _in_child(kind: str, arguments: list[str]) -> int:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SHUZHUAN_")}
    words = [sys.executable, "-m", "tests.proofs.kill", *arguments, "--child", kind]
    with tempfile.TemporaryDirectory() as folder:
        environment["SHUZHUAN_DATA"] = folder
        if kind == "sqlite":
            return subprocess.run(words, env=environment, check=False).returncode
        with postgres() as server, database(server, f"kill_{os.getpid()}") as url:
            environment["SHUZHUAN_DATABASE_URL"] = url
            return subprocess.run(words, env=environment, check=False).returncode


@dataclass
class Acknowledged:
    """What the server said yes to."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    keys: dict[str, str] = field(default_factory=dict)  # key → action
    files: dict[str, str] = field(default_factory=dict)  # title → sha256
    wrong: list[str] = field(default_factory=list)


def _child(asked: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuzhuan.site.settings")
    import django

    django.setup()
    from tests.proofs.kill_load import Client, Uploader, prepare

    prepared = prepare(Path(os.environ["SHUZHUAN_DATA"]))
    source, said = random.Random(asked.seed), Acknowledged()
    port, lost, short, checked = _free_port(), [], 0, 0
    log = Path(os.environ["SHUZHUAN_DATA"]) / "server.log"
    for _ in range(asked.kills):
        server = _serve(port, log, early=asked.early)
        stop, before = threading.Event(), len(said.keys)
        clients = [
            kind(port, firm, said, stop, source.random())
            for firm in prepared
            for kind in (Client, Uploader)
        ]
        for client in clients:
            client.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (
            len(said.keys) < before + ACKS_A_KILL_MIN
            and time.monotonic() < deadline
            and not stop.is_set()
        ):
            time.sleep(0.01)
        time.sleep(source.uniform(0, 1.5))
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        stop.set()
        for client in clients:
            client.join()
        short += len(said.keys) < before + ACKS_A_KILL_MIN
        lost += _lost(said)
        checked = len(said.keys) + len(said.files)
        if asked.early:  # forgotten sessions are refused: only what was lost counts for the control
            said.wrong.clear()
        if lost or said.wrong:
            break
    if asked.early:
        print(f"PROVE-KILL control database={asked.child} lost={len(lost)}", flush=True)
        return 1 if lost else 0
    said.wrong += _crashes(log)
    problems = lost + said.wrong + _whole()
    for text in problems[:20]:
        print(f"{asked.child}: {text}")
    print(
        f"PROVE-KILL database={asked.child} kills={asked.kills} acknowledged={checked} "
        f"filings={sum(a == 'file' for a in said.keys.values())} files={len(said.files)} "
        f"lost={len(lost)} problems={len(problems)} rounds_too_quiet={short}",
        flush=True,
    )
    filed = any(action == "file" for action in said.keys.values())
    return 1 if problems or short or not filed else 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _crashes(log: Path) -> list[str]:
    """What the servers wrote down about requests that they could not answer."""
    text = log.read_text("utf-8", "replace")
    at = text.find(" ERROR ")
    return [] if at < 0 else [f"the server wrote: {text[at : at + LOG_SIGNS_MAX]}"]


def _serve(port: int, log: Path, *, early: bool) -> subprocess.Popen[bytes]:
    """The real server, in a process group of its own; returns when it answers."""
    program = "from shuzhuan.site.cli import main; import sys; sys.exit(main(sys.argv[1:]))"
    if early:
        program = f"import tests.proofs.kill_load as k; k.answer_before_commit(); {program}"
    words = [sys.executable, "-c", program, "serve", "--port", str(port), "--no-worker"]
    with log.open("ab") as file:
        server = subprocess.Popen(words, start_new_session=True, stdout=file, stderr=file)
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SystemExit(
                f"the server could not be started: {log.read_text('utf-8', 'replace')}"
            )
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.2):
                return server
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not answer")


def _lost(said: Acknowledged) -> list[str]:
    """Acknowledged requests of which some part is missing; looked up past the server."""
    from django.db import connection

    from shuzhuan.apps.evidence.models import Document
    from shuzhuan.apps.evidence.store import store
    from shuzhuan.apps.projects.models import ActionRequest, Step

    connection.close()
    found = []
    answers = {r.key: r for r in ActionRequest.objects.filter(key__in=list(said.keys))}
    for key, action in said.keys.items():
        row = answers.get(key)
        if row is None or not row.done:
            found.append(f"{action} {key} was acknowledged and is not there")
        elif not Step.objects.filter(
            project_id=row.project_id, number=row.answer["step"], action=action
        ).exists():
            found.append(f"{action} {key} left no step")
    rows = {
        d.title: d
        for d in Document.objects.filter(title__in=list(said.files)).select_related("current__blob")
    }
    for title, sha256 in said.files.items():
        document: Any = rows.get(title)
        if document is None or document.current is None or document.current.blob.sha256 != sha256:
            found.append(f"the file {title} was acknowledged and is not there")
            continue
        with store().open(sha256) as content:
            import hashlib

            if hashlib.sha256(content.read()).hexdigest() != sha256:
                found.append(f"the file {title} is not what was sent")
    return found


def _whole() -> list[str]:
    """No half states: every step is in the log, every version has its steps."""
    from shuzhuan.apps.audit.models import Chain, Entry
    from shuzhuan.apps.projects.models import Project, Step

    wrong = []
    for project in Project.objects.all():
        steps = Step.objects.filter(project=project)
        logged = Entry.objects.filter(
            kind="projects.project", object_id=str(project.pk), outcome="done"
        )
        if project.version != steps.count() + 1 or logged.count() != steps.count() + 1:
            wrong.append(f"project {project.pk}: version, steps and log differ")
    for chain in Chain.objects.all():
        if Entry.objects.filter(chain=chain).count() != chain.size:
            wrong.append(f"the chain {chain.key} has lost rows")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
