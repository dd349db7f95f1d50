"""Levels across a place: counted by the database, versions kept apart, lists behind each figure."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.models import Assessment, AssessmentKind
from shuzhuan.apps.assessments.queries import levels
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.inbox.models import Message
from tests.apps.assessments.levels_kit import copies, firms, own_values, sheets
from tests.apps.assessments.test_sets import published, shipped
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
SELF, DIAGNOSIS, ACCEPTANCE = AssessmentKind
# Session, user, membership, region, and what each page counts. None of it grows with the sheets.
OVERVIEW_MAX, SCENARIOS_MAX, LIST_MAX, DOUBTS_MAX = 28, 18, 18, 32
PAGES = (
    ("assessments:levels", OVERVIEW_MAX),
    ("assessments:level_scenarios", SCENARIOS_MAX),
    ("assessments:level_list", LIST_MAX),
    ("assessments:doubts", DOUBTS_MAX),
)


@pytest.fixture
def county(cast: Cast) -> Cast:
    """Twelve enterprises: a self-assessment each, six of them visited twice."""
    shipped()
    who = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    body = cast.parties["agency_ningxia"].pk
    rows = firms(cast.places["pengyang"], 12)
    sheets(rows, who, SELF, lambda n: own_values(n % 3, n))
    before = sheets(rows[:6], who, DIAGNOSIS, lambda n: own_values(n % 2, n), body=body)
    sheets(rows[:6], who, ACCEPTANCE, lambda n: own_values(2, n), body=body, before=before)
    return cast


def read_book(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def page(cast: Cast, name: str, query: str = "", role: Role = Role.COUNTY_OFFICER) -> Any:
    client = client_of(cast.person(role, "pengyang"))
    return client.get(f"{reverse(name)}?{query}")


def test_the_distribution_counts_each_enterprise_once(county: Cast) -> None:
    found = page(county, "assessments:levels", "kind=self").context["found"]
    assert found.whole.counts == {0: 4, 1: 4, 2: 4}
    assert (found.whole.total, found.whole.good, found.whole.good_share) == (12, 4, 33)
    for lines in (found.industries, found.sizes):
        assert sum(line.total for line in lines) == 12
    milli = Assessment.objects.filter(kind=SELF).values_list("points_milli", flat=True)
    assert found.whole.milli == sum(m or 0 for m in milli)


def test_kinds_are_never_mixed(county: Cast) -> None:
    acceptance = page(county, "assessments:levels").context  # the strongest kind comes first
    assert acceptance["asked"].kind == ACCEPTANCE
    assert acceptance["found"].whole.counts == {2: 6}
    assert page(county, "assessments:levels", "kind=diagnosis").context["found"].whole.total == 6


def test_every_figure_leads_to_its_list(county: Cast) -> None:
    found = page(county, "assessments:levels", "kind=self").context["found"]
    for line in (*found.industries, *found.sizes):
        for count, query in line.cells:
            listed = page(county, "assessments:level_list", query).context["page"]
            assert listed.paginator.count == count, (line.name, query)


def test_the_list_names_the_body_although_it_belongs_to_another_place(county: Cast) -> None:
    answer = page(county, "assessments:level_list", "kind=acceptance")
    assert len(answer.context["sheets"]) == 6
    assert {body for _, body in answer.context["sheets"]} == {county.parties["agency_ningxia"].name}


def test_movement_from_the_earlier_visit_to_acceptance(county: Cast) -> None:
    moves = page(county, "assessments:levels").context["moves"]
    assert moves.cells == {(0, 2): 3, (1, 2): 3}
    assert (moves.up, moves.same, moves.down, moves.apart, moves.without) == (6, 0, 0, 0, 0)
    query = moves.rows[0][1][2][2]
    assert page(county, "assessments:level_list", query).context["page"].paginator.count == 3


def test_versions_with_other_figures_are_kept_apart(county: Cast) -> None:
    who = county.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    row = published(county, l1="33")
    body = county.parties["agency_ningxia"].pk
    firm = Enterprise.objects.get(pk=Assessment.objects.filter(kind=ACCEPTANCE)[0].enterprise_id)
    Assessment.objects.filter(enterprise=firm, kind=ACCEPTANCE).update(is_current=False)
    before = Assessment.objects.filter(enterprise=firm, kind=DIAGNOSIS)
    from shuzhuan.apps.assessments.models import Engagement

    Engagement.objects.filter(kind=ACCEPTANCE, enterprise=firm).update(ended_at=firm.created_at)
    sheets([firm], who, ACCEPTANCE, lambda n: own_values(2, n), under=row, before=before, body=body)
    context = page(county, "assessments:levels").context
    assert context["found"].whole.total == 5 and context["asked"].others == 1
    assert context["moves"].apart == 1 and context["moves"].total == 5
    other = context["asked"].versions[1]
    text = page(county, "assessments:levels", f"kind=acceptance&version={other.figures[:12]}")
    assert text.context["found"].whole.total == 1
    assert "不合在一起算" in text.content.decode()


def test_a_new_wording_with_the_same_figures_is_one_version(county: Cast) -> None:
    who = county.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    row = published(county, "1.0.1")
    firm = Enterprise.objects.filter(place=county.places["pengyang"]).last()
    assert firm is not None
    Assessment.objects.filter(enterprise=firm, kind=SELF).update(is_current=False)
    sheets([firm], who, SELF, lambda n: own_values(1, n), under=row)
    context = page(county, "assessments:levels", "kind=self").context
    assert context["found"].whole.total == 12 and context["asked"].others == 0


def test_the_weakest_scenarios_come_first(county: Cast) -> None:
    context = page(county, "assessments:level_scenarios", "kind=self").context
    everything = context["everything"]
    order = [s.reached / s.sheets for s in everything.scenarios]
    assert order == sorted(order) and len(order) == 16
    for trade in (everything, *context["trades"]):  # equally weak ones in the order of the set
        keys = [(s.reached / s.sheets, -s.below, int(s.item[1:])) for s in trade.scenarios]
        assert keys == sorted(keys)
    first = next(s for s in everything.scenarios if s.item == "s1")
    assert (first.sheets, first.reached, first.below) == (12, 4 * 1 + 4 * 1 + 4 * 2, 8)
    assert sum(trade.sheets for trade in context["trades"]) == 12


def test_coverage_and_reminders(county: Cast) -> None:
    from shuzhuan.apps.enterprises.actions.register_enterprise import open_archive

    mill = open_archive(county.parties["pengyang_mill"])
    context = page(county, "assessments:levels").context
    assert context["coverage"][0].total == 13
    assert [cell[2] for cell in context["coverage"][0].cells] == [1, 7, 7]
    listed = page(county, "assessments:level_list", "missing=self")
    assert [firm.pk for firm in listed.context["page"]] == [mill.pk]
    client = client_of(county.person(Role.COUNTY_OFFICER, "pengyang"))
    url = reverse("assessments:level_remind")
    assert "已提醒 1 家企业的 2 个人" in client.post(url, follow=True).content.decode()
    assert "没有发出提醒" in client.post(url, follow=True).content.decode()
    assert Message.objects.filter(about_id=mill.pk).count() == 2
    leader = client_of(county.person(Role.LEADER, "pengyang"))
    assert leader.post(url).status_code == 403


def test_each_office_sees_its_own_place(county: Cast) -> None:
    for role, key, total in (
        (Role.CITY_OFFICER, "guyuan", 12), (Role.LEADER, "pengyang", 12),
        (Role.COUNTY_OFFICER, "xiji", 0), (Role.CITY_OFFICER, "quanzhou", 0),
    ):  # fmt: skip
        client = client_of(county.person(role, key))
        answer = client.get(reverse("assessments:levels") + "?kind=self")
        assert answer.context["found"].whole.total == total, key
    finance = client_of(county.person(Role.FINANCE_OFFICER, "pengyang"))
    assert finance.get(reverse("assessments:levels")).status_code == 403


def test_the_workbook_says_what_the_page_says_and_runs_nothing(county: Cast) -> None:
    Enterprise.objects.filter(industry="新材料").update(industry='=HYPERLINK("http://x")')
    client = client_of(county.person(Role.COUNTY_OFFICER, "pengyang"))
    answer = client.post(reverse("assessments:level_export") + "?kind=self")
    book = read_book(answer.content)
    assert {"说明", "按行业", "按规模", "薄弱场景", "按月"} <= set(book)
    assert book["按行业"][-1][:5] == ["合计", 12, 4, 4, 4]
    assert any(str(row[0]).startswith("'=HYPERLINK") for row in book["按行业"])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]
    listed = client.post(
        reverse("assessments:level_export") + "?kind=self&level=2", {"what": "list"}
    )
    assert len(read_book(listed.content)["名单"]) == 1 + 4
    assert Entry.objects.filter(action__in=("export_levels", "export_level_list")).count() == 2


@pytest.mark.parametrize(
    "query",
    ["kind=x", "kind=self&level=99", "place=9999999&kind=self", "version=%00", "missing=x",
     "kind=self&page=-3", "kind=self&industry=%27%22%3C", "before=9", "place=x"],
)  # fmt: skip
def test_addresses_that_nobody_wrote_end_in_a_page(county: Cast, query: str) -> None:
    for name, _ in PAGES:
        assert page(county, name, query).status_code == 200


def test_an_empty_place_says_what_comes(cast: Cast) -> None:
    for name, _ in PAGES:
        answer = page(cast, name)
        assert (answer.status_code == 200 and "还没有" in answer.content.decode()) or "没有" in str(
            answer.content.decode()
        )


class TestTenThousand:
    """A county with ten thousand assessed enterprises."""

    @pytest.fixture
    def many(self, cast: Cast) -> Cast:
        shipped()
        who = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
        rows = firms(cast.places["pengyang"], 10_000)
        made = sheets(rows[:30], who, SELF, lambda n: own_values(n % 3, n))
        copies(made, rows[30:])
        sheets(rows[:30], who, ACCEPTANCE, lambda n: own_values(2, n))
        return cast

    def test_pages_take_a_fixed_number_of_statements_and_counts_read_an_index(
        self, many: Cast
    ) -> None:
        person = many.person(Role.COUNTY_OFFICER, "pengyang")
        client = client_of(person)
        for name, most in PAGES:
            with CaptureQueriesContext(connection) as seen:
                answer = client.get(reverse(name) + "?kind=self")
            assert answer.status_code == 200
            assert len(seen) <= most, (name, len(seen))
            if name == "assessments:levels":
                assert answer.context["found"].whole.total == 10_000
        if connection.vendor == "postgresql":  # its planner looks at what is there
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        actor = actor_of(person)
        asked = levels.read(actor, {"kind": "acceptance"})
        plan = levels.current(actor, asked).values("level").explain()
        assert "assessment_" in plan and "SCAN assessments_assessment\n" not in f"{plan}\n", plan
        assert "Seq Scan on assessments_assessment" not in plan, plan
