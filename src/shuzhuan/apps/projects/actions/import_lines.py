"""Enter many purchases from a file: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid5

from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.projects.actions.perform import NotDone, perform
from shuzhuan.apps.projects.lines_book import COLUMNS, Row, Wrong
from shuzhuan.apps.projects.models import Project


def import_lines(actor: Actor, project: Project, rows: Iterable[Row], key: UUID) -> list[Wrong]:
    """Each row as ``edit_line``, under keys derived from the form's: sent twice is entered once.

    Returns what was refused, by row; then nothing of the file is kept, and the refusal is on
    record.
    """
    wrong: list[Wrong] = []
    listed = list(rows)
    with transaction.atomic():
        for number, payload in listed:
            answer = perform(actor, project.pk, "edit_line", payload, key=uuid5(key, str(number)))
            if not isinstance(answer, NotDone):
                continue
            wrong += [
                Wrong(number, COLUMNS[name][0] if name in COLUMNS else "", message)
                for name, message in answer.problems.items()
            ]
        if wrong:
            transaction.set_rollback(True)
    if wrong:
        with transaction.atomic():
            detail = {"rows": len(listed), "wrong": len({each.row for each in wrong})}
            record("refuse_line_import", actor, project, outcome=Outcome.REFUSED, detail=detail)
    return wrong
