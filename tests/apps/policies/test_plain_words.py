"""What a visitor reads on the policy pages is Chinese: no name of the code ever shows through."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from shuzhuan.engine.policy.pack import Library, Pack

LIBRARY = Library.load()
# level_four, project.level_after: names of readings, options, facts and parameters.
CODED = re.compile(r"\b[a-z][a-z0-9]*(?:[_.][a-z0-9]+)+\b")
READ_ALOUD = ("aria-label", "alt", "placeholder", "title")
RESULTS_EACH = 6

pytestmark = pytest.mark.django_db


class Visible(HTMLParser):
    """Texts that a page shows or reads aloud.

    ``pre`` holds the formula as the pack has it, folded away for whoever wants the code itself.
    """

    HIDDEN = ("script", "style", "pre")

    def __init__(self) -> None:
        super().__init__()
        self._hidden = 0
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self.HIDDEN
        self.texts += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self.HIDDEN

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)


def coded(page: str, names: frozenset[str] = frozenset()) -> list[str]:
    """Words of the code in what a page shows: dotted or joined ones, and these names."""
    reader = Visible()
    reader.feed(page)
    text = "\n".join(reader.texts)
    return CODED.findall(text) + [name for name in names if re.search(rf"\b{name}\b", text)]


def names_of(pack: Pack) -> frozenset[str]:
    """Readings and their options, which may be single words: allowed, trim, gate."""
    readings = pack.source.pack.readings
    return frozenset({r.id for r in readings} | {o.id for r in readings for o in r.options})


def results(pack: Pack) -> Iterator[str]:
    """Queries of some of the pack's own cases, and of every other reading."""
    plain = [c for c in pack.source.cases if all(not isinstance(v, list) for v in c.facts.values())]
    for case in plain[:: max(1, len(plain) // RESULTS_EACH)]:
        yield urlencode({k: _said(v) for k, v in case.facts.items()})
    for reading in pack.source.pack.readings:
        for option in reading.options:
            yield urlencode({f"r.{reading.id}": option.id})


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("place", LIBRARY.ids)
def test_no_page_of_a_pack_shows_a_name_of_the_code(client: Client, place: str) -> None:
    pack = LIBRARY.get(place)
    paths = [f"/policies/{place}/", f"/calc/{place}/"]
    paths += [f"/policies/{place}/{clause.id}/" for clause in pack.source.clauses]
    paths += [f"/calc/{place}/?ask={key}" for key in pack.facts]
    paths += [f"/calc/{place}/result/?{query}" for query in results(pack)]
    names = names_of(pack)
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200, path
        assert coded(response.content.decode(), names) == [], path


@pytest.mark.parametrize("path", ["/", "/policies/", "/policies/?q=上云", "/calc/", "/batch/"])
def test_no_other_public_policy_page_does(client: Client, path: str) -> None:
    assert coded(client.get(path).content.decode()) == []


def test_control_the_walk_sees_them() -> None:
    assert coded("<p>见口径 level_four</p>") == ["level_four"]
    assert coded('<b aria-label="project.spend">支出</b>') == ["project.spend"]
    assert coded("<p>选 allowed</p>", frozenset({"allowed"})) == ["allowed"]
    assert coded("<pre>reading(level_four)</pre><p>1.0.0，APP，二级</p>") == []
