"""Search over the packs' own words: titles, summaries, numbers, evidence.

The words of all packs fit in memory many times over, so the index is a list of texts made
once. A query must occur whole, or, when it is a phrase, by pairs of its characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from shuzhuan.apps.policies.words import KINDS
from shuzhuan.engine.policy.pack import Library, Pack

QUERY_CHARS_MAX = 100
WORDS_MAX = 8
SNIPPET_CHARS = 110
LEAD_CHARS = 24
_TITLE, _HEAD, _BODY = 8, 4, 1
_STOP = set("的了吗呢怎么多少什么如何能可以和与及")


@dataclass(frozen=True)
class Entry:
    """One clause as it is searched."""

    pack: Pack
    clause: Any
    kind_name: str
    title: str
    head: str
    body: str


@dataclass(frozen=True)
class Hit:
    """One clause that matches, with its marked words."""

    place: str
    name: str
    clause: Any
    kind_name: str
    title: SafeString
    snippet: SafeString
    score: int


def normal(text: str) -> str:
    """Full-width and half-width, large and small letters are the same."""
    return unicodedata.normalize("NFKC", text).lower()


@lru_cache(maxsize=4)
def _index(library: Library) -> tuple[Entry, ...]:
    entries = []
    for pack in sorted(library.places.values(), key=lambda p: p.source.pack.place.code or p.id):
        place, document = pack.source.pack.place, pack.source.pack.document
        for clause in pack.source.clauses:
            head = " ".join(
                (clause.number, clause.cite, clause.section or "", clause.bureau or "",
                 KINDS[clause.kind], place.name, document.title)
            )  # fmt: skip
            body = " ".join((clause.summary, *clause.evidence, *clause.notes))
            entries.append(
                Entry(
                    pack,
                    clause,
                    KINDS[clause.kind],
                    normal(clause.title),
                    normal(head),
                    normal(body),
                )
            )
    return tuple(entries)


def terms_of(query: str) -> list[str]:
    """The words that must occur, as they were separated by blanks."""
    return normal(query[:QUERY_CHARS_MAX]).split()[:WORDS_MAX]


def _pairs(terms: Sequence[str]) -> list[str]:
    """The pairs of characters in a phrase, for queries that are asked like a question."""
    pairs = [term[at : at + 2] for term in terms for at in range(len(term) - 1)]
    return [p for p in dict.fromkeys(pairs) if p.isalnum() and not set(p) & _STOP]


def search(
    library: Library, query: str, *, kind: str = "", places: set[str] | None = None
) -> list[Hit]:
    """Clauses that hold every word of the query, best first, then in the documents' order."""
    terms = terms_of(query)
    entries = [
        e for e in _index(library)
        if (not kind or e.clause.kind == kind) and (places is None or e.pack.id in places)
    ]  # fmt: skip
    if not terms:
        return [_hit(e, (), 0) for e in entries]
    hits = _matches(entries, terms)
    if not hits:
        terms = _pairs(terms)
        hits = [hit for pair in terms for hit in _matches(entries, [pair])]
    best: dict[int, tuple[Entry, int]] = {}
    for entry, score in hits:  # an entry that holds several of the words counts them all
        best[id(entry)] = (entry, best.get(id(entry), (entry, 0))[1] + score)
    return [_hit(e, terms, n) for e, n in sorted(best.values(), key=lambda pair: -pair[1])]


def _matches(entries: Sequence[Entry], terms: Sequence[str]) -> list[tuple[Entry, int]]:
    found = []
    for entry in entries:
        score = 0
        for term in terms:
            gain = (
                (_TITLE if term in entry.title else 0)
                + (_HEAD if term in entry.head else 0)
                + (_BODY if term in entry.body else 0)
            )
            if not gain:
                break
            score += gain
        else:
            found.append((entry, score))
    return found


def _hit(entry: Entry, terms: Sequence[str], score: int) -> Hit:
    clause = entry.clause
    return Hit(
        entry.pack.id,
        entry.pack.name,
        clause,
        entry.kind_name,
        marked(clause.title, terms),
        marked(_snippet(clause.summary, terms), terms),
        score,
    )


def _snippet(text: str, terms: Sequence[str]) -> str:
    """The part of a long text where the first word stands."""
    if len(text) <= SNIPPET_CHARS:
        return text
    plain = normal(text)
    at = min((i for t in terms if (i := plain.find(t)) >= 0), default=0)
    start = (
        max(0, min(at - LEAD_CHARS, len(text) - SNIPPET_CHARS)) if at > SNIPPET_CHARS // 2 else 0
    )
    end = start + SNIPPET_CHARS
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def marked(text: str, terms: Sequence[str]) -> SafeString:
    """The text with the words of the query marked, everything else escaped."""
    plain = normal(text)
    if not terms or len(plain) != len(text):  # a character that widens would shift the marks
        return mark_safe(escape(text))  # noqa: S308 (escaped)
    pattern = "|".join(re.escape(t) for t in sorted(terms, key=len, reverse=True))
    pieces: list[str] = []
    last = 0
    for match in re.finditer(pattern, plain):
        pieces.append(escape(text[last : match.start()]))
        pieces.append(f"<mark>{escape(text[match.start() : match.end()])}</mark>")
        last = match.end()
    pieces.append(escape(text[last:]))
    return mark_safe("".join(pieces))  # noqa: S308 (every piece is escaped)
