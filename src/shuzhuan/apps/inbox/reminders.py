"""What is due soon: rules that other apps register, and the messages made of them.

A rule is asked once a day for everything whose deadline is not later than ``until``::

    @reminds
    def corrections(today: date, until: date) -> Iterable[Due]:
        for row in Project.objects.filter(state=RETURNED, due_on__lte=until): yield Due(...)

People are told three working days before, one working day before (or on the day), when it is
late, and then weekly while it stays late. A rule yields only what is still to be done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox.actions.tell import tell
from shuzhuan.apps.inbox.models import MessageLevel
from shuzhuan.engine import workdays

logger = logging.getLogger("shuzhuan.inbox")

EARLY, LAST = 3, 1  # working days before
WEEK_DAYS = 7
WEEKS_MAX = 8  # after that a late thing is a matter for the warnings, not for mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing to be done by a day (inclusive), by those who are told.

    ``key`` names the thing; the rest as in ``tell``.
    """

    key: str
    due_on: date
    title: str
    url: str
    body: str = ""
    about: Model | None = None
    place_id: int | None = None
    offices: Iterable[Role] = ()
    office_region_id: int | None = None
    party_id: int | None = None
    party_roles: Iterable[Role] = ()
    users: Iterable[int] = ()


Rule = Callable[[date, date], Iterable[Due]]
_RULES: dict[str, Rule] = {}


def reminds(rule: Rule) -> Rule:
    """Register a rule, in its app's ready()."""
    _RULES[f"{rule.__module__}.{rule.__qualname__}"] = rule
    return rule


@dataclass(slots=True)
class Reminded:
    """What one run did: people newly told, and the rules that failed."""

    told: int = 0
    failed: tuple[str, ...] = ()


def remind() -> Reminded:
    """Tell people what is due. Run daily; running it again on the same day adds nothing.

    A rule that fails is logged and does not keep the others from being asked.
    """
    today = timezone.localdate()
    until = workdays.china().add(today, EARLY).day
    done = Reminded()
    for name, rule in sorted(_RULES.items()):
        try:
            for due in rule(today, until):
                done.told += _tell(due, today)
        except Exception:  # one app's mistake must not silence all the others
            logger.exception("the reminder rule %s failed", name)
            done.failed = (*done.failed, name)
    return done


def stage(due_on: date, today: date) -> tuple[str, str] | None:
    """Which notice a deadline needs today: its mark in the key, and its words; None for none."""
    if due_on < today:
        week = ((today - due_on).days - 1) // WEEK_DAYS
        return (f"late{week}", "已逾期") if week < WEEKS_MAX else None
    if due_on == today:
        return f"in{LAST}", "今天到期"
    left = workdays.china().between(today, due_on)
    if left > EARLY:
        return None
    mark = LAST if left <= LAST else EARLY
    return f"in{mark}", f"还剩 {left} 个工作日" if left else "放假期间到期"


def _tell(due: Due, today: date) -> int:
    found = stage(due.due_on, today)
    if found is None:
        return 0
    mark, words = found
    with transaction.atomic():
        return tell(
            # With the date: a deadline that was put off is a new one.
            key=f"{due.key}:{due.due_on:%Y%m%d}:{mark}",
            title=f"{words}：{due.title}",
            body=f"期限 {due.due_on:%Y-%m-%d}，由贵单位办理。{due.body}",
            url=due.url,
            about=due.about,
            place_id=due.place_id,
            offices=due.offices,
            office_region_id=due.office_region_id,
            party_id=due.party_id,
            party_roles=due.party_roles,
            users=due.users,
            level=MessageLevel.WARN,
        )
