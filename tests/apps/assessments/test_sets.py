"""Indicator sets: imported, changed, compared, published by a second person, kept by sheets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.actions import set_drafts as actions
from shuzhuan.apps.assessments.actions.sets import MANUFACTURING, current_set, ensure_shipped
from shuzhuan.apps.assessments.models import AssessmentKind, PublishedSet, SetState
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.apps.assessments.set_figures import FigureMistakes, marked
from shuzhuan.apps.audit.models import Entry
from shuzhuan.engine.grading import dump_set, shipped_sets
from tests.apps.assessments.onsite import archive, certifier
from tests.apps.assessments.sheets import assessed
from tests.cast import PASSWORD, Cast, client_of
from tests.engine.grading.test_importing import as_bytes, import_document

pytestmark = pytest.mark.django_db
LEVEL_1: tuple[str | int, ...] = ("levels", 0, "points")


@pytest.fixture
def official() -> bytes:
    """A file in the form of the structured official text, with words of its own."""
    return as_bytes(import_document())


def officer(cast: Cast, place: str = "pengyang") -> Actor:
    return actor_of(cast.person(Role.COUNTY_OFFICER, place))


def colleague(cast: Cast, place: str = "pengyang") -> Membership:
    """A second officer of the same office."""
    region = cast.places[place]
    user = User.objects.create_user(f"second.{place}", "第二位经办", PASSWORD)
    return Membership.objects.create(
        user=user, role=Role.COUNTY_OFFICER, region=region, user_kind=user.kind
    )


def shipped() -> PublishedSet:
    ensure_shipped()
    return PublishedSet.objects.get(place__isnull=True, set_id="2024-manufacturing")


def draft(cast: Cast, version: str = "1.1.0", place: str = "pengyang") -> PublishedSet:
    return actions.copy_to_draft(officer(cast, place), shipped().pk, version)


def published(cast: Cast, version: str = "1.1.0", **levels: str) -> PublishedSet:
    row = draft(cast, version)
    if levels:
        changes: Any = {("levels", int(k[1:]) - 1, "points"): v for k, v in levels.items()}
        row = actions.change_figures(officer(cast), row.pk, row.edits, changes)
    other = Membership.objects.filter(user__login_name="second.pengyang").first()
    return actions.publish_set(actor_of(other or colleague(cast)), row.pk, row.edits)


def test_shipped_sets_are_stored_once(cast: Cast) -> None:
    assert ensure_shipped() == 2
    assert ensure_shipped() == 0
    rows = PublishedSet.objects.filter(place__isnull=True)
    assert {row.set_id for row in rows} == set(shipped_sets())
    for row in rows:
        assert row.sha256 == shipped_sets()[row.set_id].ref.digest == parsed(row).ref.digest
        assert row.has_unverified
    assert Entry.objects.filter(action="ship_indicator_set").count() == 2


def test_the_nearest_place_decides_which_set_holds(cast: Cast) -> None:
    pengyang, xiji = cast.places["pengyang"], cast.places["xiji"]
    assert current_set(pengyang).set_id == "2024-manufacturing"
    own = published(cast)
    assert current_set(pengyang) == own
    assert current_set(cast.places["pengyang_park"]) == own
    assert current_set(xiji).place is None
    with pytest.raises(ValidationError, match="生产性服务业"):
        current_set(pengyang, "生产性服务业")


def test_sets_of_two_sectors_live_side_by_side(cast: Cast) -> None:
    document = json.loads(dump_set(shipped_sets()["2022-manufacturing"]))
    document |= {"id": "services", "sector": "生产性服务业", "title": "生产性服务业"}
    from shuzhuan.engine.grading import read_set

    services = read_set("services.json", json.dumps(document).encode())
    row = actions.import_draft(officer(cast), services)
    actions.publish_set(actor_of(colleague(cast)), row.pk, row.edits)
    assert current_set(cast.places["pengyang"], "生产性服务业") == row
    assert current_set(cast.places["pengyang"], MANUFACTURING).place is None


def test_only_a_second_person_publishes(cast: Cast) -> None:
    row = draft(cast)
    with pytest.raises(ValidationError, match="第二个人"):
        actions.publish_set(officer(cast), row.pk, row.edits)
    second = actor_of(colleague(cast))
    row = actions.change_figures(second, row.pk, row.edits, {LEVEL_1: "22"})
    with pytest.raises(ValidationError, match="第二个人"):
        actions.publish_set(second, row.pk, row.edits)
    above = actor_of(cast.person(Role.CITY_OFFICER, "guyuan"))
    assert actions.publish_set(above, row.pk, row.edits).state == SetState.PUBLISHED
    assert Entry.objects.filter(action="publish_indicator_set").count() == 1


def test_the_database_itself_wants_the_second_person(cast: Cast) -> None:
    row = draft(cast)
    from django.utils import timezone

    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedSet.objects.filter(pk=row.pk).update(
            state="published", published_at=timezone.now(), published_by=row.created_by
        )


@pytest.mark.parametrize(
    "change", [{"document": "{}"}, {"version": "9.9.9"}, {"state": "draft", "published_at": None}]
)
def test_the_database_keeps_what_is_published(cast: Cast, change: dict[str, Any]) -> None:
    row = published(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        PublishedSet.objects.filter(pk=row.pk).update(**change)


def test_actions_refuse_to_change_what_is_published(cast: Cast) -> None:
    row = published(cast)
    with pytest.raises(ValidationError, match="不再改动"):
        actions.change_figures(officer(cast), row.pk, row.edits, {LEVEL_1: "25"})
    with pytest.raises(ValidationError, match="平台自带"):
        actions.retire_set(officer(cast), shipped().pk, "不用了")


def test_a_version_number_is_used_once_on_the_path(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="换一个版本号"):
        draft(cast, "1.0.0")
    draft(cast, "1.1.0")
    with pytest.raises(ValidationError, match="换一个版本号"):
        draft(cast, "1.1.0")
    assert draft(cast, "1.1.0", "xiji").version == "1.1.0"


def test_a_changed_figure_is_marked_until_somebody_compared_it(cast: Cast) -> None:
    row = draft(cast)
    scenario: tuple[str | int, ...] = ("scenarios", 0, "binding")
    row = actions.change_figures(officer(cast), row.pk, row.edits, {scenario: False})
    names = {name for _, name, _ in marked(parsed(row))}
    assert any(name.startswith("场景1 ") for name in names)
    paths = [path for path, _, _ in marked(parsed(row))]
    with pytest.raises(ValidationError, match="官方文件"):
        actions.clear_marks(officer(cast), row.pk, row.edits, paths, " ", "王某")
    row = actions.clear_marks(
        officer(cast), row.pk, row.edits, paths, "工信厅企业〔2024〕56号第3页", "王某"
    )
    assert not row.has_unverified and not list(marked(parsed(row)))
    checks = json.loads(row.checked)
    assert len(checks) == len(paths) and checks[0]["checker"] == "王某"
    row = actions.change_figures(officer(cast), row.pk, row.edits, {LEVEL_1: "21"})
    assert [path for path, _, _ in marked(parsed(row))] == [("levels", 0)]


def test_figures_that_do_not_fit_are_refused_by_name(cast: Cast) -> None:
    row = draft(cast)
    changes: Any = {
        ("levels", 3, "points"): "10",
        ("levels", 0, "scenarios", "count"): "99",
        ("questions", 0, "options", 1, "percent"): "30",
    }
    with pytest.raises(FigureMistakes) as caught:
        actions.change_figures(officer(cast), row.pk, row.edits, changes)
    paths = {path for path, _ in caught.value.problems}
    assert {("levels", 0, "scenarios", "count"), ("questions", 0, "options")} <= paths
    row.refresh_from_db()
    assert row.sha256 == parsed(draft_of(row)).ref.digest


def draft_of(row: PublishedSet) -> PublishedSet:
    return PublishedSet.objects.get(pk=row.pk)


def test_two_people_do_not_overwrite_each_other(cast: Cast) -> None:
    row = draft(cast)
    actions.change_figures(officer(cast), row.pk, row.edits, {LEVEL_1: "22"})
    with pytest.raises(ValidationError, match="刚刚改过"):
        actions.change_figures(officer(cast), row.pk, row.edits, {LEVEL_1: "23"})


def test_sheets_keep_the_version_that_they_began_with(cast: Cast) -> None:
    firm = archive(cast)
    before = assessed(certifier(cast), firm)
    assert before.level == 1
    row = published(cast, l1="32", l2="40")
    before.refresh_from_db()
    assert before.level == 1 and before.indicators.place is None
    after = assessed(certifier(cast), firm)
    assert after.indicators == row and after.level == 0
    actions.retire_set(officer(cast), row.pk, "门槛有误")
    assert current_set(cast.places["pengyang"]).place is None
    after.refresh_from_db()
    assert after.indicators == row and after.kind == AssessmentKind.SELF


class TestPages:
    def post_file(self, client: Client, data: bytes, name: str = "官方.json", **more: str) -> Any:
        fields = {"base": str(shipped().pk), "set_id": "2024-manufacturing", "version": "2.0.0"}
        file = SimpleUploadedFile(name, data)
        return client.post(reverse("assessments:set_import"), {**fields, **more, "file": file})

    def test_the_official_text_replaces_ours_and_keeps_the_figures(
        self, cast: Cast, official: bytes
    ) -> None:
        client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        answer = self.post_file(client, official)
        row = PublishedSet.objects.get(version="2.0.0")
        assert answer.status_code == 302 and answer.url == reverse(
            "assessments:set_page", args=[row.pk]
        )
        assert row.state == SetState.DRAFT and row.place == cast.places["pengyang"]
        assert row.figures_sha256 == shipped().figures_sha256
        page = client.get(answer.url).content.decode()
        first = json.loads(official)["questions"][0]["question"]
        assert first in page and "数字完全一致" in page

    def test_every_mistake_is_named_and_nothing_is_imported(
        self, cast: Cast, official: bytes
    ) -> None:
        document = json.loads(official)
        document["questions"][2]["options"][1]["score"] = 9
        document["scenarios"][4]["no"] = 7
        document["level_rules_UNOFFICIAL"][1]["min_binding"] = 60
        client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        stored = PublishedSet.objects.count()
        answer = self.post_file(client, json.dumps(document).encode())
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "第3题 › 第2个选项 › 得分（score）" in text
        assert "第5个场景 › 编号（no）" in text
        assert "第2个等级" in text and "约束性场景至少几个（min_binding）" in text
        assert PublishedSet.objects.filter(place__isnull=False).count() == 0 <= stored

    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("a.json", b"", "文件是空的"),
            ("a.exe", b"{}", "只收"),
            ("a.json", b"{not json", "没有导入"),
            ("a.yaml", b"format: shuzhuan.indicators/1\nid: x\n", "没有导入"),
            ("a.json", b'{"title": "x"}', "缺少"),
            ("a.json", "中文".encode("gb18030"), "没有导入"),
        ],
    )
    def test_files_that_are_no_set_end_in_a_sentence(
        self, cast: Cast, name: str, data: bytes, said: str
    ) -> None:
        client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        answer = self.post_file(client, data, name)
        assert answer.status_code == 422
        assert said in answer.content.decode()

    def test_our_own_yaml_is_taken_with_its_own_version(self, cast: Cast) -> None:
        path = Path(__file__).parents[3] / "src/shuzhuan/packs/indicators/2024-manufacturing"
        data = (path / "set.yaml").read_bytes().replace(b"version: 1.0.0", b"version: 3.0.0")
        client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        assert self.post_file(client, data, "set.yaml", version="").status_code == 302
        assert PublishedSet.objects.get(version="3.0.0").set_id == "2024-manufacturing"

    def test_the_form_changes_thresholds_and_names_what_is_wrong(self, cast: Cast) -> None:
        row = draft(cast)
        client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        url = reverse("assessments:set_edit", args=[row.pk, "levels"])
        fields = posted(client.get(url).context["form"])
        fields["levels.1.points"] = "45"
        fields["levels.1.scenarios.count"] = "7"
        assert client.post(url, fields).status_code == 302
        row.refresh_from_db()
        rule = parsed(row).levels[1]
        assert rule.points_milli == 45_000 and rule.scenarios and rule.scenarios.count == 7
        page = client.get(reverse("assessments:set_page", args=[row.pk])).content.decode()
        assert "2级条件：原为 40 分，2级以上 6 个、约束性 3 个，现为 45 分，2级以上 7 个" in page
        fields["seen"] = str(row.edits)
        fields["levels.2.points"] = "9"
        fields["levels.3.scenarios.binding"] = ""
        answer = client.post(url, fields)
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"levels.3.scenarios.binding"}
        fields["levels.3.scenarios.binding"] = "6"
        answer = client.post(url, fields)
        assert "levels.2.points" in answer.context["form"].errors

    @pytest.mark.parametrize("part", ["scenarios", "options"])
    def test_saving_a_part_unchanged_changes_nothing(self, cast: Cast, part: str) -> None:
        row = draft(cast)
        client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        url = reverse("assessments:set_edit", args=[row.pk, part])
        assert client.post(url, posted(client.get(url).context["form"])).status_code == 302
        again = PublishedSet.objects.get(pk=row.pk)
        assert (again.sha256, again.edits) == (row.sha256, row.edits)

    def test_marks_are_cleared_with_their_source(self, cast: Cast) -> None:
        row = draft(cast)
        client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        url = reverse("assessments:set_check", args=[row.pk])
        fields = {"items": ["levels.0"], "document": "", "checker": "王某", "seen": row.edits}
        assert client.post(url, fields).status_code == 422
        assert client.post(url, {**fields, "document": "56号文第3页"}).status_code == 302
        page = client.get(reverse("assessments:set_page", args=[row.pk])).content.decode()
        assert "王某对照“56号文第3页”核对" in page

    def test_the_effect_is_shown_before_publication(self, cast: Cast) -> None:
        assessed(certifier(cast), archive(cast))
        row = draft(cast)
        row = actions.change_figures(officer(cast), row.pk, row.edits, {LEVEL_1: "35"})
        client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
        answer = client.get(reverse("assessments:set_impact", args=[row.pk]))
        found = answer.context["found"]
        assert (found.total, found.moved_count, found.apart) == (1, 1, 0)
        assert found.movements[0].cells == {(1, 0): 1}
        assert "彭阳杂粮加工厂" in answer.content.decode()

    def test_foreign_offices_and_other_roles_stay_outside(self, cast: Cast) -> None:
        row = draft(cast)
        foreign = client_of(cast.person(Role.COUNTY_OFFICER, "huian"))
        assert foreign.get(reverse("assessments:set_page", args=[row.pk])).status_code == 404
        finance = client_of(cast.person(Role.FINANCE_OFFICER, "pengyang"))
        assert finance.get(reverse("assessments:sets")).status_code == 403
        row = published(cast, "1.2.0")
        answer = foreign.post(
            reverse("assessments:set_retire", args=[row.pk]), {"reason": "x"}, follow=True
        )
        assert "上级单位可以办理" in answer.content.decode()
        row.refresh_from_db()
        assert row.state == SetState.PUBLISHED


def posted(form: Any) -> dict[str, str]:
    """What a browser would post of a form as it stands."""
    found = {}
    for field in form:
        value = field.value()
        if value is True:
            found[field.html_name] = "on"
        elif value not in (False, None):
            found[field.html_name] = str(value)
    return found
