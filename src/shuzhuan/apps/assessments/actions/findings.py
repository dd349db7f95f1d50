"""Write the lists that a diagnosis hands over: problems, needs, proposed scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.assessments.actions.writing import writable
from shuzhuan.apps.assessments.models import AssessmentKind, Finding, FindingKind
from shuzhuan.apps.assessments.queries.sheet import indicator_set
from shuzhuan.apps.audit.actions import record

ROWS_MAX = 50
TEXT_CHARS_MAX = 500
Lines = Mapping[str, Iterable[tuple[str, str]]]


@transaction.atomic
def save_findings(actor: Actor, assessment_pk: int, lines: Lines) -> list[Finding]:
    """Replace the lists of a diagnosis that is still written.

    ``lines``: by kind (``FindingKind``), pairs of item (may be empty, not for a scenario) and
    text; lines without text are left out, a scenario may do with its name. Raises ValidationError.
    """
    sheet = writable(actor, assessment_pk)
    if sheet.kind != AssessmentKind.DIAGNOSIS:
        raise ValidationError("问题、需求和拟建场景只在诊断里写。")
    indicators = indicator_set(sheet)
    known = {*indicators.question, *indicators.scenario}
    wanted: list[Finding] = []
    for kind in FindingKind.values:
        position = 0
        for item, text in lines.get(kind, ()):
            words = " ".join(text.split())
            if kind == FindingKind.SCENARIO and item in indicators.scenario:
                words = words or indicators.scenario[item].name
            if not words:
                continue
            _check(kind, item, words, known, indicators.scenario)
            position += 1
            wanted.append(
                Finding(
                    place_id=sheet.place_id,
                    enterprise_id=sheet.enterprise_id,
                    party_id=sheet.party_id,
                    diagnosis=sheet,
                    kind=kind,
                    position=position,
                    item=item,
                    text=words,
                )
            )
        if position > ROWS_MAX:
            raise ValidationError(f"{FindingKind(kind).label}最多写{ROWS_MAX}条。")
    Finding.objects.filter(place_id=sheet.place_id, diagnosis=sheet).delete()
    Finding.objects.bulk_create(wanted)
    counts = {kind: sum(row.kind == kind for row in wanted) for kind in FindingKind.values}
    record("save_findings", actor, sheet, detail=counts)
    return wanted


def _check(
    kind: str, item: str, words: str, known: set[str], scenarios: Mapping[str, object]
) -> None:
    if len(words) > TEXT_CHARS_MAX:
        raise ValidationError(f"“{words[:20]}…”太长，每条最多{TEXT_CHARS_MAX}个字。")
    if item and item not in known:
        raise ValidationError("这套指标没有这一项，请重新选择对应的题目。")
    if kind == FindingKind.SCENARIO and item not in scenarios:
        raise ValidationError(f"“{words[:20]}”：请选择是哪一个场景。")
