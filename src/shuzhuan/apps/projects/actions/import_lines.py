"""Enter the purchases of a sheet: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.projects.actions.perform import Done, perform
from shuzhuan.apps.projects.lines_book import COLUMNS, Row, Wrong
from shuzhuan.apps.projects.models import Project


def import_lines(actor: Actor, project: Project, rows: Iterable[Row], key: UUID) -> list[Wrong]:
    """One ``edit_line`` for the whole sheet, on record once; what was refused, by row.

    ``key``: the form's; sent twice is entered once.
    """
    sheet = {str(number): payload for number, payload in rows}
    answer = perform(actor, project.pk, "edit_line", {"rows": sheet}, key=key)
    if isinstance(answer, Done):
        return []
    return [_wrong(name, message) for name, message in answer.problems.items()]


def _wrong(name: str, message: str) -> Wrong:
    """``name``: ``<number>.<field>``, or a field of no row."""
    number, _, field = name.rpartition(".")
    column = COLUMNS[field][0] if field in COLUMNS else ""
    return Wrong(int(number or 0), column, message)
