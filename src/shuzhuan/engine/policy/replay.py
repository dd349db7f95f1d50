"""Replay of a stored decision: the same bytes, or what differs, in Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from .bind import BindError
from .decision import FORMAT, canonical
from .errors import PackError
from .facts import FactError
from .pack import Library

MAX_DIFFERENCES = 50
SHOWN_CHARS_MAX = 120


class ReplayError(ValueError):
    """The document is not a decision that can be replayed; Chinese message."""


def replay(document: Any, library: Library) -> list[str]:
    """Decide again and compare; an empty list means bit for bit the same.

    Raises ReplayError when the document is no decision, or its pack is not at hand.
    """
    pack_id, as_of, known_on = _head(document)
    try:
        pack = library.get(pack_id)
    except KeyError:
        raise ReplayError(f"政策库里没有 {pack_id} 这个政策包") from None
    except PackError as error:
        raise ReplayError(f"政策包 {pack_id} 不能用：{error.problems[0].text()}") from None
    differences = []
    if document["pack"].get("digest") != pack.digest:
        differences.append(
            f"政策包的内容已经变了：当时 {str(document['pack'].get('digest'))[:12]}…，"
            f"现在 {pack.digest[:12]}…（版本 {document['pack'].get('version')} → {pack.version}）"
        )
    try:
        program = pack.bind(as_of, known_on, document["readings"])
        again = program.decide(document["facts"]).to_json()
    except (BindError, FactError) as error:
        return [*differences, f"现在不能再算：{error}"]
    if canonical(again) == canonical(document):
        return differences
    found = list(_differences("", document, again))
    return [*differences, *found[:MAX_DIFFERENCES]]


def _head(document: Any) -> tuple[str, date, date]:
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ReplayError(f"这不是一份测算结果（format 应当是 {FORMAT}）")
    try:
        pack_id = str(document["pack"]["id"])
        days = date.fromisoformat(document["as_of"]), date.fromisoformat(document["known_on"])
        if not isinstance(document["facts"], dict) or not isinstance(document["readings"], dict):
            raise TypeError
    except (KeyError, TypeError, ValueError):
        raise ReplayError(
            "测算结果缺少 pack、as_of、known_on、facts 或 readings，或写法不对"
        ) from None
    return pack_id, days[0], days[1]


def _differences(path: str, then: Any, now: Any) -> Iterator[str]:
    """Leaf by leaf: path, what was stored, what comes out now."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted({*then, *now}, key=str):
            if path == "" and key == "pack":
                continue  # told above, in words
            yield from _differences(
                f"{path}.{key}" if path else str(key), then.get(key), now.get(key)
            )
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for at, (old, new) in enumerate(zip(then, now, strict=True)):
            name = old.get("id", at) if isinstance(old, dict) else at
            yield from _differences(f"{path}[{name}]", old, new)
    elif then != now or type(then) is not type(now):
        yield f"{path}：当时 {_short(then)}，现在 {_short(now)}"


def _short(value: Any) -> str:
    text = canonical(value).decode()
    return text if len(text) <= SHOWN_CHARS_MAX else text[: SHOWN_CHARS_MAX - 1] + "…"
