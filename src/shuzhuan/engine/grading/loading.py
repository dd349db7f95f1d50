"""YAML or JSON → indicator set, or every mistake with its file and line.

The loader is strict: unknown keys, repeated keys, figures that do not add up and levels
that are not nested are refused. JSON is read as the subset of YAML that it is, so a stored
set goes through the same checks as a file.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shuzhuan.engine.policy.complaints import complaints
from shuzhuan.engine.policy.errors import PackError, Problem
from shuzhuan.engine.policy.places import describe
from shuzhuan.engine.policy.source import Document, read_document

from .checks import mistakes
from .model import IndicatorSet

FILE = "set.yaml"
SHIPPED = Path(__file__).parents[2] / "packs" / "indicators"


def read_set(file: str, data: bytes) -> IndicatorSet:
    """The set in ``data`` (UTF-8 YAML or JSON); ``file`` is its name in messages.

    Raises PackError with every mistake found.
    """
    document = read_document(file, data)
    if document.problems:
        raise PackError(problem for _, problem in document.problems)
    try:
        indicators = IndicatorSet.model_validate(document.plain)
    except ValidationError as error:
        found = complaints(document, IndicatorSet, error)
        raise PackError(sorted((p for _, p in found), key=lambda p: p.position)) from None
    wrong = mistakes(indicators)
    if wrong:
        raise PackError(_problem(document, *one) for one in wrong)
    return indicators


def _problem(document: Document, path: tuple[str | int, ...], message: str, hint: str) -> Problem:
    return Problem(document.at(path), describe(document, path), message, hint)


def load_set(folder: Path) -> IndicatorSet:
    """The set of one folder (``set.yaml``). Raises PackError, or OSError if there is no file."""
    path = folder / FILE
    return read_set(f"{folder.name}/{FILE}", path.read_bytes())


@cache
def shipped_sets() -> dict[str, IndicatorSet]:
    """The sets that ship with the project, by id, in order of their folders."""
    found = (load_set(path.parent) for path in sorted(SHIPPED.glob(f"*/{FILE}")))
    return {indicators.id: indicators for indicators in found}


def dump_set(indicators: IndicatorSet) -> str:
    """JSON text that ``read_set`` reads back to the same digest; for storage and download."""
    return json.dumps(indicators.to_document(), ensure_ascii=False, indent=1) + "\n"


def json_schema() -> dict[str, Any]:
    """JSON Schema of ``set.yaml`` with Chinese descriptions, for editors."""
    schema = IndicatorSet.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "数转灯塔指标集",
        **{key: value for key, value in schema.items() if key != "title"},
    }
