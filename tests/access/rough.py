"""Rough input for every route, from whoever may use it: 粗暴输入.

Starts from what the pages themselves offer (tests/access/rough_forms.py), spoils one or two
things of it, sends it, and looks at the answer and at what it did to the database:

- never a 5xx, never an exception, never a page of the framework's own;
- what is refused is refused in Chinese;
- a request that no action says it has done leaves every table as it was, but for the log of
  refusals and what else ``REMEMBERED`` names.

Everything is drawn from one seed, and what a request did is undone.
"""

from __future__ import annotations

import copy
import hashlib
import json
import random
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlsplit

from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve

from shuzhuan.apps.access.table import READ, Row
from shuzhuan.site.access import TABLE
from tests.access.matrix import address, cells, clients_of, expected, readable
from tests.access.rough_forms import FILE, GET, Field, Form, read
from tests.access.world import World

FORM, JSON, TEXT = "application/x-www-form-urlencoded", "application/json", "text/plain"
BOUNDARY = "rough"
DIGITS = "9" * 5_000  # Python refuses to read so many
TEXTS = (
    "", " ", "　", "a" * 10_000, "超" * 5_000, "\x00", "前\x00后", "\ud800", "\u202e倒着写", "😀" * 40,
    "{{ 7*7 }}{% debug %}", "' OR 1=1 --", "%' ESCAPE '", "<script>alert(1)</script>", "null", "[]",
    '{"a": 1}', "../../etc/passwd", "甲\r\nSet-Cookie: a=b", "\x7f\x1b[31m", "\ufeff", "１２",
    "\ufffe\uffff",
)  # fmt: skip
NUMBERS = (
    "0", "-1", "-0", "1e999", "1e5", "NaN", "Infinity", "１２", "12.345", "0.001", "1" + "0" * 30,
    DIGITS, "9223372036854775807", "9223372036854775808", "2147483648", "0x10", "1_000", "²", "٣",
    "1,000", "1 000", "+5", "１２．５", "abc", "100%", "1.", ".5", "-", "92233720368547758.07",
)  # fmt: skip
DATES = (
    "0000-00-00", "0001-01-01", "9999-12-31", "2026-02-30", "2026-13-01", "2026-1-1", "10000-01-01",
    "２０２６-０１-０１", "2026-01-01T25:00", "昨天", "-1-1-1", "1900-01-01", "2026", "2026-W53-7",
    "2026-99", "0000-01", "9999-13",
)  # fmt: skip
KEYS = ("", "x", "00000000-0000-0000-0000-000000000000", "k" * 500, "不是编号")
ROUGH = TEXTS + NUMBERS + DATES + KEYS
COMMON = ("page", "q", "sort", "state", "kind", "place", "from", "to", "on", "year", "cols")
HEADERS: tuple[dict[str, str], ...] = (
    {"HTTP_HX_REQUEST": "true"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://[", "HTTP_HX_TARGET": "\xff"},
    {"HTTP_ACCEPT_LANGUAGE": "en-US,zz;q=9,*;q=x"},
    {"HTTP_ACCEPT_LANGUAGE": "a" * 5_000},
    {"HTTP_RANGE": "bytes=9999999999-1,-5,x"},
    {"HTTP_IF_NONE_MATCH": '"\xe4\xbd\xa0", W/x, *'},
    {"HTTP_IF_MODIFIED_SINCE": "Thu, 99 Foo 0000"},
    {"HTTP_ACCEPT": "application/json"},
    {"HTTP_ACCEPT_ENCODING": "gzip;q=2, *;q=-1, \x7f"},
    {"HTTP_COOKIE": "sessionid=" + "z" * 32 + "; csrftoken=<>; messages=garbage"},
    {"HTTP_COOKIE": 'sessionid="aaaaaaaaaa\\000bbbbbbbbbb"'},
    {"HTTP_COOKIE": "sessionid=\xff\xfe; =; ;;; messages=" + "W" * 6_000},
    {"HTTP_X_FORWARDED_FOR": "not an address, ::::, \x7f"},
    {"HTTP_USER_AGENT": "浏览器".encode().decode("latin-1") * 400},
    {"HTTP_REFERER": "http://[::1", "HTTP_ORIGIN": "null"},
    {"HTTP_HOST": "evil.example"},
    {"CONTENT_LENGTH": "-5"},
    {"CONTENT_LENGTH": "x"},
)
UNUSUAL = ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND")
# Tables that may be written although nothing was done, and why.
REMEMBERED = {
    "audit_chain", "audit_entry",  # the log of refusals
    "signin_session", "signin_guard",  # failures are counted
    "projects_actionrequest",  # the answer to a key, refusals too: asked again, it is the same
}  # fmt: skip
# A receipt is worth something only under a signed root.
READING_WRITES = {"signin_session", "audit_checkpoint"}
_HAN = re.compile(r"[\u4e00-\u9fff]")
_WRITES = re.compile(
    r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+"?(\w+)"?', re.IGNORECASE
)
_FOREIGN = ("Traceback (most recent call", "Exception Type", "<h1>Bad Request", "Not Found</h1>",
            "<h1>Server Error", "Forbidden</h1>", "DoesNotExist", "Exception Value")  # fmt: skip
# What a page shows where it refuses.
_TOLD = (
    "error-summary", "field-error", "notice-error", "notice-warning", "is-invalid",
    "没有可以依据的文件",
)  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """One request. ``what`` says in words what is rough about it."""

    who: int | str
    method: str
    path: str
    what: str
    body: bytes = b""
    content_type: str = FORM
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path[:160]} by {self.who}: {self.what[:160]}"


@dataclass
class Told:
    """What was asked and what is wrong with the answers."""

    asked: int = 0
    refused: int = 0
    done: int = 0
    routes: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


@dataclass
class Rough:
    """A world, its clients, and what the pages offered to them."""

    world: World
    seed: int
    draw: random.Random
    clients: dict[int | str, Client]
    # (route, names of the fields) -> who may send it, the form as it came
    forms: dict[tuple[str, str, tuple[str, ...]], tuple[int | str, Form]]
    pages: dict[str, list[tuple[int | str, str]]]  # route -> who may read which address
    posts: dict[str, list[tuple[int | str, str]]]
    kept: dict[str, str]  # table -> fingerprint of its content
    done: int  # actions in the log

    def about(self, what: str) -> None:
        """Draw anew: what is asked of one route or form does not depend on the others."""
        self.draw.seed(f"{self.seed} {what}")


def prepare(world: World, seed: int, pages_each: int) -> Rough:
    """Read up to ``pages_each`` pages of every route and keep the forms on them."""
    rough = Rough(world, seed, random.Random(seed), clients_of(world), {}, {}, {}, {}, 0)
    rough.kept = {table: _fingerprint(table) for table in connection.introspection.table_names()}
    rough.done = _done()
    for row in TABLE.values():
        rough.about(row.route)
        rough.pages[row.route] = _addresses(rough, row, "GET", pages_each)
        rough.posts[row.route] = _addresses(rough, row, "POST", pages_each)
        for who, path in rough.pages[row.route]:
            with _undone(rough, who) as client:
                answer: Any = client.get(path)
                if "html" in answer.get("Content-Type", ""):
                    _keep(rough, who, read(path, readable(answer).decode("utf-8", "replace")))
    return rough


def _keep(rough: Rough, who: int | str, forms: list[Form]) -> None:
    for form in forms:
        if (route := _route(form.action)) is not None:
            match = resolve(urlsplit(form.action).path)
            which = str(match.kwargs.get("action") or match.kwargs.get("part") or "")
            rough.forms.setdefault((route + "/" + which, form.method, form.names), (who, form))


def _route(path: str) -> str | None:
    try:
        return str(resolve(urlsplit(path).path).view_name)
    except Resolver404:
        return None


def _addresses(rough: Rough, row: Row, method: str, most: int) -> list[tuple[int | str, str]]:
    """A few people who may use the route, of different roles, each about another thing."""
    if method not in row.methods:
        return []
    asked = [cell for cell in cells(rough.world, row) if cell.method == method]
    rough.draw.shuffle(asked)
    if row.public:  # most of all as the public, who fills in forms of its own
        asked.sort(key=lambda cell: cell.person is not None)
    found: dict[str, tuple[int | str, str]] = {}
    for cell in asked:
        role = str(cell.person.role) if cell.person is not None else cell.nobody
        stranger = cell.person is None and cell.nobody != "anonymous"
        if role in found or stranger or expected(rough.world, cell) not in ("allowed", "any"):
            continue
        path = address(row, cell.arguments)
        assert path is not None, cell
        found[role] = (cell.person.pk if cell.person is not None else cell.nobody, path)
        if len(found) == most:
            break
    return list(found.values())


def questions(rough: Rough, each: int) -> Iterator[Ask]:
    """Rough questions: ``each`` for every route and method, and for every form that was found."""
    for route in TABLE:
        rough.about(f"{route} again")
        for who, path in _some(rough, rough.pages[route], each):
            yield _garbled_query(rough, who, path, COMMON)
        for who, path in _some(rough, rough.pages[route] or rough.posts[route], 1):
            yield Ask(who, rough.draw.choice(UNUSUAL), path, "unusual method")
            yield _wrong_place(rough, who, "GET", path)
            headers = rough.draw.choice(HEADERS)
            yield Ask(who, "GET", path, f"headers {headers!r:.80}", headers=_pairs(headers))
            yield Ask(who, "HEAD", path, "HEAD")
        for who, path in _some(rough, rough.posts[route], 1):
            yield _wrong_place(rough, who, "POST", path)
            yield _wrong_body(rough, who, path)
    for key in sorted(rough.forms):
        who, form = rough.forms[key]
        rough.about(repr(key))
        for _ in range(each):
            if form.method == GET:
                yield _garbled_query(rough, who, form.action, form.names, form)
            else:
                yield _spoilt(rough, who, form)


def _some(
    rough: Rough, choices: list[tuple[int | str, str]], most: int
) -> list[tuple[int | str, str]]:
    return [rough.draw.choice(choices) for _ in range(most)] if choices else []


def _pairs(headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(headers.items())


def _encoded(pairs: list[tuple[str, str]]) -> str:
    def one(text: str) -> str:
        return quote_plus(text.encode("utf-8", "surrogatepass"))

    return "&".join(f"{one(name)}={one(value)}" for name, value in pairs)


def _garbled_query(
    rough: Rough, who: int | str, path: str, names: tuple[str, ...], form: Form | None = None
) -> Ask:
    """One or two parameters with rough values, the others as the page sends them."""
    pairs = [(f.name, f.value) for f in form.fields] if form is not None else []
    chosen = [rough.draw.choice(names or COMMON) for _ in range(rough.draw.choice((1, 1, 2)))]
    for name in chosen:
        value = _value(rough)
        if rough.draw.random() < 0.7:
            pairs = [pair for pair in pairs if pair[0] != name]
        pairs.append((rough.draw.choice((name, name, name, name + "[]")), value))
    query = _encoded(pairs)
    if rough.draw.random() < 0.1:
        query += rough.draw.choice(("&%", "&%FF=%C0%80", "&=&&&=", "&a=%zz", "#x", "&;;"))
    said = f"query {pairs!r:.120}"
    return Ask(who, "GET", f"{path}?{query}", said)


def _value(rough: Rough, field: Field | None = None) -> str:
    """A rough value, mostly of the kind that the field would take; sometimes somebody else's id."""
    if rough.draw.random() < 0.1:
        things = rough.draw.choice(sorted(rough.world.things))
        return str(rough.draw.choice(rough.world.things[things]).row.pk)
    kinds = {"number": NUMBERS, "date": DATES, "month": DATES}
    if field is not None and field.kind in kinds and rough.draw.random() < 0.6:
        return rough.draw.choice(kinds[field.kind])
    if field is not None and field.value.isdigit() and rough.draw.random() < 0.6:
        return rough.draw.choice(NUMBERS)
    return rough.draw.choice(ROUGH)


def _wrong_place(rough: Rough, who: int | str, method: str, path: str) -> Ask:
    """Another part of the address than there is."""
    parts = path.split("/")
    at = rough.draw.randrange(1, len(parts))
    bad = rough.draw.choice(
        ("0", "-1", "1" + "0" * 30, DIGITS, "%EF%BC%91", "%00", "%FF%FE", "..", "a" * 3_000, "%0A",
         "%F0%9F%98%80", "1;x", "%2F", "9223372036854775808")
    )  # fmt: skip
    numbers = [n for n, part in enumerate(parts) if part.isdigit()]
    if numbers:
        at = rough.draw.choice(numbers)
    parts[at] = bad
    return Ask(who, method, "/".join(parts), f"address part {bad[:40]}")


def _wrong_body(rough: Rough, who: int | str, path: str) -> Ask:
    """A body that is not a form at all, or only half of one."""
    multi = f"multipart/form-data; boundary={BOUNDARY}"
    half = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a'.encode()
    bodies = (
        (b'{"a": [1, {"b": null}]}', JSON), (b"\xff\xfe\x00", TEXT), (b"", JSON), (b"", FORM),
        (half, multi), (b"", multi), (b"x=1", "multipart/form-data"), (b"%FF=%00&&=&%zz", FORM),
        (b"x" * 10, "multipart/form-data; boundary=" + "b" * 300), (b"a=" + b"9" * 3_000_000, FORM),
        (b"&".join(b"a=1" for _ in range(2_500)), FORM), (b"a=1", FORM + "; charset=utf-99"),
        (b"a=\xd6\xd0", FORM + "; charset=gbk"), (b"<a/>", "text/xml"), (b"a=1", ""),
    )  # fmt: skip
    body, kind = rough.draw.choice(bodies)
    return Ask(who, "POST", path, f"body {body[:40]!r} as {kind[:60]}", body, kind)


def _spoilt(rough: Rough, who: int | str, form: Form) -> Ask:
    """The form with one or two fields spoilt: left out, rough, twice, of the wrong sort."""
    pairs = [(f, f.value) for f in form.fields]
    said = []
    for _ in range(min(len(pairs), rough.draw.choice((1, 1, 1, 2)))):
        at = rough.draw.randrange(len(pairs))
        field, _before = pairs[at]
        how = rough.draw.choice(("absent", "rough", "rough", "rough", "rough", "twice", "sort"))
        value = _value(rough, field)
        said.append(f"{field.name} {how} {value!r:.60}")
        if how == "absent":
            del pairs[at]
        elif how == "twice":
            pairs.append((field, value))
        elif how == "sort":
            kind = "text" if field.kind == FILE else FILE
            pairs[at] = (Field(field.name, kind, field.value), value)
        else:
            pairs[at] = (field, value)
        if not pairs:
            break
    what = ", ".join(said) or "empty form"
    if form.with_files or any(f.kind == FILE for f, _ in pairs):
        body = b"".join(_part(rough, f, value) for f, value in pairs) + f"--{BOUNDARY}--".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
    else:
        body, kind = _encoded([(f.name, value) for f, value in pairs]).encode(), FORM
    htmx = {"HTTP_HX_REQUEST": "true"} if rough.draw.random() < 0.2 else {}
    return Ask(who, "POST", form.action, what, body, kind, _pairs(htmx))


FILES = (
    ("a.pdf", b""), ("a.pdf", b"%PDF-1.4 broken"), ("a.xlsx", b"PK\x03\x04 broken"),
    ("a.csv", "名称,金额\n甲,\x00\n".encode()), ("a.csv", "名称\n甲".encode("gbk")), ("", b"x"),
    ("a\x00.pdf", b"x"), ("../../a.pdf", b"%PDF-1.4"), ("超" * 300 + ".pdf", b"x"),
    ("a.exe", b"MZ"), ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
    ("a.yaml", b"a: &a [*a]"), ("a.yaml", b"\xff"), ("a.json", b"[" * 5_000), ("a.png", b"\x89PNG"),
)  # fmt: skip


def _part(rough: Rough, field: Field, value: str) -> bytes:
    """One part of a multipart body."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field.name}"'
    if field.kind != FILE:
        return head.encode() + b"\r\n\r\n" + value.encode("utf-8", "surrogatepass") + b"\r\n"
    name, content = rough.draw.choice(FILES)
    head += f'; filename="{name}"\r\nContent-Type: application/octet-stream'
    return head.encode() + b"\r\n\r\n" + content + b"\r\n"


@contextmanager
def _undone(rough: Rough, who: int | str) -> Iterator[Client]:
    """The client of somebody; what it does is undone afterwards, its cookies too."""
    client = rough.clients[who]
    kept = copy.deepcopy(client.cookies)
    with transaction.atomic():
        yield client
        transaction.set_rollback(True)
    client.cookies = kept


def put(rough: Rough, ask: Ask, told: Told) -> None:
    """Ask, and note what is wrong with the answer."""
    raised: list[str] = []
    written: set[str] = set()

    def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if match := _WRITES.match(str(sql)):
            written.add(match[1])
        return execute(sql, params, many, context)

    def note(**_: Any) -> None:
        raised.append(traceback.format_exc())

    told.asked += 1
    if route := _route(ask.path):
        told.routes.add(route)
    headers: Any = dict(ask.headers)
    with _undone(rough, ask.who) as client:
        got_request_exception.connect(note, weak=False, dispatch_uid="rough")
        try:
            with connection.execute_wrapper(watch):
                answer: Any = client.generic(
                    ask.method, ask.path, ask.body, ask.content_type, **headers
                )
                text = readable(answer).decode("utf-8", "replace")
        except Exception:
            raised.append(traceback.format_exc())
            answer, text = None, ""
        finally:
            got_request_exception.disconnect(dispatch_uid="rough")
        told.problems += [f"{ask}: {_last(each)}" for each in raised]
        if answer is not None and not raised:
            told.problems += [
                f"{ask}: {p}" for p in _wrong(rough, ask, answer, text, written, told)
            ]


def _last(trace: str) -> str:
    """The end of a traceback: the last own line, and what was raised."""
    lines = trace.strip().splitlines()
    own = [line.strip() for line in lines if "/shuzhuan/" in line]
    return f"{lines[-1][:300]} at {own[-1] if own else lines[-3].strip()}"


def _wrong(
    rough: Rough, ask: Ask, answer: Any, text: str, written: set[str], told: Told
) -> Iterator[str]:
    status = answer.status_code
    if status >= 500:
        yield f"answered {status}"
        return
    yield from _words(ask, answer, text)
    if ask.method in READ or ask.method == "OPTIONS":
        if lost := written - READING_WRITES:
            yield f"reading wrote {sorted(lost)}"
        return
    if _done() > rough.done:
        told.done += 1
        if status >= 400:
            yield f"done, but answered {status}"
        connection.check_constraints()
        return
    told.refused += 1
    changed = [t for t in sorted(written - REMEMBERED) if _fingerprint(t) != rough.kept[t]]
    if changed:
        yield f"answered {status}, nothing done, but changed {changed}"
    silent = status in (200, 422) and "html" in answer["Content-Type"]
    if silent and not any(word in text for word in _TOLD):
        yield f"answered {status} and shows no reason"


def _words(ask: Ask, answer: Any, text: str) -> Iterator[str]:
    """What the answer says: Chinese, and nothing of the framework's own."""
    status = answer.status_code
    if any(word in text for word in _FOREIGN):
        yield f"answered {status} with a page of the framework: {text[:80]!r}"
    if status < 400 or ask.method == "HEAD" or "HX-Redirect" in answer:
        return
    said = answer.content.decode("utf-8", "replace")
    if "json" in answer["Content-Type"]:
        said = json.dumps(json.loads(said), ensure_ascii=False)
        if "closed" in said:  # for the script of the page alone: where the closed sheet is shown
            return
    if not _HAN.search(said):
        yield f"answered {status} without a word in Chinese"


def _done() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE outcome = 'done'")
        return int(cursor.fetchone()[0])


def _fingerprint(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
        rows = sorted(repr(row) for row in cursor.fetchall())
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


def run(world: World, seed: int, rounds: int, pages_each: int = 1) -> Told:
    """Ask everything ``rounds`` times about what one reading of the pages found."""
    told = Told()
    rough = prepare(world, seed, pages_each)
    for ask in questions(rough, rounds):
        put(rough, ask, told)
    return told
