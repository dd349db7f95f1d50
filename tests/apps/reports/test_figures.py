"""Whoever clicks on a figure of the leader's page finds the projects that add up to it."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.apps.reports.queries import waiting
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE
from tests.apps.reports.conftest import write
from tests.apps.workbench.test_list import statements
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
# Enough for two pages of a list, in every state.
SOME = 120
BUDGET = 12
_LINK = re.compile(r'<a class="drill" href="([^"]+)">([\d,.]+)</a>(?:<small>([^<]+)</small>)?')
_ROW = re.compile(r"<tr><th scope=\"row\">.*?</tr>", re.S)
_AMOUNT = re.compile(r'<td class="num"[^>]*>([\d,.]+)</td>')


class Shown(NamedTuple):
    """A figure of a page: where it leads, and what it says."""

    url: str
    text: str
    unit: str

    @property
    def key(self) -> str:
        return self.url.removeprefix("/leader/list/").split("/")[0]


def shown(client: Client, path: str) -> list[Shown]:
    """Every figure of a page that leads somewhere."""
    text = client.get(path).content.decode()
    return [Shown(unescape(url), told, unit) for url, told, unit in _LINK.findall(text)]


def recount(client: Client, url: str) -> tuple[int, Decimal]:
    """Rows behind a figure over all pages, and the sum of their amounts."""
    rows, total, number = 0, Decimal(0), 1
    while True:
        response = client.get(f"{url}{'&' if '?' in url else '?'}page={number}")
        assert response.status_code == 200, url
        text = response.content.decode()
        found = _ROW.findall(text)
        rows += len(found)
        for row in found:
            total += sum(Decimal(a.replace(",", "")) for a in _AMOUNT.findall(row))
        if f"page={number + 1}" not in text:
            return rows, total
        number += 1


def differences(client: Client, path: str) -> list[str]:
    """Figures of a page whose list adds up to something else."""
    found, seen = [], {}
    for figure in shown(client, path):
        if figure.url not in seen:
            seen[figure.url] = recount(client, figure.url)
        rows, total = seen[figure.url]
        value, scale = Decimal(figure.text.replace(",", "")), Decimal(1)
        counted = Decimal(rows)
        if "." in figure.text or figure.key == "objected":
            counted = total
        if figure.unit == "万元" or ("." in figure.text and abs(value * 100) < total):
            scale = Decimal(10_000)  # told in 万元, rounded to the hundredth
        if abs(value - counted / scale) > (Decimal("0.005") if scale != 1 else 0):
            found.append(f"{figure.url}: {figure.text} on the page, {rows} rows with {total}")
    return found


@pytest.fixture
def some(drive: Drive, mill: Firm, clock: Clock) -> Drive:
    """A pilot with something behind every figure."""
    project = drive.carry(mill, CASE, State.APPROVED, clock.workdays)
    drive.publicise_payment(project)
    project.refresh_from_db()
    object_to(
        drive.players.county, project.item_id, "王建国", "13800000000", "请核查是否符合条件。",
        key="k" * 36,
    )  # fmt: skip
    write(drive, SOME)
    return drive


def test_the_rows_behind_every_figure_add_up_to_it(cast: Cast, some: Drive) -> None:
    client = client_of(cast.person(Role.LEADER, "pengyang"))
    keys = {figure.key for figure in shown(client, "/leader/")}
    assert keys >= {
        "way-listed", "level-2", "level-3", "planned", "audited", "reserved", "appropriated",
        "paid", "late", "soon", "filed", "live", "rectifying", "objected", "late-county",
        "goal-rebuilt", "goal-rebuilt-ahead", "goal-cloud", "goal-cloud-ahead", "way-paid",
        "at-rejected",
    }  # fmt: skip
    assert differences(client, "/leader/") == []
    assert len(shown(client, "/leader/pace/")) > 10
    assert differences(client, "/leader/pace/") == []


def test_a_city_finds_the_projects_of_its_county_only(cast: Cast, some: Drive) -> None:
    client = client_of(cast.person(Role.LEADER, "guyuan"))
    place = cast.places["pengyang"].pk
    assert any(f"place={place}" in figure.url for figure in shown(client, "/leader/"))
    assert differences(client, "/leader/") == []
    inside = shown(client, f"/leader/?place={place}")
    assert inside and all(figure.url.endswith(f"?place={place}") for figure in inside)
    foreign = cast.places["hongsibu"].pk
    assert client.get(f"/leader/list/late/?place={foreign}").status_code == 404
    other = client_of(cast.person(Role.LEADER, "hongsibu"))
    assert recount(other, "/leader/list/filed/")[0] == 0


def test_control_a_wrong_figure_is_found(
    cast: Cast, some: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(cast.person(Role.LEADER, "pengyang"))
    right = waiting.OBJECTED
    monkeypatch.setattr(waiting, "OBJECTED", ~right)
    assert any("objected" in text for text in differences(client, "/leader/"))


def test_unknown_figures_and_strangers(cast: Cast, drive: Drive) -> None:
    client = client_of(cast.person(Role.LEADER, "pengyang"))
    assert client.get("/leader/list/nothing/").status_code == 404
    empty = client.get("/leader/list/late/")
    assert empty.status_code == 200 and "现在没有这样的项目" in empty.content.decode()
    firm = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
    assert firm.get("/leader/list/late/").status_code == 403


def test_a_list_costs_the_same_for_any_number(cast: Cast, some: Drive) -> None:
    client = client_of(cast.person(Role.LEADER, "pengyang"))
    for key in ("filed", "planned", "goal-cloud", "late", "appropriated"):
        with CaptureQueriesContext(connection) as context:
            assert client.get(f"/leader/list/{key}/").status_code == 200
        assert len(statements(context)) <= BUDGET, (key, len(statements(context)))
