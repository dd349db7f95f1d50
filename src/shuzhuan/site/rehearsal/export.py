"""What a play leaves behind, as plain CSV files, so that anybody can recompute its figures."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from shuzhuan.apps.funds.models import Transfer
from shuzhuan.apps.projects.models import Line, Project, Step
from shuzhuan.apps.publicity.models import Objection
from shuzhuan.engine.defuse import defused

_PROJECT = (
    "pk", "number", "enterprise_id", "enterprise__name", "title", "state", "level_before", "level_after", "claimed_fen",
    "audited_fen", "ceiling_fen", "proposed_fen", "determined_fen", "reserved_fen", "paid_fen",
    "clawback_fen", "returned_fen", "filed_at", "paid_on",
)  # fmt: skip
_LINE = (
    "project__number", "project_id", "kind", "name", "invoice_number", "invoice_on", "paid_on",
    "amount_fen", "audited_fen", "audit_reason",
)  # fmt: skip
_STEP = (
    "project_id", "number", "action", "before", "after", "user__login_name", "role", "at", "due_on",
    "waited_days",
)  # fmt: skip
_TRANSFER = (
    "pk", "kind", "purpose", "debit__kind", "debit_id", "credit__kind", "credit_id", "amount_fen",
    "pending_id", "reverses_id", "dated", "recorded_at", "maker__login_name", "checker__login_name",
    "line__key", "line__counts", "subject", "subject_id",
)  # fmt: skip
_OBJECTION = (
    "item__subject_id", "item__publicity__kind", "item__publicity__starts_on",
    "item__publicity__ends_on", "state", "made_at", "decided_at",
)  # fmt: skip


def export(folder: Path) -> list[Path]:
    """Write one file per kind of row; UTF-8 with a mark that spreadsheets understand."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: tuple[tuple[str, Sequence[str], Iterable[Any]], ...] = (
        ("projects.csv", _PROJECT, Project.objects.order_by("pk").values_list(*_PROJECT)),
        (
            "lines.csv",
            _LINE,
            Line.objects.filter(removed_at=None).order_by("pk").values_list(*_LINE),
        ),
        ("steps.csv", _STEP, Step.objects.order_by("at", "pk").values_list(*_STEP)),
        ("transfers.csv", _TRANSFER, Transfer.objects.order_by("pk").values_list(*_TRANSFER)),
        ("objections.csv", _OBJECTION, Objection.objects.order_by("pk").values_list(*_OBJECTION)),
    )
    return [_write(folder / name, head, rows) for name, head, rows in tables]


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for row in rows:
            writer.writerow(["" if cell is None else defused(str(cell)) for cell in row])
    return path
