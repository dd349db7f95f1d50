"""Rows are locked so that whoever only refers to them does not wait: 不锁主键.

Foreign keys are checked when a transaction commits. By then it holds the chain of the log, which
every other writer of the place waits for. Were one of these to hold a full lock on the row that
is referred to, the two would wait for each other, and PostgreSQL would throw one of them out.
"""

from __future__ import annotations

import re
from pathlib import Path

import shuzhuan

_LOCK = re.compile(r"select_for_update\(([^)]*(?:\([^)]*\))?[^)]*)\)")


def _full_locks(text: str) -> list[str]:
    found = [found[0] for found in _LOCK.finditer(text) if "no_key=True" not in found[1]]
    return found + re.findall(r"\bFOR UPDATE\b", text)


def test_no_row_is_locked_with_its_key() -> None:
    sources = list(Path(shuzhuan.__file__).parent.rglob("*.py"))
    texts = {path: path.read_text("utf-8") for path in sources}
    assert sum(text.count("select_for_update(") for text in texts.values()) > 40
    assert {path.name: _full_locks(text) for path, text in texts.items() if _full_locks(text)} == {}


def test_control_a_full_lock_is_seen() -> None:
    assert _full_locks('rows.select_for_update(of=("self",)).get()') != []
    assert _full_locks("rows.select_for_update().get()") != []
    assert _full_locks("SELECT 1 FROM a FOR UPDATE") != []
    assert _full_locks('rows.select_for_update(no_key=True, of=("self",)).get()') == []
