"""The search index: names, codes and pinyin initials, kept beside every stored archive."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.workbench.models import SEARCH_CHARS_MAX, SearchEntry

_PHRASE_CHARS_MAX = 4
_KEY = str.maketrans({"(": "", ")": "", " ": "", "·": "", ".": "", "-": "", "“": "", "”": ""})


def name_key(name: str) -> str:
    """A name without what people write differently: blanks, brackets, width, case."""
    return unicodedata.normalize("NFKC", name).translate(_KEY).upper()


def search_text(name: str, uscc: str) -> str:
    """What is looked through: name, code, initials."""
    plain = unicodedata.normalize("NFKC", name).replace(" ", "")
    return f"{plain}\t{uscc}\t{initials(plain)}".lower()[:SEARCH_CHARS_MAX]


def wanted(text: str) -> str:
    """What was typed, in the form of the index."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def follow(
    sender: Any, instance: Enterprise, raw: bool = False, update_fields: Any = None, **_: Any
) -> None:
    """After an archive was stored: store its entry, in the same transaction."""
    if raw or (update_fields is not None and "name" not in update_fields):
        return
    SearchEntry.objects.update_or_create(
        enterprise_id=instance.pk,
        defaults={
            "place_id": instance.place_id,
            "text": search_text(instance.name, instance.uscc),
            "name_key": name_key(instance.name),
        },
    )


def initials(name: str) -> str:
    """First letters of the pinyin: 彭阳杂粮加工厂 → pyzljgc. Words decide where a sign has two."""
    signs = [_letter(sign) for sign in name]
    doubtful = [several for _, several in signs]
    found: list[str] = []
    at = 0
    while at < len(name):
        word = _word(name, at) if True in doubtful[at : at + _PHRASE_CHARS_MAX] else ()
        found += word or (signs[at][0],)
        at += len(word) or 1
    return "".join(found)


def _word(name: str, at: int) -> tuple[str, ...]:
    """Letters of the longest known word that begins here; none for no word."""
    for length in range(min(_PHRASE_CHARS_MAX, len(name) - at), 1, -1):
        letters = _phrase(name[at : at + length])
        if letters:
            return letters
    return ()


@lru_cache(maxsize=16384)
def _letter(sign: str) -> tuple[str, bool]:
    """The first letter, and whether the sign has readings with another one."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 - a large dictionary, read when first needed

    if sign.isascii():
        return (sign.lower() if sign.isalnum() else "", False)
    read = pinyin(sign, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
    letters = read[0] if read else [""]
    return letters[0], len(set(letters)) > 1


@lru_cache(maxsize=16384)
def _phrase(word: str) -> tuple[str, ...]:
    from pypinyin.constants import PHRASES_DICT  # noqa: PLC0415

    read = PHRASES_DICT.get(word)
    if read is None:
        return ()
    return tuple(unicodedata.normalize("NFD", each[0])[:1] for each in read)
