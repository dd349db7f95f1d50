"""Save the answer of one item. A repeated save is the same save; nothing is overwritten unseen."""

from __future__ import annotations

import json
import re

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.actions.writing import user_of, writable
from shuzhuan.apps.assessments.models import Answer, Assessment
from shuzhuan.apps.assessments.models.assessment import FINDING_CHARS_MAX
from shuzhuan.apps.assessments.queries.sheet import indicator_set, label_of
from shuzhuan.apps.audit.actions import record
from shuzhuan.engine.grading import AnswerError, IndicatorSet, parse_answer
from shuzhuan.engine.grading.answers import answer_json

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Conflict(ValidationError):
    """Somebody else saved this item after the page was read. ``stored`` is what stands now."""

    def __init__(self, stored: Answer, label: str) -> None:
        who = stored.saved_by
        super().__init__(f"{label}：{who}刚刚保存了不同的答案，请选定保留哪一个。")
        self.stored = stored


@transaction.atomic
def save_answer(  # noqa: PLR0913 - one save with all that belongs to it
    actor: Actor,
    assessment_pk: int,
    item: str,
    value: object,
    *,
    key: str,
    seen: int | None = None,
    finding: str | None = None,
    remark: str | None = None,
) -> Answer:
    """Store the JSON value of one item (``None`` takes the answer back).

    ``key``: made by whoever saves, once per save, so that a save whose acknowledgement was lost
    is sent again without harm. ``seen``: ``Answer.saves`` as the page showed it, 0 for none; None
    overwrites. What is stored already is not saved twice. ``finding`` and ``remark`` stay as they
    are when None. Raises Conflict, or ValidationError that names the question.
    """
    if not _KEY.fullmatch(key):
        raise ValidationError("这次保存缺少编号，请刷新页面后再试。")
    sheet = writable(actor, assessment_pk)
    indicators = indicator_set(sheet)
    text = canonical(indicators, item, value)
    wanted = {"value": text}
    for name, words in (("finding", finding), ("remark", remark)):
        if words is not None:
            wanted[name] = _words(indicators, item, words)
    stored = (
        Answer.objects.select_related("saved_by")
        .filter(place_id=sheet.place_id, assessment=sheet, item=item)
        .first()
    )
    if stored is not None:
        if _same(stored, wanted):
            return stored
        # The last save came from this very page: it changes its own answer, nobody else's.
        own = stored.saved_key == key
        if seen is not None and seen < stored.saves and not own:
            raise Conflict(stored, label_of(indicators, item))
    elif not any(wanted.values()):
        return Answer(assessment=sheet, item=item, saves=0)  # nothing there, nothing wanted
    answer = _write(actor, sheet, item, stored, wanted, key)
    detail = {"item": item, "saves": answer.saves, "value": text}
    record("save_answer", actor, sheet, detail=detail)
    return answer


def row_of(actor: Actor, sheet: Assessment, item: str) -> Answer:
    """The row of an item, unanswered where there was none: evidence may come before the answer.

    Belongs into a transaction that holds the sheet (``writable``). Raises ValidationError.
    """
    canonical(indicator_set(sheet), item, None)
    row, _ = Answer.objects.get_or_create(
        place_id=sheet.place_id,
        assessment=sheet,
        item=item,
        defaults={
            "enterprise_id": sheet.enterprise_id,
            "party_id": sheet.party_id,
            "saves": 0,
            "saved_by_id": user_of(actor),
        },
    )
    return row


def canonical(indicators: IndicatorSet, item: str, value: object) -> str:
    """The stored form of a value, empty for none. Raises ValidationError that names the item."""
    try:
        answer = parse_answer(indicators, item, value)
    except AnswerError as error:
        _, message = error.problems[0]
        raise ValidationError(f"{label_of(indicators, item)}：{message}。") from None
    if answer is None:
        return ""
    return json.dumps(answer_json(answer), ensure_ascii=False, separators=(",", ":"))


def _words(indicators: IndicatorSet, item: str, words: str) -> str:
    words = words.replace("\r\n", "\n").strip()
    if len(words) > FINDING_CHARS_MAX:
        raise ValidationError(f"{label_of(indicators, item)}：文字最多{FINDING_CHARS_MAX}个字。")
    return words


def _same(stored: Answer, wanted: dict[str, str]) -> bool:
    return all(getattr(stored, name) == text for name, text in wanted.items())


def _write(
    actor: Actor,
    sheet: Assessment,
    item: str,
    stored: Answer | None,
    wanted: dict[str, str],
    key: str,
) -> Answer:
    now = timezone.now()
    had = bool(stored is not None and stored.value)
    answer = stored or Answer(
        place_id=sheet.place_id,
        assessment=sheet,
        enterprise_id=sheet.enterprise_id,
        party_id=sheet.party_id,
        item=item,
        saves=0,
    )
    for name, text in wanted.items():
        setattr(answer, name, text)
    answer.saves += 1
    answer.saved_key, answer.saved_at, answer.saved_by_id = key, now, user_of(actor)
    answer.save()
    sheet.saves += 1
    sheet.answered += bool(answer.value) - had
    sheet.updated_at = now
    sheet.save(update_fields=["saves", "answered", "updated_at"])
    return answer
