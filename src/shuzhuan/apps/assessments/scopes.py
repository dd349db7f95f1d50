"""Who may see sheets and plans. Drafts belong to whoever writes them; levels to the place."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.access.wall import widened_by
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT, OFFICERS, Role
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentState,
    DoubtNote,
    Engagement,
    Finding,
    Measure,
    Plan,
    PlanState,
    PublishedSet,
    SetState,
)
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.scopes import consented, opened_by_consent
from shuzhuan.apps.evidence.scopes import added_by
from shuzhuan.apps.evidence.scopes import opened_by_consent as documents_opened_by_consent
from shuzhuan.apps.vendors.scopes import PROJECTS, works_here


def live() -> Q:
    """Engagements in force today."""
    today = timezone.localdate()
    return Q(ended_at__isnull=True, valid_from__lte=today, valid_to__gte=today)


def engaged_firms(actor: Actor) -> Q:
    """Q on ``Enterprise``: those that the actor's body was asked to visit, today."""
    if actor.role not in BODIES or actor.party_id is None:
        return NOTHING
    rows = Engagement.objects.filter(live(), party_id=actor.party_id)
    return Q(pk__in=rows.values("enterprise_id"))


@opened_by_consent
def archives(actor: Actor, part: str) -> Q:
    """An engagement opens the archive of the enterprise as consent does."""
    return engaged_firms(actor)


@documents_opened_by_consent
def documents(actor: Actor) -> Q:
    """An engagement opens the documents of the enterprise."""
    firms = Enterprise.objects.filter(engaged_firms(actor))
    return Q(pk__in=firms.values("party_id"))


@added_by
def photographs(actor: Actor, owner_id: int) -> bool:
    """What is photographed on site belongs to the archive of the enterprise."""
    return Enterprise.objects.filter(engaged_firms(actor), party_id=owner_id).exists()


@widened_by
def clients(actor: Actor) -> Iterable[int]:
    """The second wall lets a body through to the enterprises that it was asked to visit."""
    if actor.role not in BODIES:
        return ()
    return list(Enterprise.objects.filter(engaged_firms(actor)).values_list("party_id", flat=True))


@works_here
def engaged_bodies(actor: Actor) -> Q:
    """Bodies that were asked to visit enterprises of the actor's places, at any time."""
    rows = Engagement.objects.filter(place_id__in=actor.place_ids)
    return Q(pk__in=rows.values("party_id"))


@scoped(PublishedSet)
def sets(actor: Actor) -> Q:
    """What is published is public; drafts are read where they are written."""
    public = ~Q(state=SetState.DRAFT)
    if actor.role in GOVERNMENT:
        return public | Q(place_id__in=actor.place_ids)
    return public


@scoped(Engagement)
def engagements(actor: Actor) -> Q:
    """The two parties; government by the place of the enterprise."""
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids)
    if actor.role in ENTERPRISE and actor.party_id is not None:
        return Q(enterprise__party_id=actor.party_id)
    if actor.role in BODIES and actor.party_id is not None:
        # What has ended shows nothing any more, not even whom it was about.
        today = timezone.localdate()
        return Q(party_id=actor.party_id, ended_at__isnull=True, valid_to__gte=today)
    return NOTHING


def _sheets(actor: Actor, before: str) -> Q:
    """``before``: how the model reaches its assessment ('' for the assessment itself)."""
    submitted = ~Q(**{f"{before}state": AssessmentState.DRAFT})
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids) & submitted
    if actor.party_id is None:
        return NOTHING
    own = Q(party_id=actor.party_id)
    if actor.role in ENTERPRISE:
        return own | (Q(enterprise__party_id=actor.party_id) & submitted)
    if actor.role in BODIES:
        # Engaged (``archives`` above), or let in to the projects by consent.
        firms = Enterprise.objects.filter(consented(actor, PROJECTS))
        return Q(enterprise_id__in=firms.values("pk")) & (own | submitted)
    return NOTHING


@scoped(Assessment)
def assessments(actor: Actor) -> Q:
    """Own sheets in every state; others once submitted."""
    return _sheets(actor, "")


@scoped(Answer)
def answers(actor: Actor) -> Q:
    return _sheets(actor, "assessment__")


@scoped(Finding)
def findings(actor: Actor) -> Q:
    return _sheets(actor, "diagnosis__")


def _plans(actor: Actor, before: str) -> Q:
    handed_over = ~Q(**{f"{before}state": PlanState.DRAFT})
    if actor.role in GOVERNMENT:
        return Q(place_id__in=actor.place_ids) & handed_over
    if actor.party_id is None:
        return NOTHING
    if actor.role in ENTERPRISE:
        return Q(enterprise__party_id=actor.party_id) & handed_over
    if actor.role in BODIES:
        firms = Enterprise.objects.filter(engaged_firms(actor))
        own = Q(party_id=actor.party_id)
        return Q(enterprise_id__in=firms.values("pk")) & (own | handed_over)
    return NOTHING


@scoped(Plan)
def plans(actor: Actor) -> Q:
    return _plans(actor, "")


@scoped(Measure)
def measures(actor: Actor) -> Q:
    return _plans(actor, "plan__")


@scoped(DoubtNote)
def doubt_notes(actor: Actor) -> Q:
    """Officers and leaders of the place; never the party that is in doubt."""
    if actor.role in OFFICERS or actor.role == Role.LEADER:
        return Q(place_id__in=actor.place_ids)
    return NOTHING
