"""What the person sees before the commit, kept beside the file; sensitive values masked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shuzhuan.apps.workbench.importing.fields import SENSITIVE
from shuzhuan.apps.workbench.importing.plan import Plan
from shuzhuan.apps.workbench.places import Places
from shuzhuan.engine.batch.load import HEADER_ROW, Problem
from shuzhuan.engine.batch.scan import letters

SHOWN_MAX = 300


def preview_of(plan: Plan, places: Places) -> dict[str, Any]:
    """Counts and the first rows of each kind."""
    sheet = plan.sheet
    secret = {sheet.columns.get(key) for key in SENSITIVE} - {None}
    kept = [each for each in plan.existing if each.kept]
    return {
        "problems": [_problem(plan, p, secret) for p in sheet.problems[:SHOWN_MAX]],
        "doubts": [_problem(plan, p, secret) for p in sheet.doubts[:SHOWN_MAX]],
        "doubts_count": len(sheet.doubts),
        "new": [
            {
                "line": sheet.line(row),
                "name": sheet.names[row],
                "uscc": sheet.codes[row],
                "place": places.names.get(plan.place_ids[row], ""),
            }
            for row in plan.new[:SHOWN_MAX]
        ],
        "changed": [
            {
                "line": sheet.line(each.row),
                "name": each.enterprise.name,
                "uscc": each.enterprise.uscc,
                "changes": [[c.label, c.shown_old, c.shown_new] for c in each.changes],
            }
            for each in plan.changed[:SHOWN_MAX]
        ],
        "kept": [
            {"line": sheet.line(e.row), "name": e.enterprise.name, "labels": e.kept}
            for e in kept[:SHOWN_MAX]
        ],
        "kept_count": len(kept),
    }


def _problem(plan: Plan, problem: Problem, secret: set[int | None]) -> dict[str, Any]:
    line = 1 if problem.row == HEADER_ROW else plan.sheet.line(problem.row)
    name = "" if problem.row == HEADER_ROW else plan.sheet.names[problem.row]
    return {
        "line": line,
        "cell": f"{letters(problem.column)}{line}",
        "name": name,
        "header": problem.header,
        "value": "（敏感内容，见原表）"
        if problem.column in secret and problem.value
        else problem.value,
        "message": problem.message,
    }


def store(preview: dict[str, Any], folder: Path) -> None:
    """Keep the preview beside the file that it is of."""
    (folder / "preview.json").write_text(json.dumps(preview, ensure_ascii=False), "utf-8")


def load(folder: Path) -> dict[str, Any]:
    """The stored preview; nothing when it has gone with its file."""
    try:
        found: dict[str, Any] = json.loads((folder / "preview.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return found
