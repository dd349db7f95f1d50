"""Gradings that deserve a second look: found by the database, worded by the engine.

A list of candidates is counted and ordered first; only those of one page are read and worded.
Nothing here judges: an officer looks, and what came of it is a ``DoubtNote``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Abs

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.assessments import spending
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentKind,
    DoubtKind,
    DoubtNote,
)
from shuzhuan.apps.assessments.queries.levels import comparable
from shuzhuan.apps.assessments.queries.sheet import indicator_set, label_of, result
from shuzhuan.apps.evidence.models import Link
from shuzhuan.engine.grading import (
    Doubt,
    Limits,
    SetMapping,
    jump_without_spend,
    same_figures,
    self_far_from_onsite,
    show_milli,
)

LIMITS = Limits()
ANSWER = Answer._meta.label_lower
ITEMS_SHOWN, FIRMS_SHOWN = 6, 12
_ON_SITE = (AssessmentKind.DIAGNOSIS, AssessmentKind.ACCEPTANCE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One doubt before it is read. ``weight`` orders a list; ``ids`` are sheets or answers."""

    kind: DoubtKind
    key: str
    weight: int
    ids: tuple[int, ...]


@dataclass
class Shown:
    """One doubt as the page shows it. ``proofs`` are (label, sheet)."""

    candidate: Candidate
    text: str
    sheet: Assessment
    other: Assessment | None
    proofs: list[tuple[str, Assessment]]
    items: list[str]
    notes: list[DoubtNote] = field(default_factory=list)


def candidates(actor: Actor, kind: DoubtKind) -> list[Candidate]:
    """All doubts of a kind in the place, the strongest first. A few statements each."""
    finders: dict[DoubtKind, Callable[[Actor], Iterable[Candidate]]] = {
        DoubtKind.SELF_FAR: _self_far,
        DoubtKind.JUMP: _jumps,
        DoubtKind.IDENTICAL: _identical,
        DoubtKind.REUSED: _reused,
    }
    return sorted(finders[kind](actor), key=lambda one: (-one.weight, one.key))


def looked_at(actor: Actor, kind: DoubtKind) -> set[str]:
    """Keys of the doubts that somebody has looked at."""
    return set(visible(actor, DoubtNote).filter(kind=kind).values_list("key", flat=True))


def read(actor: Actor, chosen: Sequence[Candidate]) -> list[Shown]:
    """The candidates of one page in words, with their evidence and what was found before."""
    if not chosen:
        return []
    kind = chosen[0].kind
    pks = {pk for one in chosen for pk in one.ids}
    if kind == DoubtKind.REUSED:
        shown = _read_reused(actor, chosen, pks)
    else:
        rows = visible(actor, Assessment).filter(pk__in=pks)
        related = rows.select_related("enterprise", "enterprise__place", "indicators")
        sheets = {sheet.pk: sheet for sheet in related}
        readable = [(one, [sheets[pk] for pk in one.ids if pk in sheets]) for one in chosen]
        shown = [_worded(one, found) for one, found in readable if len(found) > 1]
    notes: dict[str, list[DoubtNote]] = {}
    keys = [one.key for one in chosen]
    before = visible(actor, DoubtNote).filter(kind=kind, key__in=keys).select_related("by")
    for note in before.order_by("-at", "-pk"):
        notes.setdefault(note.key, []).append(note)
    for one in shown:
        one.notes = notes.get(one.candidate.key, [])
    return shown


def _self_far(actor: Actor) -> list[Candidate]:
    """The engine's test as a statement over columns; only sheets with the same figures."""
    own = Assessment.objects.filter(
        place_id=OuterRef("place_id"),
        enterprise_id=OuterRef("enterprise_id"),
        kind=AssessmentKind.SELF,
        is_current=True,
        indicators__figures_sha256=OuterRef("indicators__figures_sha256"),
    )
    rows = (
        visible(actor, Assessment)
        .filter(is_current=True, kind__in=_ON_SITE)
        .order_by()
        .annotate(
            own_id=Subquery(own.values("pk")[:1]),
            own_level=Subquery(own.values("level")[:1]),
            own_points=Subquery(own.values("points_milli")[:1]),
            own_at=Subquery(own.values("submitted_at")[:1]),
        )
        .filter(own_id__isnull=False)
        .annotate(far=Abs(F("own_points") - F("points_milli")))
        .annotate(steps=Abs(F("own_level") - F("level")))
        .filter(Q(far__gte=LIMITS.self_milli) | Q(steps__gte=LIMITS.self_levels))
    )
    apart = timedelta(days=LIMITS.self_days)
    return [
        Candidate(DoubtKind.SELF_FAR, f"{own_id}-{pk}", far, (pk, own_id))
        for pk, own_id, far, at, own_at in rows.values_list(
            "pk", "own_id", "far", "submitted_at", "own_at"
        )
        if abs(at - own_at) <= apart
    ]


def _jumps(actor: Actor) -> list[Candidate]:
    if not spending.is_known():
        return []
    rows = (
        visible(actor, Assessment)
        .filter(comparable(), is_current=True, kind=AssessmentKind.ACCEPTANCE)
        .order_by()
        .annotate(steps=F("level") - F("before__level"))
        .annotate(rise=F("points_milli") - F("before__points_milli"))
        .filter(Q(steps__gte=1) | Q(rise__gte=LIMITS.jump_milli))
        .select_related("engagement")
        .defer("answers_json", "result")
    )
    sheets = list(rows)
    spent = spending.spending(sheets)
    found = []
    for sheet in sheets:
        steps, rise = sheet.steps, sheet.rise
        fen = spent.get(sheet.pk)
        if fen is not None and fen < LIMITS.spend_per_level_fen * max(1, steps):
            before = sheet.before_id or 0
            key = f"{before}-{sheet.pk}"
            found.append(Candidate(DoubtKind.JUMP, key, rise, (sheet.pk, before)))
    return found


def _identical(actor: Actor) -> list[Candidate]:
    """Groups of current sheets of different enterprises with the same answers."""
    rows = visible(actor, Assessment).filter(is_current=True).order_by()
    groups = (
        rows.values("answers_sha256", "indicators__figures_sha256")
        .annotate(firms=Count("enterprise_id", distinct=True), first=Min("pk"))
        .filter(firms__gt=1)
    )
    first = {(g["answers_sha256"], g["indicators__figures_sha256"]): g["first"] for g in groups}
    if not first:
        return []
    claims = dict(
        Answer.objects.filter(assessment_id__in=first.values())
        .filter(Q(points_milli__gt=0) | Q(reached__gt=0))
        .order_by()
        .values_list("assessment_id")
        .annotate(n=Count("pk"))
    )
    telling = {pair for pair, pk in first.items() if claims.get(pk, 0) >= LIMITS.items}
    members: dict[tuple[str, str], list[int]] = {}
    shas = {sha for sha, _ in telling}
    found = rows.filter(answers_sha256__in=shas).order_by("-submitted_at", "-pk")
    for sha, figures, pk in found.values_list("answers_sha256", "indicators__figures_sha256", "pk"):
        if (sha, figures) in telling:
            members.setdefault((sha, figures), []).append(pk)
    return [
        Candidate(DoubtKind.IDENTICAL, _key(sha, pks), len(pks), tuple(pks))
        for (sha, _), pks in members.items()
    ]


def _reused(actor: Actor) -> list[Candidate]:
    """Files, by content, that stand as evidence in answers of different enterprises."""
    firm = Answer.objects.filter(pk=OuterRef("object_id")).values("enterprise_id")[:1]
    rows = visible(actor, Link).filter(kind=ANSWER, ended_at__isnull=True).order_by()
    groups = (
        rows.annotate(firm=Subquery(firm))
        .values("version__blob__sha256")
        .annotate(firms=Count("firm", distinct=True))
        .filter(firms__gt=1)
        .values_list("version__blob__sha256", "firms")
    )
    firms = dict(groups)
    answers: dict[str, list[int]] = {}
    found = rows.filter(version__blob__sha256__in=firms).order_by("-pk")
    for sha, answer in found.values_list("version__blob__sha256", "object_id"):
        answers.setdefault(sha, []).append(answer)
    return [
        Candidate(DoubtKind.REUSED, _key(sha, pks), firms[sha], tuple(pks))
        for sha, pks in answers.items()
    ]


def _key(sha: str, pks: Iterable[int]) -> str:
    """Names a group by its content and its members: with another member it is another doubt."""
    listed = ",".join(map(str, sorted(pks)))
    return f"{sha[:24]}-{hashlib.sha256(listed.encode()).hexdigest()[:16]}"


def _worded(one: Candidate, sheets: list[Assessment]) -> Shown:
    if one.kind == DoubtKind.IDENTICAL:
        return _same_answers(one, sheets)
    sheet, other = sheets
    doubt = _doubt(one.kind, sheet, other)
    indicators = indicator_set(sheet)
    items = [label_of(indicators, item) for item in (doubt.items if doubt else ())]
    titles = ("自评", sheet.get_kind_display())
    if one.kind == DoubtKind.JUMP:
        titles = (f"改造前{other.get_kind_display()}", sheet.get_kind_display())
    return Shown(
        candidate=one,
        text=doubt.text if doubt else "",
        sheet=sheet,
        other=other,
        proofs=[(titles[0], other), (titles[1], sheet)],
        items=items[:ITEMS_SHOWN],
    )


def _doubt(kind: DoubtKind, sheet: Assessment, other: Assessment) -> Doubt | None:
    earlier, later = indicator_set(other), indicator_set(sheet)
    mapping: SetMapping | None = None
    if earlier.ref != later.ref:
        mapping = same_figures(earlier, later)
    if kind == DoubtKind.SELF_FAR:
        return self_far_from_onsite(result(other), result(sheet), LIMITS, mapping)
    fen = spending.spending([sheet]).get(sheet.pk, 0)
    return jump_without_spend(result(other), result(sheet), fen, LIMITS, mapping)


def _same_answers(one: Candidate, sheets: list[Assessment]) -> Shown:
    indicators = indicator_set(sheets[0])
    items = len(indicators.questions) + len(indicators.scenarios)
    firms = len({sheet.enterprise_id for sheet in sheets})
    points = show_milli(sheets[0].points_milli or 0)
    return Shown(
        candidate=one,
        text=f"{firms} 家企业的 {items} 项答案完全相同，都是 {points} 分",
        sheet=sheets[0],
        other=sheets[-1],
        proofs=[(f"{s.enterprise.name} {s.get_kind_display()}", s) for s in sheets[:FIRMS_SHOWN]],
        items=[],
    )


def _read_reused(actor: Actor, chosen: Sequence[Candidate], pks: set[int]) -> list[Shown]:
    rows = visible(actor, Answer).filter(pk__in=pks)
    related = rows.select_related(
        "assessment__enterprise", "assessment__enterprise__place", "assessment__indicators"
    )
    answers = {answer.pk: answer for answer in related}
    names = dict(
        visible(actor, Link)
        .filter(kind=ANSWER, object_id__in=pks, ended_at__isnull=True)
        .values_list("object_id", "document__title")
    )
    shown = []
    for one in chosen:
        mine = [answers[pk] for pk in one.ids if pk in answers]
        if not mine:
            continue
        firms = {answer.enterprise_id for answer in mine}
        items = [label_of(indicator_set(a.assessment), a.item) for a in mine]
        proofs = [
            (f"{a.assessment.enterprise.name} {item}：{names.get(a.pk, '')}", a.assessment)
            for a, item in zip(mine, items, strict=True)
        ]
        text = f"同一个文件在 {len(firms)} 家企业的 {len(mine)} 处作佐证"
        first = mine[0].assessment
        other = next((a.assessment for a in mine if a.enterprise_id != first.enterprise_id), None)
        shown.append(Shown(one, text, first, other, proofs[:FIRMS_SHOWN], []))
    return shown
