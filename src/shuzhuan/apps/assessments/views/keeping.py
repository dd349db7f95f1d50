"""Save one item for a page that stays: one round trip, acknowledged in JSON."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.actions.save_answer import Conflict, canonical
from shuzhuan.apps.assessments.forms.answer import read_value
from shuzhuan.apps.assessments.models import Answer, Assessment
from shuzhuan.apps.assessments.queries import entries as listing
from shuzhuan.apps.assessments.queries import sheet as reading

CONFLICT, UNPROCESSABLE = 409, 422
_SEEN_DIGITS_MAX = 9


def kept(
    request: HttpRequest, found: Assessment, item: str, save: Callable[[], Answer]
) -> JsonResponse:
    """What became of the save: where the sheet stands now, what clashed, or what is wrong."""
    try:
        answer = save()
    except Conflict as error:
        return JsonResponse({"conflict": clash(request, found, item, error)}, status=CONFLICT)
    except ValidationError as error:
        return JsonResponse({"error": error.messages[0]}, status=UNPROCESSABLE)
    sheet = listing.sheet(found, reading.rows(found), {})
    said = {
        "item": item,
        "saves": answer.saves,
        "answered": sheet.answered,
        "has_answer": bool(answer.value),
        "groups": {group.key: group.answered for group in sheet.groups},
        "at": timezone.localtime(answer.saved_at).strftime("%H:%M"),
    }
    return JsonResponse(said)


def store_key(actor: Actor, found: Assessment) -> str:
    """Under which name the browser keeps what has not been saved; another person has another."""
    return f"{actor.user_id}:{found.pk}"


def closed_at(address: str) -> JsonResponse:
    """Nothing is taken any more; ``address`` shows what was submitted."""
    return JsonResponse({"closed": address}, status=CONFLICT)


def seen(request: HttpRequest) -> int:
    """How many saves of the item the page knew; 0 for whatever is not a number."""
    text = request.POST.get("seen", "")
    known = text.isascii() and text.isdigit() and len(text) <= _SEEN_DIGITS_MAX
    return int(text) if known else 0


def clash(
    request: HttpRequest, found: Assessment, item: str, error: Conflict
) -> dict[str, str | int]:
    """Both values in words, and what stands now."""
    indicators = reading.indicator_set(found)
    mine = canonical(indicators, item, read_value(indicators, item, request.POST))
    stored = error.stored
    post = request.POST
    return {
        "label": reading.label_of(indicators, item),
        "by": str(stored.saved_by),
        "at": timezone.localtime(stored.saved_at).strftime("%H:%M"),
        "saves": stored.saves,
        "mine": _worded(
            listing.told(indicators, item, mine), post.get("finding", ""), post.get("remark", "")
        ),
        "theirs": _worded(
            listing.told(indicators, item, stored.value), stored.finding, stored.remark
        ),
    }


def _worded(value: str, finding: str, remark: str) -> str:
    notes = (("现场发现", finding.strip()), ("备注", remark.strip()))
    said = "；".join(f"{name}：{words}" for name, words in notes if words)
    return f"{value}（{said}）" if said else value
