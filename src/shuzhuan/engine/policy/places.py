"""Where in a pack: a path through the YAML in words that a person understands."""

from __future__ import annotations

from .source import Document, Path

# List key → what one entry is called, and which of its keys names it.
_ENTRIES = {
    "facts": ("事实", "key"),
    "fields": ("字段", "key"),
    "clauses": ("条款", "id"),
    "when": ("条件", "id"),
    "checks": ("检查", "id"),
    "all": ("条件", "id"),
    "params": ("参数", "name"),
    "dated": ("取值", "from"),
    "let": ("步骤", "name"),
    "parts": ("分担方", "party"),
    "floors": ("最低承担", "party"),
    "instalments": ("分期", "name"),
    "conditions": ("条件组", "id"),
    "readings": ("口径", "id"),
    "options": ("选项", "id"),
    "stacking": ("叠加规则", "id"),
    "funds": ("资金规定", "id"),
    "steps": ("步骤", "id"),
    "reviews": ("审核", "id"),
    "publicity": ("公示", "id"),
    "time_limits": ("时限", "id"),
    "papers": ("材料", "id"),
    "rules": ("规定", "id"),
    "tables": ("目标表", "id"),
    "columns": ("列", "id"),
    "rows": ("行", "id"),
    "goals": ("目标", "id"),
    "sources": ("来源", "id"),
    "lines": ("预算行", "id"),
    "subtotals": ("小计", "group"),
    "phases": ("阶段", "id"),
    "tasks": ("任务", "no"),
    "measures": ("指标", "text"),
    "members": ("成员单位", "unit"),
    "duties": ("职责", "unit"),
    "cases": ("用例", "name"),
    "expect": ("预期", "clause"),
}
_MAX_NAME = 30


def describe(document: Document, path: Path) -> str:
    """``("clauses", 0, "amount")`` → ``条款 1 › amount``."""
    words: list[str] = []
    for depth, step in enumerate(path):
        if isinstance(step, str):
            is_list = depth + 1 < len(path) and isinstance(path[depth + 1], int)
            if not (is_list and step in _ENTRIES and _named(document, path[: depth + 2])):
                words.append(step)
        else:
            above = path[depth - 1] if depth else ""
            words.append(_entry(document, path[: depth + 1], str(above)))
    return " › ".join(words)


def _entry(document: Document, path: Path, above: str) -> str:
    name = _named(document, path)
    return f"{_ENTRIES[above][0]} {name}" if name else f"第 {int(path[-1]) + 1} 项"


def _named(document: Document, path: Path) -> str:
    """How the list entry at ``path`` is named, or nothing."""
    above = str(path[-2]) if len(path) > 1 else ""
    entry = document.get(path)
    if above not in _ENTRIES or not isinstance(entry, dict):
        return ""
    name = entry.get(_ENTRIES[above][1])
    return name[:_MAX_NAME] if isinstance(name, str) else ""
