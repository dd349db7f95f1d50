"""Many projects at once: one publicity, all or nothing, and once however often it is sent."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry, Outcome
from shuzhuan.apps.funds.queries.verify import verify
from shuzhuan.apps.projects.actions.bulk import AllDone, NoneDone, bulk
from shuzhuan.apps.projects.models import Project, Step
from shuzhuan.apps.publicity.models import Publicity, PublicityItem
from shuzhuan.engine.process import State
from shuzhuan.site.rehearsal.clock import Clock
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE, firm
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
TOGETHER = "/work/projects/together"


def two(drive: Drive, mill: Firm, cast: Cast, clock: Clock, to: State) -> list[Project]:
    """A firm of the county and one of its park, both in one state."""
    foundry = firm(cast, "park_foundry")
    drive.archive(foundry, "装备制造")
    return [drive.carry(each, CASE, to, clock.workdays) for each in (mill, foundry)]


def states(projects: list[Project]) -> set[str]:
    return set(
        Project.objects.filter(pk__in=[p.pk for p in projects]).values_list("state", flat=True)
    )


def test_two_projects_share_one_publicity(
    drive: Drive, mill: Firm, cast: Cast, clock: Clock
) -> None:
    projects = two(drive, mill, cast, clock, State.SELECTED)
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    address = f"{TOGETHER}/start_selection_publicity/"
    page = client.get(address).content.decode()
    assert "350,000.00" in page and "合在一次公示" in page
    given = {"project": [p.pk for p in projects], "key": str(uuid4())}
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 302  # sent twice
    publicity = Publicity.objects.get()
    assert publicity.items_count == 2
    assert {i.subject_id for i in PublicityItem.objects.all()} == {p.pk for p in projects}
    assert states(projects) == {"selection_publicity"}
    for project in projects:
        project.refresh_from_db()
        assert project.item is not None and project.item.subject_id == project.pk
        assert project.due_on == publicity.ends_on
        assert Step.objects.filter(project=project, action="start_selection_publicity").count() == 1

    clock.workdays(6)
    ids = [p.pk for p in projects]
    county = drive.players.county
    assert bulk(county, "close_selection_publicity", ids, key=uuid4()) == AllDone(2)
    publicity.refresh_from_db()
    assert publicity.state == "closed"
    assert bulk(county, "list_project", ids, key=uuid4()) == AllDone(2)
    assert states(projects) == {"listed"}


def test_all_or_nothing_with_names(drive: Drive, mill: Firm, cast: Cast, clock: Clock) -> None:
    projects = two(drive, mill, cast, clock, State.APPROVED)
    for project in projects:
        Project.objects.filter(pk=project.pk).update(ceiling_fen=150_000_000,
                                                     proposed_fen=150_000_000)  # fmt: skip
    before = (Step.objects.count(), Publicity.objects.count())
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    given = {"project": [p.pk for p in projects], "key": str(uuid4())}
    answer = client.post(f"{TOGETHER}/start_payment_publicity/", given)
    page = answer.content.decode()
    assert answer.status_code == 422 and "一个项目都没有变" in page
    assert projects[1].number in page  # the money suffices for one of them only
    assert states(projects) == {"approved"}
    assert (Step.objects.count(), Publicity.objects.count()) == before
    assert verify() == []
    refused = Entry.objects.get(action="projects_bulk_refused")
    assert refused.outcome == Outcome.REFUSED and len(json.loads(refused.detail)["why"]) == 1

    Project.objects.filter(pk=projects[1].pk).update(proposed_fen=50_000_000)
    ids = [p.pk for p in projects]
    assert bulk(drive.players.county, "start_payment_publicity", ids, key=uuid4()) == AllDone(2)
    assert set(Project.objects.filter(pk__in=ids).values_list("reserved_fen", flat=True)) == {
        150_000_000, 50_000_000,
    }  # fmt: skip
    assert verify() == []


def test_what_stands_elsewhere_stops_all(
    drive: Drive, mill: Firm, cast: Cast, clock: Clock
) -> None:
    foundry = firm(cast, "park_foundry")
    drive.archive(foundry, "装备制造")
    ready = drive.carry(mill, CASE, State.SELECTED, clock.workdays)
    other = drive.carry(foundry, CASE, State.EXPERT_REVIEW, clock.workdays)
    ids = [ready.pk, other.pk]
    answer = bulk(drive.players.county, "start_selection_publicity", ids, key=uuid4())
    assert isinstance(answer, NoneDone)
    assert [name for name, _ in answer.failures] == [f"{foundry.enterprise.name}（{other.number}）"]
    assert states([ready]) == {"selected"} and not Publicity.objects.exists()
    answer = bulk(drive.players.city, "start_selection_publicity", [ready.pk], key=uuid4())
    assert isinstance(answer, NoneDone) and "您的身份不能办" in answer.failures[0][1]

    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    picked = f"picked={ready.pk}&picked={other.pk}"
    page = client.get(f"{TOGETHER}/start_selection_publicity/?{picked}&from=state%3D")
    assert page.context["count"] == 1 and page.context["others"] == 1
    assert client.get(f"{TOGETHER}/pay/").status_code == 404


def test_foreign_projects_are_not_moved(drive: Drive, mill: Firm, cast: Cast, clock: Clock) -> None:
    ready = drive.carry(mill, CASE, State.SELECTED, clock.workdays)
    client = client_of(cast.person(Role.COUNTY_OFFICER, "xiji"))
    given = {"project": [ready.pk], "key": str(uuid4())}
    answer = client.post(f"{TOGETHER}/start_selection_publicity/", given)
    assert answer.status_code == 404
    assert states([ready]) == {"selected"}
