"""Scratch databases for the ledger's proof: a migrated one, and as many copies as are needed.

SQLite copies the file. PostgreSQL makes databases from a template, on the server of
SHUZHUAN_DATABASE_URL or on a private cluster that is started from the installed binaries.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit


def _bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise RuntimeError("没有 PostgreSQL：请安装，或用 SHUZHUAN_DATABASE_URL 指明一个")
    return found[-1].parent


@contextmanager
def postgres(*, forgetful: bool = False) -> Iterator[str]:
    """The address of a server: the given one, or a private cluster for as long as this lasts.

    ``forgetful``: rather a private one that a power cut may take, where databases are copied in a
    tenth of the time; for proofs of something else than durability.
    """
    given = os.environ.get("SHUZHUAN_DATABASE_URL", "")
    if given and not (forgetful and sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
        yield given
        return
    binaries, home = _bin(), Path(tempfile.mkdtemp(prefix="shuzhuan-ledger-"))
    prefix: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(home, "postgres", "postgres")
        prefix = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*words: str) -> None:
        done = subprocess.run(
            [*prefix, *words], cwd="/", capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{words[0]}：{done.stderr.strip() or done.stdout.strip()}")

    data, control = str(home / "data"), str(binaries / "pg_ctl")
    listening = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home}"
    if forgetful:
        listening += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    run(str(binaries / "initdb"), "-D", data, "-U", "shuzhuan", "-A", "trust", "-E", "UTF8",
        "--locale=C.UTF-8")  # fmt: skip
    try:
        run(control, "-D", data, "-w", "-l", str(home / "log"), "-o", listening, "start")
        yield f"postgresql://shuzhuan@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*prefix, control, "-D", data, "-m", "immediate", "stop"], cwd="/",
            capture_output=True, check=False,
        )  # fmt: skip
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """A new, empty database on the server, dropped afterwards, and a user of its own to own it.

    Whoever the server was given as may be a superuser, and row-level security binds no superuser:
    a proof that ran as one would not meet the platform as it is installed.
    """
    import psycopg

    parts, secret = urlsplit(server), token_hex(16)
    with psycopg.connect(server, autocommit=True) as link:
        link.execute(f"CREATE ROLE \"{name}\" LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{secret}'")
        link.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
        host = parts.netloc.rpartition("@")[2]
        try:
            yield urlunsplit(parts._replace(netloc=f"{name}:{secret}@{host}", path=f"/{name}"))
        finally:
            owned = "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = %s"
            for (each,) in link.execute(owned, [name]).fetchall():
                link.execute(f'DROP DATABASE "{each}" WITH (FORCE)')
            link.execute(f'DROP ROLE "{name}"')


class Copies:
    """Copies of the database that Django is set up with; nobody may be connected to it."""

    def __init__(self) -> None:
        from django.db import connection, connections

        self.vendor = connection.vendor
        self.original = str(connection.settings_dict["NAME"])
        self.server = os.environ.get("LEDGER_PROOF_SERVER", "")
        if self.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections.close_all()

    def make(self, name: str, of: str = "") -> str:
        """A fresh copy, of the original or of ``of``; its name is to be given to ``use``."""
        from django.db import connection, connections

        if self.vendor == "sqlite":
            if of:  # what was written last may not be in the file itself yet
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            path = f"{self.original}.{name}"
            shutil.copyfile(of or self.original, path)
            return path
        connections.close_all()
        import psycopg

        copy = f"{self.original}_{name}"
        with psycopg.connect(self.server, autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
            link.execute(
                f'CREATE DATABASE "{copy}" TEMPLATE "{of or self.original}" OWNER "{self.original}"'
            )
        return copy

    def drop(self, copy: str) -> None:
        """Throw a copy away."""
        if self.vendor == "sqlite":
            for ending in ("", "-wal", "-shm"):
                Path(copy + ending).unlink(missing_ok=True)
            return
        import psycopg

        with psycopg.connect(self.server, autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')


def current() -> str:
    """The database that the connections of this process go to."""
    from django.db import connections

    return str(connections["default"].settings_dict["NAME"])


def use(copy: str) -> None:
    """Let every connection of this process go to a copy from now on."""
    from django.conf import settings
    from django.db import connections

    connections.close_all()
    settings.DATABASES["default"]["NAME"] = copy
    connections["default"].settings_dict["NAME"] = copy
