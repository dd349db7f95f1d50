"""The worker beside the site: does what waits in the database, and ends with its parent."""

# ruff: noqa: PLC0415 (the site that serves does not load what only the worker needs)

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date

logger = logging.getLogger("shuzhuan.worker")

HOUSEKEEPING_SECONDS = 600
MAIL_SECONDS = 15
REMIND_FROM_HOUR = 8  # nobody is reminded at night
RESTART_SECONDS = 2
STOP_SECONDS = 15
TASK_RESULTS_KEPT_DAYS = 7


def run(*, follow_parent: bool) -> None:
    """Work until stopped. ``follow_parent``: end as soon as standard input is closed."""
    from django.core.management import call_command

    from shuzhuan.apps.policies.actions.clear_expired import clear_expired, resume_stale

    clear_expired()
    resume_stale()
    call_command("prune_db_task_results", min_age_days=TASK_RESULTS_KEPT_DAYS, verbosity=0)
    if follow_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.Thread(target=_keep_house, daemon=True).start()
    threading.Thread(target=_send_mail, daemon=True).start()
    call_command("db_worker", verbosity=0, reload=False)


def _end_with_parent() -> None:
    """A closed pipe tells the parent's end even when it was killed without warning."""
    # Past the buffer of `sys.stdin`: Python ends with a fatal error while a thread holds its lock.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _keep_house() -> None:
    from django.db import DatabaseError, close_old_connections

    from shuzhuan.apps.policies.actions.clear_expired import clear_expired, resume_stale

    done: date | None = None
    while True:
        time.sleep(HOUSEKEEPING_SECONDS)
        try:
            clear_expired()
            resume_stale()
            done = daily(done)
        except DatabaseError:
            continue  # the next round tries again
        finally:
            close_old_connections()


def daily(last: date | None) -> date | None:
    """Do the day's work once it is morning, and return the day last done: count provisional days
    again, look over the publicities, write the reminders.

    The day is kept in memory only: after a restart it is done again and tells nobody twice.
    """
    from django.utils import timezone

    from shuzhuan.apps.inbox.reminders import remind
    from shuzhuan.apps.projects.actions.recount import recount_all
    from shuzhuan.apps.publicity import checks

    now = timezone.localtime()
    if last == now.date() or now.hour < REMIND_FROM_HOUR:
        return last
    try:
        recount_all()
        for row in checks.miscounted():
            logger.error("publicity %s miscounts its open objections", row.number)
    except Exception:  # people are reminded all the same
        logger.exception("provisional days could not be counted again")
    remind()
    return now.date()


def _send_mail() -> None:
    """Empty the outbox again and again; what goes wrong is written, and tried again."""
    from django.conf import settings
    from django.db import close_old_connections

    from shuzhuan.apps.inbox.actions.send import send_due

    while settings.MAIL is not None:
        try:
            send_due()
        except Exception:  # the thread must live on: nobody would notice that no mail leaves
            logger.exception("the outbox could not be worked off")
        finally:
            close_old_connections()
        time.sleep(MAIL_SECONDS)


class Beside:
    """Keeps one worker process running while the site serves."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()  # the job is left as running and queued again later

    def _keep(self) -> None:
        command = [sys.executable, "-m", "shuzhuan.site.cli", "worker", "--follow-parent"]
        while not self._stopping.is_set():
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE)
            self._process.wait()
            if not self._stopping.is_set():
                time.sleep(RESTART_SECONDS)
