"""Doubtful gradings: each with its evidence, looked at by a person, never judged by the platform."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments import spending
from shuzhuan.apps.assessments.actions.doubts import note_doubt
from shuzhuan.apps.assessments.models import (
    Answer,
    Assessment,
    AssessmentKind,
    DoubtKind,
    DoubtNote,
)
from shuzhuan.apps.assessments.queries.doubts import LIMITS, candidates, read
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.evidence.models import Blob, Document, DocumentVersion, Link
from shuzhuan.apps.evidence.store import store
from tests.apps.assessments.levels_kit import firms, own_values, sheets
from tests.apps.assessments.test_sets import published, shipped
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
SELF, DIAGNOSIS, ACCEPTANCE = AssessmentKind
FAR, JUMP, IDENTICAL, REUSED = DoubtKind


@pytest.fixture
def county(cast: Cast) -> Cast:
    """Four enterprises; the first says much more of itself than the visit found."""
    shipped()
    who = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    body = cast.parties["agency_ningxia"].pk
    rows = firms(cast.places["pengyang"], 4)
    sheets(rows, who, SELF, lambda n: own_values(2 if n == 0 else 0, 50 + n))
    before = sheets(rows, who, DIAGNOSIS, lambda n: own_values(0, n), body=body)
    later = [own_values(2, n) for n in (90, 91)]
    sheets(rows[2:], who, ACCEPTANCE, later.__getitem__, body=body, before=before[2:])
    return cast


@pytest.fixture
def spent() -> Iterator[dict[int, int]]:
    """What the enterprises spent, as the app above says it."""
    known: dict[int, int] = {}

    @spending.spend_of
    def rule(rows: Sequence[Assessment]) -> dict[int, int]:
        return {row.pk: known[row.enterprise_id] for row in rows if row.enterprise_id in known}

    yield known
    spending._rules.remove(rule)


def officer(cast: Cast, place: str = "pengyang") -> Actor:
    return actor_of(cast.person(Role.COUNTY_OFFICER, place))


def shown(cast: Cast, kind: DoubtKind) -> list[Any]:
    actor = officer(cast)
    return read(actor, candidates(actor, kind))


def test_a_self_assessment_far_from_the_visit(county: Cast) -> None:
    found = shown(county, FAR)
    texts = {one.sheet.get_kind_display(): one for one in found}
    assert len(found) == 3  # one far above its diagnosis, two far below their acceptance
    assert "自评高于现场" in texts["诊断"].text and texts["诊断"].items
    assert [label for label, _ in texts["诊断"].proofs] == ["自评", "诊断"]
    assert all("自评低于现场" in one.text for one in found if one.sheet.kind == ACCEPTANCE)


def test_sheets_with_other_figures_are_not_held_against_each_other(county: Cast) -> None:
    row = published(county, l1="33")
    Assessment.objects.filter(kind=SELF).update(indicators=row)
    assert shown(county, FAR) == []


def test_a_self_assessment_is_not_held_against_what_was_found_long_after(county: Cast) -> None:
    """In between there may have been the work that the later grading is about."""
    accepted = Assessment.objects.filter(kind=ACCEPTANCE)
    for days, expected in ((LIMITS.self_days - 10, 3), (LIMITS.self_days + 10, 1)):
        later = timezone.now() + timedelta(days=days)
        accepted.update(submitted_at=later)
        assert len(shown(county, FAR)) == expected


def test_another_wording_of_the_same_figures_is(county: Cast) -> None:
    row = published(county, "1.0.1")
    Assessment.objects.filter(kind=SELF).update(indicators=row)
    found = shown(county, FAR)
    assert len(found) == 3 and all(one.text for one in found)


def test_a_jump_is_doubted_only_where_the_spending_is_known(
    county: Cast, spent: dict[int, int]
) -> None:
    after = list(Assessment.objects.filter(kind=ACCEPTANCE).order_by("pk"))
    assert shown(county, JUMP) == []
    spent[after[0].enterprise_id] = 10_000_00
    spent[after[1].enterprise_id] = 90_000_00
    found = shown(county, JUMP)
    assert [one.sheet for one in found] == [after[0]]
    assert "投入只有 10,000.00 元" in found[0].text


def test_nothing_is_said_of_jumps_while_nobody_knows_the_spending(
    county: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shuzhuan.apps.assessments.spending._rules", [])
    assert shown(county, JUMP) == []
    client = client_of(county.person(Role.COUNTY_OFFICER, "pengyang"))
    page = client.get(reverse("assessments:doubts") + "?kind=jump").content.decode()
    assert "还没有项目投入的数据" in page


def test_identical_sheets_of_different_enterprises(county: Cast) -> None:
    assert shown(county, IDENTICAL) == []
    who = county.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    fresh = firms(county.places["pengyang_park"], 3, first=800_000)
    sheets(fresh, who, SELF, lambda n: own_values(1, 0))
    found = shown(county, IDENTICAL)
    assert len(found) == 1
    assert {sheet.enterprise_id for _, sheet in found[0].proofs} == {firm.pk for firm in fresh}
    assert "3 家企业的 31 项答案完全相同" in found[0].text


def test_the_page_opens_where_something_is_still_to_be_looked_at(county: Cast) -> None:
    client, url = client_of(county.person(Role.COUNTY_OFFICER, "pengyang")), "assessments:doubts"
    assert client.get(reverse(url)).context["kind"] == DoubtKind.SELF_FAR
    Assessment.objects.filter(kind=SELF).update(is_current=False)
    who = county.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    fresh = firms(county.places["pengyang_park"], 2, first=800_000)
    sheets(fresh, who, SELF, lambda n: own_values(1, 0))
    assert client.get(reverse(url)).context["kind"] == IDENTICAL
    asked = client.get(reverse(url) + "?kind=self_far")
    assert asked.context["kind"] == DoubtKind.SELF_FAR and not asked.context["rows"]


def test_enterprises_that_have_nothing_look_alike(county: Cast) -> None:
    from shuzhuan.apps.assessments.queries.sheet import parsed

    indicators = parsed(shipped())
    nothing: dict[str, object] = {
        q.id: "0" if q.kind == "rate" else ["A"] for q in indicators.questions
    }
    nothing |= {s.id: 0 for s in indicators.scenarios}
    who = county.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill")
    fresh = firms(county.places["pengyang_park"], 3, first=800_000)
    sheets(fresh, who, SELF, lambda n: nothing)
    assert shown(county, IDENTICAL) == []


def proof(cast: Cast, answer: Answer, content: bytes) -> Link:
    """A file as evidence of an answer, in the enterprise's own documents."""
    owner, place = answer.enterprise.party, answer.place
    user = cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill").user
    stored = store().put(io.BytesIO(content))
    own = {"place": place, "owner": owner}
    blob, _ = Blob.objects.get_or_create(
        **own, sha256=stored.sha256, defaults={"size_bytes": stored.size_bytes, "kind": "pdf"}
    )
    now = timezone.now()
    document = Document.objects.create(
        **own, slot="photo", title="车间照片", created_by=user, updated_at=now
    )
    version = DocumentVersion.objects.create(
        **own, document=document, number=1, blob=blob, name="a.jpg", original_name="a.jpg",
        uploaded_by=user, uploaded_at=now,
    )  # fmt: skip
    return Link.objects.create(
        **own, document=document, version=version, kind=Answer._meta.label_lower,
        object_id=answer.pk, label="q1", created_by=user,
    )  # fmt: skip


def test_a_file_used_by_two_enterprises(county: Cast) -> None:
    first, second = Answer.objects.filter(item="q1", assessment__kind=SELF).order_by("pk")[:2]
    same = Answer.objects.get(item="q3", assessment=first.assessment)
    proof(county, first, b"%PDF one")
    proof(county, same, b"%PDF one")  # twice by one enterprise is nothing
    assert shown(county, REUSED) == []
    link = proof(county, second, b"%PDF one")
    proof(county, second, b"%PDF other")
    found = shown(county, REUSED)
    assert len(found) == 1
    assert found[0].text == "同一个文件在 2 家企业的 3 处作佐证"
    assert "第1题" in found[0].proofs[0][0]
    sha = hashlib.sha256(b"%PDF one").hexdigest()
    assert found[0].candidate.key.startswith(sha[:24])
    link.ended_at = timezone.now()
    link.save()
    assert shown(county, REUSED) == []


def test_a_look_is_recorded_and_nothing_else_changes(county: Cast) -> None:
    client = client_of(county.person(Role.COUNTY_OFFICER, "pengyang"))
    before = list(Assessment.objects.order_by("pk").values_list("level", "points_milli", "state"))
    one = shown(county, FAR)[0]
    url = reverse("assessments:doubt_look")
    fields = {"kind": "self_far", "key": one.candidate.key}
    assert client.post(url, {**fields, "finding": "  "}).status_code == 422
    assert not DoubtNote.objects.exists()
    assert client.post(url, {**fields, "finding": "已到现场复核，属实"}).status_code == 302
    note = DoubtNote.objects.get()
    assert (note.assessment, note.other, note.shown) == (one.sheet, one.other, one.text)
    assert Entry.objects.filter(action="note_doubt").count() == 1
    still = client.get(reverse("assessments:doubts") + "?kind=self_far")
    assert len(still.context["rows"]) == 2
    looked = client.get(reverse("assessments:doubts") + "?kind=self_far&state=looked")
    assert "已到现场复核，属实" in looked.content.decode()
    after = list(Assessment.objects.order_by("pk").values_list("level", "points_milli", "state"))
    assert after == before


def test_a_doubt_that_changed_is_open_again(county: Cast) -> None:
    one = shown(county, FAR)[0]
    note_doubt(officer(county), FAR, one.candidate.key, "核实")
    Assessment.objects.filter(pk=one.other.pk).update(is_current=False)
    with pytest.raises(ValidationError, match="已经变了"):
        note_doubt(officer(county), FAR, one.candidate.key, "再核实")


def test_only_officers_of_the_place_record(county: Cast) -> None:
    key = shown(county, FAR)[0].candidate.key
    with pytest.raises(ValidationError, match="已经变了"):
        note_doubt(officer(county, "xiji"), FAR, key, "核实")
    with pytest.raises(PermissionDenied):
        note_doubt(actor_of(county.person(Role.LEADER, "pengyang")), FAR, key, "核实")
    vendor = client_of(county.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    assert vendor.get(reverse("assessments:doubts")).status_code == 403
