"""Every route × method × person × thing, against the second writing of the rules."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from shuzhuan.apps.access.table import READ, Row
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import Role
from tests.access.policy import all_words, may_see, own_words
from tests.access.world import Thing, World
from tests.cast import client_of

# What the test client returns: a response with attributes of its own, known to no stub.
Answer = Any

NOWHERE = 987_654_321  # a key that no row has
# What an address needs besides the key of a row; a test fails for a route that cannot be built.
_SECRET = "a" * 43
_PLACE: dict[str, object] = {"place": "quanzhou"}
EXTRA: dict[str, dict[str, object]] = {
    "assessments:self_evidence": {"item": "q1"},
    "assessments:self_item": {"item": "q1"},
    "assessments:set_edit": {"part": "levels"},
    "assessments:visit_item": {"item": "q1"},
    "assessments:visit_measure": {"measure": 1},
    "enterprises:section": {"key": "basics"},
    "enterprises:draft": {"key": "basics"},
    "enterprises:join": {"person": "x", "token": _SECRET},
    "funds:propose": {"kind": "allocate"},
    "inbox:confirm": {"token": _SECRET},
    "policies:batch_download": {"token": _SECRET, "which": "result.xlsx"},
    "policies:batch_job": {"token": _SECRET},
    "policies:batch_template": _PLACE,
    "policies:calc": _PLACE,
    "policies:clause": {**_PLACE, "clause": "1"},
    "policies:document": _PLACE,
    "policies:echo": _PLACE,
    "policies:original": _PLACE,
    "policies:result": _PLACE,
    "policies:result_json": _PLACE,
    "policies:result_pdf": _PLACE,
    # The address names an action; it is sent without a key, so nothing is ever done.
    "projects:act": {"action": "withdraw"},
    "projects:bulk": {"action": "list_project"},
    "projects:firm_act": {"action": "withdraw"},
    "reports:figure": {"key": "late"},
    "reports:flow_file": {"kind": "svg"},
    "reports:pack_flow": {"pack": "pengyang"},
    "reports:pack_flow_file": {"pack": "pengyang", "kind": "svg"},
    "signin:link": {"token": _SECRET},
    "site:demo_enter": {"key": "firm1"},
    "workbench:bulk": {"action": "enter"},
}
METHODS = ("GET", "POST", "PUT", "DELETE")
_TOKEN = re.compile(rb'(csrfmiddlewaretoken" value=")[^"]*|("X-CSRFToken": ")[^"]*')
_NONCE = re.compile(rb'nonce="[^"]*"')


@dataclass(frozen=True)
class Cell:
    """One question: who asks for what, by which method."""

    row: Row
    method: str
    person: Membership | None
    thing: Thing | None
    arguments: dict[str, object]
    # Somebody who is nobody (any more): signed in as this person, but see ``nobodies``.
    nobody: str = "anonymous"

    def __str__(self) -> str:
        who = f"{self.person.role}@{self.person.region.name}" if self.person else self.nobody
        what = "" if self.thing is None else f" {self.thing.row._meta.label} of {self.thing.place}"
        return f"{self.method} {self.row.route} by {who}{what}"


def cells(world: World, row: Row) -> Iterator[Cell]:
    """All questions about one route."""
    people: list[Membership | str] = [*NOBODIES, *world.cast.people.values()]
    things: list[Thing | None] = [None]
    if row.model:
        things = list(world.things.get(row.model, []))
    for person in people:
        for method in METHODS:
            for thing in things if method in row.methods else things[:1]:
                arguments = {row.lookup: thing.row.pk} if thing is not None and row.lookup else {}
                if isinstance(person, str):
                    yield Cell(row, method, None, thing, arguments, person)
                else:
                    yield Cell(row, method, person, thing, arguments)


# What is fetched exists only in some states; its absence is said with 404.
MAY_BE_ABSENT = {
    "workbench:import_marked",
    "assessments:visit_measure",
    "projects:receipt",  # of a filing that has been sent
    "projects:receipt_file",
}
# The finance staff of an enterprise reads the basics and may not write them.
REFUSED_INSIDE = {
    ("enterprises:section", Role.ENTERPRISE_FINANCE),
    ("enterprises:draft", Role.ENTERPRISE_FINANCE),
}
# A party's library is for itself; a body that visits reads the shelf and opens single files.
OWN_LIBRARY = {"evidence:document", "evidence:add_version", "evidence:withdraw"}
NOBODIES = ("anonymous", "disabled", "ended", "without a role", "second factor owed")


def address(row: Row, arguments: dict[str, object]) -> str | None:
    """The address of a route; None where it needs something that is not a row (a secret, a slug)."""
    try:
        return reverse(row.route, kwargs={**EXTRA.get(row.route, {}), **arguments})
    except NoReverseMatch:
        return None


def expected(world: World, cell: Cell) -> str:
    """allowed, refused, hidden, asked (to sign in) or unsupported."""
    row, person = cell.row, cell.person
    if cell.method not in row.methods:
        return "unsupported"
    if row.public:
        return "any"
    if person is None:
        return "asked" if cell.method in READ else "refused"
    roles = row.roles
    if cell.method not in READ and row.write_roles is not None:
        roles = row.write_roles
    if not row.signed_in and person.role not in roles:
        return "refused"
    if cell.method not in READ and inside(cell):
        return "refused"
    if cell.thing is not None and not may_see(world, person, cell.thing):
        return "hidden"
    if row.route in OWN_LIBRARY and cell.thing is not None and not _owns(person, cell.thing):
        return "hidden"
    return "allowed"


def _owns(person: Membership, thing: Thing) -> bool:
    return thing.owner is not None and thing.owner.pk == person.party_id


def inside(cell: Cell) -> bool:
    """Whether the view itself refuses by role: sections of an archive have writers of their own."""
    return (cell.row.route, cell.person.role if cell.person else "") in REFUSED_INSIDE


def verdict(world: World, cell: Cell, clients: dict[int | str, Client]) -> list[str]:
    """What is wrong with the answer to one question; what the question changed is undone."""
    client = clients[cell.person.pk if cell.person else cell.nobody]
    kept = copy.deepcopy(client.cookies)
    with transaction.atomic():
        problems = _verdict(world, cell, client)
        transaction.set_rollback(True)
    client.cookies = kept  # it may have signed out: undo that, too
    return problems


def _verdict(world: World, cell: Cell, client: Client) -> list[str]:
    path = address(cell.row, cell.arguments)
    if path is None:
        return []
    answer = client.generic(cell.method, path)
    wanted = expected(world, cell)
    problems = _status(cell, wanted, answer)
    if wanted == "hidden" and not problems:
        missing = address(cell.row, {cell.row.lookup: NOWHERE})
        assert missing is not None
        other = client.generic(cell.method, missing)
        if _plain(answer, path) != _plain(other, missing):
            problems.append(f"{cell}: a foreign record does not look like a missing one")
    known = own_words(world, cell.person) if cell.person else set()
    text = readable(answer)
    for word in all_words(world) - known:
        if word.encode() in text:
            problems.append(f"{cell}: foreign canary {word}")
    return problems


def _status(cell: Cell, wanted: str, answer: Answer) -> list[str]:
    status = answer.status_code
    fits = {
        "unsupported": status == 405,
        "any": status < 500,
        "asked": status in (302, 401),
        "refused": status == 403,
        "hidden": status == 404,
        "allowed": status not in (401, 403, 404, 405) and status < 500,
    }[wanted]
    if wanted == "allowed" and cell.row.route in MAY_BE_ABSENT and status == 404:
        return []
    if not fits:
        return [f"{cell}: {wanted} expected, answered {status}"]
    request = getattr(answer, "wsgi_request", None)
    if wanted in ("asked", "refused") and getattr(request, "admitted", False):
        return [] if inside(cell) else [f"{cell}: {wanted}, but the view was reached"]
    return []


def readable(answer: Answer) -> bytes:
    """The body, and what is packed in it (Excel, bundles), and the headers."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body + repr(dict(answer.items())).encode()
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist()[:200]:
                inner = packed.read(name)
                text += name.encode() + inner
                if inner[:2] == b"PK":
                    with zipfile.ZipFile(io.BytesIO(inner)) as deeper:
                        text += b"".join(deeper.read(n) for n in deeper.namelist()[:200])
    return text


def _plain(answer: Answer, path: str) -> bytes:
    """Body and headers without what differs between any two answers."""
    body = _TOKEN.sub(rb"\1\2", readable(answer))
    return _NONCE.sub(b"", body).replace(path.encode(), b"PATH")


def clients_of(world: World) -> dict[int | str, Client]:
    """A signed-in client per person, and those of the people who are nobody."""
    clients: dict[int | str, Client] = {"anonymous": Client()}
    for person in world.cast.people.values():
        clients[person.pk] = client_of(person)
    clients |= _nobodies(world)
    for client in clients.values():
        client.raise_request_exception = False
    return clients


def _nobodies(world: World) -> dict[int | str, Client]:
    """A disabled account, an ended session, no chosen role, a second factor still owed."""
    officer = world.cast.person(Role.COUNTY_OFFICER, "pengyang")
    clients: dict[int | str, Client] = {}
    for name in ("disabled", "ended", "without a role"):
        twin = User.objects.create_user(f"twin {name}", "")
        member = Membership.objects.create(
            user=twin, role=officer.role, region=officer.region, user_kind=twin.kind
        )
        clients[name] = client_of(member)
        if name == "without a role":
            member.is_active = False
            member.save()
        User.objects.filter(pk=twin.pk).update(
            is_active=name != "disabled", session_epoch=1 if name == "ended" else 0
        )
    clients["second factor owed"] = client_of(officer, second_factor=False)
    return clients
