"""The leader's page: counted from what happened, within a fixed number of statements."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.pilots.models import Pilot
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.apps.reports.queries.goals import NO_SOURCE
from shuzhuan.apps.reports.queries.overview import Overview, overview
from shuzhuan.apps.reports.queries.pace import nearest_rank, pace
from shuzhuan.apps.reports.queries.standing import standing
from shuzhuan.apps.reports.reports.leader_pdf import data_of, leader_pdf
from shuzhuan.apps.workbench.places import places_of
from shuzhuan.engine.process import Lane, State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Case, Drive, Firm
from tests.apps.workbench.test_list import statements
from tests.cast import Cast, canary, client_of

pytestmark = pytest.mark.django_db
# Statements of a page, those of the session and the bell among them.
BUDGET = 20
CASE = Case(spend=(("software", "生产执行系统", 50_000_000), ("cloud", "云服务", 20_000_000)))


def seen_by(actor: Actor) -> Overview:
    places = places_of(actor)
    return overview(actor, places, places.region, timezone.localdate())


def leader(cast: Cast, where: str = "pengyang") -> Actor:
    return actor_of(cast.person(Role.LEADER, where))


def goals(seen: Overview) -> dict[str, tuple[int | None, int | None]]:
    return {goal.id: (goal.done, goal.ahead) for goal in seen.goals}


def test_targets_follow_what_happened(cast: Cast, drive: Drive, mill: Firm, clock: Clock) -> None:
    assert {g.id: g.target for g in seen_by(leader(cast)).goals} == {
        "rebuilt": "10", "level2": "8", "level3": "2", "cloud": "10", "benchmark": "2",
        "selected": "10", "accepted": "10",
    }  # fmt: skip
    nothing = dict.fromkeys(
        ("rebuilt", "level2", "level3", "cloud", "selected", "accepted"), (0, 0)
    )
    assert goals(seen_by(leader(cast))) == nothing | {"benchmark": (None, None)}
    drive.diagnose(mill, 1)
    project = drive.fill(mill, CASE)
    assert goals(seen_by(leader(cast)))["selected"] == (0, 0)  # a draft is nobody's business yet
    drive.do(mill.certifier, project, "file")
    assert goals(seen_by(leader(cast)))["selected"] == (0, 1)
    drive.check_form(project)
    drive.review(project)
    drive.publicise_selection(project)
    clock.workdays(6)
    drive.list_project(project)
    now = goals(seen_by(leader(cast)))
    assert (now["selected"], now["rebuilt"], now["level2"], now["level3"]) == (
        (1, 0), (0, 1), (0, 1), (0, 0),
    )  # fmt: skip
    drive.contract(mill, project, 70_000_000)
    drive.spend(mill, project, CASE)
    assert goals(seen_by(leader(cast)))["cloud"] == (0, 1)
    drive.apply(mill, project)
    drive.assign(project)
    drive.accept(mill, project, 2)
    assert goals(seen_by(leader(cast)))["accepted"] == (0, 1)  # graded is not yet accepted
    drive.approve(project)
    done = goals(seen_by(leader(cast)))
    assert done == {
        "rebuilt": (1, 0), "level2": (1, 0), "level3": (0, 0), "cloud": (1, 0),
        "benchmark": (None, None), "selected": (1, 0), "accepted": (1, 0),
    }  # fmt: skip
    benchmark = next(g for g in seen_by(leader(cast)).goals if g.id == "benchmark")
    assert benchmark.basis == NO_SOURCE
    # Whoever loses the place no longer counts.
    drive.do(drive.players.county, project, "disqualify", reason="核查发现弄虚作假")
    assert goals(seen_by(leader(cast))) == nothing | {"benchmark": (None, None)}


def test_the_page_tells_money_lateness_objections_and_that_it_is_invented(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.APPROVED, clock.workdays)
    drive.publicise_payment(project)
    project.refresh_from_db()
    object_to(  # somebody objects: the page counts it
        drive.players.county, project.item_id, "王建国", "13800000000", "请核查是否符合条件。",
        key="k" * 36,
    )  # fmt: skip
    clock.workdays(9)
    seen = seen_by(leader(cast))
    assert seen.books.appropriated_fen == 200_000_000
    assert seen.books.reserved_fen == seen.now.fen("reserved_fen") == 35_000_000
    assert seen.books.available_fen == 165_000_000
    assert (seen.waiting.late_count, seen.waiting.soon_count) == (1, 0)
    assert seen.waiting.late_by_lane == {Lane.COUNTY: 1}
    assert seen.waiting.late[0].days == 4
    assert (seen.now.objections, seen.now.objected) == (1, 1)
    assert {name: count for _, name, count in seen.way} == {
        "提交申报": 1, "通过专家评审": 1, "入库": 1, "开始实施": 1, "申请验收": 1, "验收通过": 1,
        "兑付": 0, "结项": 0,
    }  # fmt: skip
    client = client_of(cast.person(Role.LEADER, "pengyang"))
    text = client.get("/leader/").content.decode()
    for words in ("演示数据", "逾期4个工作日", "350,000.00", "尚无数据来源", "有未结异议的"):
        assert words in text, words
    Pilot.objects.update(synthetic=False)
    assert "演示数据" not in client.get("/leader/").content.decode()
    # Control: nobody else's figures.
    other = client_of(cast.person(Role.LEADER, "hongsibu")).get("/leader/").content.decode()
    assert canary(cast.parties["pengyang_mill"]) not in other
    assert "还没有企业申报" in other


def test_a_rectification_and_what_falls_due(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    project = drive.carry(mill, CASE, State.GRADING, clock.workdays)
    drive.accept(mill, project, 1)
    drive.do(drive.players.county, project, "order_rectification", reason="没有达到提升要求")
    seen = seen_by(leader(cast))
    assert seen.now.rectifying == 1
    assert [w.project.pk for w in seen.waiting.rectifying] == [project.pk]
    assert seen.waiting.soon_count == 0  # thirty days are left
    clock.days(20)
    assert seen_by(leader(cast)).waiting.soon_by_lane == {Lane.ENTERPRISE: 1}
    clock.days(10)  # the last day itself is not late
    assert seen_by(leader(cast)).waiting.late_count == 0
    clock.days(1)
    assert seen_by(leader(cast)).waiting.late_by_lane == {Lane.ENTERPRISE: 1}


def test_a_city_sees_its_counties_side_by_side(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    drive.carry(mill, CASE, State.FORM_CHECK, clock.workdays)
    seen = seen_by(leader(cast, "guyuan"))
    rows = {c.region.name: c for c in seen.counties}
    assert rows["彭阳县"].total == 1 and rows["彭阳县"].target == "10"
    assert rows["西吉县"].silent
    assert "红寺堡区" not in rows  # of another city
    client = client_of(cast.person(Role.LEADER, "guyuan"))
    place = cast.places["pengyang"].pk
    one = client.get(f"/leader/?place={place}")
    assert one.status_code == 200 and "县级数字化转型标杆企业" in one.content.decode()
    for foreign in (cast.places["hongsibu"].pk, "x", "９", 10**12):
        assert client.get(f"/leader/?place={foreign}").status_code == 404
        assert client.get(f"/leader/report.pdf?place={foreign}").status_code == 404
    assert (
        client_of(cast.person(Role.PROVINCE_OFFICER, "ningxia")).get("/leader/").status_code == 200
    )


@pytest.mark.parametrize("path", ["/leader/", "/leader/pace/", "/leader/report.pdf"])
def test_only_the_government_reads_it(cast: Cast, path: str) -> None:
    for role, where in (
        (Role.ENTERPRISE_CERTIFIER, "pengyang_mill"), (Role.VENDOR_STAFF, "vendor_guyuan"),
        (Role.SYSTEM_ADMIN, "ningxia"), (Role.EXPERT, "ningxia"),
    ):  # fmt: skip
        assert client_of(cast.person(role, where)).get(path).status_code == 403
    assert Client().get(path).status_code == 302
    for role in (Role.LEADER, Role.COUNTY_OFFICER, Role.FINANCE_OFFICER):
        assert client_of(cast.person(role, "pengyang")).get(path).status_code == 200


def test_ten_thousand_projects_cost_as_many_statements_as_one(many: Drive, cast: Cast) -> None:
    for role, where in ((Role.LEADER, "pengyang"), (Role.LEADER, "guyuan")):
        client = client_of(cast.person(role, where))
        for path in ("/leader/", "/leader/pace/", "/leader/report.pdf"):
            with CaptureQueriesContext(connection) as context:
                assert client.get(path).status_code == 200
            assert len(statements(context)) <= BUDGET, (path, len(statements(context)))
    seen = seen_by(leader(cast))
    assert seen.now.total == Project.objects.count() == 10_000
    rows = Project.objects.all()
    accepted = ["approved", "payment_publicity", "determination", "confirmation", "payment",
                "paid", "closed"]  # fmt: skip
    told = goals(seen)
    assert told["accepted"][0] == told["cloud"][0] == rows.filter(state__in=accepted).count()
    assert told["level3"][0] == rows.filter(state__in=accepted, level_after=3).count()
    today = timezone.localdate()
    late = rows.filter(due_on__lt=today).exclude(lane="nobody").count()
    assert seen.waiting.late_count == late > 0
    assert len(seen.waiting.late) == 10


def test_the_pace_is_what_was_waited(cast: Cast, drive: Drive, mill: Firm, clock: Clock) -> None:
    drive.diagnose(mill, 1)
    project = drive.file(mill, CASE)
    clock.workdays(7)
    drive.check_form(project)
    clock.workdays(3)
    actor = leader(cast)
    places = [region.pk for region in places_of(actor).below]
    stays = {
        stay.state: stay
        for stay in pace(actor, places, standing(actor, places), timezone.localdate())
    }
    form = stays[State.FORM_CHECK]
    assert (form.ended, form.median, form.ninth, form.longest, form.here) == (1, 7, 7, 7, 0)
    assert form.lane == Lane.COUNTY and form.late == 0
    here = stays[State.EXPERT_REVIEW]
    assert (here.ended, here.median, here.here, here.here_longest) == (0, None, 1, 3)
    assert State.CITY_REVIEW not in stays
    assert Step.objects.filter(project=project, before="form_check").get().waited_days == 7


def test_percentiles_are_values_that_occurred() -> None:
    assert nearest_rank({}, 50) is None
    assert nearest_rank({3: 1}, 90) == 3
    values = {day: 1 for day in range(1, 11)}
    assert (nearest_rank(values, 50), nearest_rank(values, 90)) == (5, 9)
    assert (nearest_rank({0: 9, 40: 1}, 90), nearest_rank({0: 8, 40: 2}, 90)) == (0, 40)


def test_the_paper_has_the_same_figures_and_the_same_bytes(
    cast: Cast, drive: Drive, mill: Firm, clock: Clock
) -> None:
    drive.carry(mill, CASE, State.PAID, clock.workdays)
    seen = seen_by(leader(cast))
    actor = leader(cast)
    places = [region.pk for region in places_of(actor).below]
    stays = pace(actor, places, seen.now, timezone.localdate())
    made = timezone.now()
    data = data_of(seen, stays, made)
    assert ["已兑付（元）", "350,000.00"] in data["money"]
    assert data["marks"] == ["演示数据"]
    assert data["goals"][0][:4] == ["完成数字化改造的中小企业", "10家", "1", "0"]
    one = leader_pdf(seen, stays, made)
    assert one.startswith(b"%PDF") and one == leader_pdf(seen, stays, made)
