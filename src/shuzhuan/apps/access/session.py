"""What a session holds, and whose it is while it is alive.

A session is alive while its person is active, nobody has ended the person's sessions (epoch),
it was used within the idle limit and it is not older than the absolute one.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.http import HttpRequest

from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import SECOND_FACTOR, Role

SESSION_MEMBERSHIP = "membership"
SESSION_EPOCH = "epoch"
# True: passed. False: this person has one and owes it. Missing: nobody has asked for it.
SESSION_SECOND_FACTOR = "second_factor"
SESSION_STARTED = "started_at"  # seconds since 1970, like the next
SESSION_SEEN = "seen_at"

# "Seen" is written at most this often, so that reading pages does not mean writing sessions.
SEEN_STEP_SECONDS = 60


def person_of(request: HttpRequest) -> User | None:
    """The person behind a living session, before any question of role or second factor."""
    user = getattr(request, "user", None)
    # Django's lazy user answers isinstance as the user that it stands for.
    if not isinstance(user, User):
        return None
    session = request.session
    if not user.is_active or session.get(SESSION_EPOCH) != user.session_epoch:
        return None
    now = int(time.time())
    seen, started = session.get(SESSION_SEEN), session.get(SESSION_STARTED)
    if not isinstance(seen, int) or not isinstance(started, int):
        return None
    if now - seen > settings.SESSION_IDLE_SECONDS or now - started > settings.SESSION_COOKIE_AGE:
        return None
    if now - seen > SEEN_STEP_SECONDS:
        session[SESSION_SEEN] = now
    return user


def chosen_membership(request: HttpRequest, person: User) -> Membership | None:
    """The membership that the person acts in, read anew so that a withdrawn one ends at once."""
    chosen = request.session.get(SESSION_MEMBERSHIP)
    if not isinstance(chosen, int):
        return None
    rows = Membership.objects.select_related("user", "region")
    return rows.filter(pk=chosen, user_id=person.pk, is_active=True).first()


def owes_second_factor(request: HttpRequest, membership: Membership | None) -> bool:
    """Tell whether the second factor must be passed before anything is shown."""
    passed = request.session.get(SESSION_SECOND_FACTOR)
    if passed is True:
        return False
    needs = membership is not None and Role(membership.role) in SECOND_FACTOR
    return needs or passed is not None


def begin(request: HttpRequest, person: User, membership_id: int | None, *, owes: bool) -> None:
    """Write into a session that has just been signed in whose it is and since when."""
    now = int(time.time())
    session = request.session
    session[SESSION_EPOCH] = person.session_epoch
    session[SESSION_STARTED] = session[SESSION_SEEN] = now
    session.pop(SESSION_SECOND_FACTOR, None)
    session.pop(SESSION_MEMBERSHIP, None)
    if owes:
        session[SESSION_SECOND_FACTOR] = False
    if membership_id is not None:
        session[SESSION_MEMBERSHIP] = membership_id
