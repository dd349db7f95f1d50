"""Tell people of an event: rows in the inbox and the outbox, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from shuzhuan.apps.access import prepared
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox.models import (
    BODY_CHARS_MAX,
    KEY_CHARS_MAX,
    TITLE_CHARS_MAX,
    URL_CHARS_MAX,
    MailWish,
    Message,
    MessageLevel,
    Outgoing,
)

_NAMES = ("user_id", "pk", "role", "party_id", "path", "wish", "confirmed_at", "target", "told")
_FIXED = 7  # how many of them do not depend on the event


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is meant, before anybody is looked up."""

    offices: frozenset[str]
    office_region_id: int | None
    party_id: int | None
    party_roles: frozenset[str]
    users: frozenset[int]

    def by_office(self, row: Mapping[str, Any]) -> bool:
        """Whether a membership is meant as an office of the region or above it."""
        return row["role"] in self.offices and str(row["target"] or "").startswith(row["path"])

    def by_party(self, row: Mapping[str, Any]) -> bool:
        """Whether a membership is meant as one of the party's people."""
        mine = self.party_id is not None and row["party_id"] == self.party_id
        return mine and (not self.party_roles or row["role"] in self.party_roles)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to tell, and whom; the fields as in ``tell``."""

    key: str
    title: str
    url: str
    audience: Audience
    body: str = ""
    level: str = MessageLevel.INFO


@dataclass(frozen=True, slots=True)
class _Recipient:
    user_id: int
    membership_id: int | None
    party_id: int | None
    wish: str


def tell(  # noqa: PLR0913 - who, what and where are named at every call
    *,
    key: str,
    title: str,
    body: str = "",
    url: str,
    about: Model | None = None,
    place_id: int | None = None,
    offices: Iterable[Role] = (),
    office_region_id: int | None = None,
    party_id: int | None = None,
    party_roles: Iterable[Role] = (),
    users: Iterable[int] = (),
    level: str = MessageLevel.INFO,
) -> int:
    """Write a message to everybody concerned and return how many people are newly told.

    ``key`` names the event ("projects.returned:17:2"); a person is told of it once. The audience
    is the union of three: ``offices`` at ``office_region_id`` (per role the nearest office: the
    region itself or the closest one above that has such a person), ``party_roles`` of
    ``party_id`` (no roles: all its people), and ``users``. ``url`` is a path of this site;
    ``place_id`` is taken from ``about`` where it has one. Texts are cut to what fits; they go by
    mail, so no sensitive values in them.

    One statement reads, however many are told; messages and mails are written by the sixty-four.
    Raises TransactionManagementError outside of a transaction, ValueError for a key or url that is
    wrong.
    """
    event = Event(
        key=key, title=title, body=body, url=url, level=level,
        audience=Audience(
            offices=frozenset(map(str, offices)),
            office_region_id=office_region_id,
            party_id=party_id,
            party_roles=frozenset(map(str, party_roles)),
            users=frozenset(users),
        ),
    )  # fmt: skip
    return tell_all([event], about=about, place_id=place_id)


def tell_all(
    events: Sequence[Event], *, about: Model | None = None, place_id: int | None = None
) -> int:
    """Tell of several events about one thing with the statements of one; see ``tell``."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("消息必须与它所说的改动在同一个事务里")
    for event in events:
        _check(event)
    now = timezone.now()
    place = getattr(about, "place_id", None) if place_id is None else place_id
    rows: list[Message] = []
    mails: list[Outgoing] = []
    for event, recipients in zip(events, _recipients(events), strict=True):
        mails += _mails(recipients, event.key, event.level)
        rows += [
            Message(
                user_id=person.user_id,
                membership_id=person.membership_id,
                party_id=person.party_id,
                place_id=place,
                key=event.key,
                about_kind="" if about is None else about._meta.label_lower,
                about_id=None if about is None else about.pk,
                level=event.level,
                title=cut(event.title, TITLE_CHARS_MAX),
                body=cut(event.body, BODY_CHARS_MAX, keep_lines=True),
                url=event.url,
                created_at=now,
            )
            for person in recipients
        ]
    # Somebody else may be telling of the same event at this moment: the second one adds nothing.
    prepared.add(rows, once=True)
    prepared.add(mails, once=True)
    return len(rows)


def _check(event: Event) -> None:
    if not event.key or len(event.key) > KEY_CHARS_MAX:
        raise ValueError(f"a message needs a key of at most {KEY_CHARS_MAX} characters")
    url = event.url
    if not url.startswith("/") or url.startswith("//") or len(url) > URL_CHARS_MAX:
        raise ValueError(f"not a path of this site: {url!r}")


def cut(text: str, chars_max: int, *, keep_lines: bool = False) -> str:
    """The text with single blanks between words, cut to what fits."""
    lines = text.splitlines() if keep_lines else [text]
    bare = "\n".join(" ".join(line.split()) for line in lines).strip()
    return bare if len(bare) <= chars_max else f"{bare[: chars_max - 1]}…"


# Who is asked, in which role, and whether mail is wanted. Then follow, for each event, the path of
# its region and whether the person has been told of it.
_ASKED = """SELECT m.user_id, m.id, m.role, m.party_id, r.path, a.wish, a.confirmed_at{more}
    FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
    JOIN regions_region r ON r.id = m.region_id
    LEFT JOIN inbox_mailaddress a ON a.user_id = m.user_id
    WHERE m.is_active AND u.is_active AND ({test}) ORDER BY m.id"""
_PATH = "(SELECT path FROM regions_region WHERE id = %s)"
_TOLD = "EXISTS (SELECT 1 FROM inbox_message n WHERE n.user_id = m.user_id AND n.key = %s)"
# The region itself and everything above it: their paths are its beginnings.
_ABOVE = (
    "m.region_id IN (SELECT o.id FROM regions_region o JOIN regions_region t ON t.id = %s "
    "WHERE substr(t.path, 1, length(o.path)) = o.path)"
)


def _recipients(events: Sequence[Event]) -> list[list[_Recipient]]:
    """For each event who is newly told, each once, in the role that is meant. One query."""
    more: list[Any] = []
    tests, named = [], []
    for event in events:
        more += [event.audience.office_region_id, event.key]
        test, values = _test(event.audience)
        tests.append(test)
        named += values
    sql = _ASKED.format(more=f", {_PATH}, {_TOLD}" * len(events), test=" OR ".join(tests))
    rows = prepared.ask(sql, more + named).fetchall()
    return [
        _meant(event.audience, [
            dict(zip(_NAMES, (*row[:_FIXED], *row[at : at + 2]), strict=True)) for row in rows
        ])
        for at, event in zip(count(_FIXED, 2), events)
    ]  # fmt: skip


def _test(audience: Audience) -> tuple[str, list[Any]]:
    """The memberships that an event may mean, in SQL, and its values."""
    users, offices, roles = (
        sorted(audience.users),
        sorted(audience.offices),
        sorted(audience.party_roles),
    )
    values: list[Any]
    tests, values = [prepared.among("m.user_id", users)], [*users]
    if offices and audience.office_region_id is not None:
        tests.append(f"({prepared.among('m.role', offices)} AND {_ABOVE})")
        values += [*offices, audience.office_region_id]
    if audience.party_id is not None:
        mine = f" AND {prepared.among('m.role', roles)}" if roles else ""
        tests.append(f"(m.party_id = %s{mine})")
        values += [audience.party_id, *roles]
    return " OR ".join(tests), values


def _meant(audience: Audience, rows: list[dict[str, Any]]) -> list[_Recipient]:
    """Of those who were looked up, whom one event means."""
    nearest: dict[str, int] = {}
    for row in rows:
        if audience.by_office(row):
            nearest[row["role"]] = max(nearest.get(row["role"], 0), len(row["path"]))
    chosen: dict[int, _Recipient] = {}
    for row in rows:
        office = audience.by_office(row) and len(row["path"]) == nearest[row["role"]]
        if not row["told"] and (office or audience.by_party(row)):
            chosen.setdefault(row["user_id"], _recipient(row))
    named: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if not row["told"] and row["user_id"] in audience.users and row["user_id"] not in chosen:
            named.setdefault(row["user_id"], []).append(row)
    for user_id, held in named.items():
        # Named as a person: with several roles nobody can say which one is meant.
        chosen[user_id] = _recipient(held[0], whose_role=len(held) == 1)
    return list(chosen.values())


def _recipient(row: Mapping[str, Any], *, whose_role: bool = True) -> _Recipient:
    return _Recipient(
        user_id=row["user_id"],
        membership_id=row["pk"] if whose_role else None,
        party_id=row["party_id"] if whose_role else None,
        wish=row["wish"] if row["confirmed_at"] else MailWish.NONE,
    )


def _mails(recipients: Iterable[_Recipient], key: str, level: str) -> list[Outgoing]:
    """Rows of the outbox for whoever wants this level by mail; none while mail is off."""
    if settings.MAIL is None:
        return []
    wanted = {MailWish.ALL} if level == MessageLevel.INFO else {MailWish.ALL, MailWish.TODO}
    now = timezone.now()
    return [
        Outgoing(user_id=person.user_id, key=key, next_at=now, created_at=now)
        for person in recipients
        if person.wish in wanted
    ]
