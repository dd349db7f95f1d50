"""Original texts beside the rules: found by clause, cut out of the whole document when possible."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from shuzhuan.apps.policies.models import OriginalText
from shuzhuan.engine.policy.pack import Pack

_ARTICLE = re.compile(r"第[一二三四五六七八九十百]+条")
_NUMBER = re.compile(r"（[一二三四五六七八九十]+）|[0-9]+|第[一二三四五六七八九十百]+条")


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
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def cut(lines: tuple[str, ...], clause: Any) -> tuple[str, ...]:
    """The lines from the clause's number up to the next number of the same form."""
    head = heading(clause)
    if head is None:
        return ()
    starts = [at for at, line in enumerate(lines) if line.startswith(head)]
    section = _section_start(lines, clause.section or "")
    starts = [at for at in starts if at >= section] or starts
    if not starts:
        return ()
    first = starts[0]
    last = first + 1
    while last < len(lines) and not _opens(lines[last], head):
        last += 1
    return lines[first:last]


def heading(clause: Any) -> str | None:
    """How the clause opens in the text: （一）, 第七条, 1. …"""
    number = str(clause.number)
    article = _ARTICLE.search(number)
    if article:
        return article.group()
    match = _NUMBER.match(number)
    if match is None:
        return None
    return f"{match.group()}." if match.group().isdigit() else match.group()


def _section_start(lines: tuple[str, ...], section: str) -> int:
    key = section.split("（")[0][:4]
    return next((at for at, line in enumerate(lines) if key and line.startswith(key)), 0)


_OPENERS = (
    re.compile(r"第[一二三四五六七八九十百]+[条章]"),
    re.compile(r"[一二三四五六七八九十]+、"),
    re.compile(r"（[一二三四五六七八九十]+）"),
    re.compile(r"[0-9]+[.．、]"),
    re.compile(r"附[件表]"),
)


def _opens(line: str, head: str) -> bool:
    """Whether a line opens something that cannot be inside the clause."""
    if head.startswith("第"):
        openers: tuple[re.Pattern[str], ...] = (_OPENERS[0], _OPENERS[4])
    elif head.startswith("（"):
        openers = (_OPENERS[0], _OPENERS[1], _OPENERS[2], _OPENERS[4])
    else:
        openers = _OPENERS
    return any(opener.match(line) for opener in openers)
