"""Two people changed the same fields of an archive: each chooses, and nothing is overwritten."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shuzhuan.apps.enterprises.actions.save_section import Saved
from shuzhuan.apps.enterprises.views import parsing


def conflict(
    request: HttpRequest, title: str, saved: Saved, mine: dict[str, str], now: dict[str, str]
) -> HttpResponse:
    """Both values side by side, one choice per field; ``now``: what is stored, by field."""
    asked = {each.name for each in saved.conflicts}
    context = {
        "here": "archive",
        "title": title,
        "saved": saved,
        "mine": mine.items(),
        "before": [
            (parsing.WAS + name, text)
            for name, text in parsing.original(request, now).items()
            if name not in asked
        ],
        "seen": [("seen." + name, now[name]) for name in sorted(asked)],
        "choice": parsing.CHOICE,
    }
    return render(request, "enterprises/conflict.html", context, status=409)
