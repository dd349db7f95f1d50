"""The forms and filters that the pages themselves offer: where rough input starts from.

A form is taken as a browser would send it, with every empty field filled in by something fitting,
so that what is then spoilt is one field of a body that goes deep.
"""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

GET, POST, FILE = "get", "post", "file"
_NOT_SENT = {"submit", "button", "image", "reset"}
# What fits a field that its page left empty.
_FITTING = {
    "number": "1", "date": "2026-03-02", "email": "a@example.cn", "month": "2026-03",
    "tel": "13800000000", "url": "https://example.cn/", "datetime-local": "2026-03-02T09:00",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One name that a form sends. ``kind`` is the type of the control."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True)
class Form:
    """Where a form goes and what it sends."""

    method: str
    action: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({field.name for field in self.fields}))

    @property
    def with_files(self) -> bool:
        return any(field.kind == FILE for field in self.fields)


class _Page(HTMLParser):
    """Reads forms, the fields that name a form by its id, and the addresses of links."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.forms: list[tuple[str, str, str]] = []  # id, method, action
        self.fields: list[tuple[int | str, Field]] = []
        self.links: list[str] = []
        self._form: int | None = None
        self._select: tuple[dict[str, str], list[tuple[str, bool]]] | None = None
        self._area: tuple[dict[str, str], list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        seen = {name: value or "" for name, value in attrs}
        if tag == "form":
            to = next((seen[n] for n in ("action", "hx-post", "hx-get") if seen.get(n)), "")
            method = POST if "hx-post" in seen else seen.get("method", GET).lower()
            self.forms.append((seen.get("id", ""), method, urljoin(self.address, to)))
            self._form = len(self.forms) - 1
        elif tag == "a" and "?" in seen.get("href", ""):
            self.links.append(urljoin(self.address, seen["href"]))
        elif tag in ("input", "button"):
            self._input(tag, seen)
        elif tag == "select":
            self._select = (seen, [])
        elif tag == "option" and self._select is not None:
            self._select[1].append((seen.get("value", ""), "selected" in seen))
        elif tag == "textarea":
            self._area = (seen, [])

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None:
            seen, options = self._select
            chosen = [v for v, on in options if on and v] or [v for v, _ in options if v]
            self._add(seen, "select", chosen[0] if chosen else "")
            self._select = None
        elif tag == "textarea" and self._area is not None:
            seen, words = self._area
            self._add(seen, "textarea", "".join(words).strip() or "说明一下情况")
            self._area = None

    def _input(self, tag: str, seen: dict[str, str]) -> None:
        kind = seen.get("type", "submit" if tag == "button" else "text").lower()
        value = seen.get("value", "")
        if kind in ("radio", "checkbox"):
            value = value or "on"
        elif kind not in _NOT_SENT and kind != "hidden":
            value = value or _FITTING.get(kind, "测试")
        self._add(seen, kind, value)

    def _add(self, seen: dict[str, str], kind: str, value: str) -> None:
        form: int | str | None = seen.get("form") or self._form
        if seen.get("name") and form is not None and "disabled" not in seen:
            self.fields.append((form, Field(seen["name"], kind, value)))


def read(address: str, html: str) -> list[Form]:
    """The forms of a page, and its links with a query as forms that are sent with GET."""
    page = _Page(address)
    page.feed(html)
    found = []
    for number, (name, method, action) in enumerate(page.forms):
        fields = [f for owner, f in page.fields if owner == number or (name and owner == name)]
        if method == POST:
            parts = urlsplit(action)
            found.append(Form(POST, action if parts.query else parts.path, _once(fields)))
        else:
            found.append(Form(GET, urlsplit(action).path, _once(fields)))
    for link in page.links:
        parts = urlsplit(link)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        found.append(Form(GET, parts.path, tuple(Field(n, "text", v) for n, v in pairs)))
    return found


def _once(fields: list[Field]) -> tuple[Field, ...]:
    """One choice of each group; buttons are a choice, too, of which the first is pressed."""
    kept: dict[str, Field] = {}
    for field in fields:
        if field.kind == "image" or field.name == "csrfmiddlewaretoken":
            continue
        kept.setdefault(field.name, field)
    return tuple(kept.values())
