"""Original texts beside the rules: found by clause, cut out of the whole document when possible."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from shuzhuan.apps.policies.models import OriginalText
from shuzhuan.engine.policy.pack import Pack


@dataclass(frozen=True)
class Excerpt:
    """The wording that belongs to a clause; ``whole`` when the place in the text is not known."""

    paragraphs: tuple[str, ...]
    source: str
    whole: bool


def of_document(place: str) -> OriginalText | None:
    """The attached text of a whole document."""
    return OriginalText.objects.filter(place=place, clause_id="").first()


def of_clause(pack: Pack, clause: Any) -> Excerpt | None:
    """The wording of a clause: attached for itself, or cut out of the document by its number."""
    rows = OriginalText.objects.filter(place=pack.id, clause_id__in=("", clause.id))
    texts = {row.clause_id: row for row in rows}
    own = texts.get(clause.id)
    if own is not None:
        return Excerpt(paragraphs(own.text), own.source, False)
    whole = texts.get("")
    if whole is None:
        return None
    found = cut(paragraphs(whole.text), clause)
    return Excerpt(found, whole.source, False) if found else Excerpt((), whole.source, True)


def paragraphs(text: str) -> tuple[str, ...]:
    """The lines that say something."""
    lines = (line.replace("**", "").strip() for line in text.splitlines())  # marks of markdown
    return tuple(line for line in lines if line)


def cut(lines: tuple[str, ...], clause: Any) -> tuple[str, ...]:
    """The lines of the place that the clause cites: 二（四）13 is sought level by level."""
    path = _path(str(clause.cite))
    start, end = 0, len(lines)
    for level, head in path:
        found = next((at for at in range(start, end) if _heads(lines[at], level, head)), None)
        if found is None:
            return ()
        end = next((at for at in range(found + 1, end) if _opens(lines[at], level)), end)
        start = found
    return lines[start:end] if path else ()


# Levels from the outside in: what a citation writes, and how the text opens the place.
_CN = "[一二三四五六七八九十百]+"
_LEVELS = (
    (re.compile(rf"第{_CN}条"), re.compile(rf"第{_CN}[条章]")),
    (re.compile(_CN), re.compile(rf"{_CN}、")),
    (re.compile(rf"（{_CN}）"), re.compile(rf"[（(]{_CN}[）)]")),
    (re.compile(r"[0-9]+"), re.compile(r"[0-9]+[.．、](?![0-9])")),
)
_ANNEX = re.compile(r"附[件表]")


def _path(cite: str) -> list[tuple[int, str]]:
    """方案二（二）2 → 二, （二）, 2; empty when the citation is no such path."""
    rest = cite.removeprefix("方案").split("、")[0]
    path: list[tuple[int, str]] = []
    while rest:
        below = path[-1][0] if path else -1
        for level in range(below + 1, len(_LEVELS)):
            match = _LEVELS[level][0].match(rest)
            if match:
                path.append((level, match.group()))
                rest = rest[match.end() :]
                break
        else:
            return path if rest in ("前段", "后段", "中段") else []
    return path


def _heads(line: str, level: int, head: str) -> bool:
    opener = _LEVELS[level][1].match(line)
    if opener is None:
        return False
    opened = opener.group().translate({0x28: "（", 0x29: "）"})
    return opened.rstrip("、.．") == head


def _opens(line: str, level: int) -> bool:
    """Whether a line opens a place on this level or outside it."""
    return bool(_ANNEX.match(line)) or any(opener.match(line) for _, opener in _LEVELS[: level + 1])
