"""Reading what a form of the archive posts."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

WAS = "was."  # prefix of the hidden field that says what the form showed before
KEEP_THEIRS = "theirs"
CHOICE = "choose."  # prefix of the choice between two people's values


def typed(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    """The texts as typed, line ends made one."""
    return {name: _text(request, name) for name in names}


def original(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    """What the form showed before anything was typed; a field that is not told is left out."""
    return {name: _text(request, WAS + name) for name in names if WAS + name in request.POST}


def resolved(
    request: HttpRequest, mine: dict[str, str], now: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """After a conflict: per field the chosen value, measured against what is stored now.

    The page of a conflict posts the stored values that it showed (``seen.``); when a colleague
    has changed a field once more, it is a new conflict and asked again.
    """
    chosen, before = dict(mine), original(request, now)
    for name in now:
        choice = request.POST.get(CHOICE + name)
        seen = request.POST.get("seen." + name)
        if choice is None or seen is None:
            continue
        before[name] = seen.replace("\r\n", "\n")
        if choice == KEEP_THEIRS:
            chosen[name] = before[name]
    return chosen, before


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\r\n", "\n")
