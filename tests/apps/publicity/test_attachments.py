"""What an objector attaches: safe to take from anybody, seen by the office that hears it alone."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.evidence.actions.sweep import missing, sweep
from shuzhuan.apps.evidence.actions.upload import Incoming
from shuzhuan.apps.evidence.store import store
from shuzhuan.apps.publicity.actions import attach
from shuzhuan.apps.publicity.actions.object import object_to
from shuzhuan.apps.publicity.models import Objection, ObjectionFile, Publicity
from tests.apps.evidence.good_files import jpg, pdf
from tests.apps.publicity.kit import MONDAY, WORDS, Clock, first, published
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db
GIVEN = {"name": "张三", "contact": "13895410000", "text": WORDS, "truth": "on", "key": "k1"}


@pytest.fixture(autouse=True)
def _place(clock: Clock, settings: Any, tmp_path: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"


def upload(name: str = "合影.jpg", content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or jpg())


def path_of(publicity: Publicity) -> str:
    return f"/publicity/items/{first(publicity).pk}/object/"


def send(publicity: Publicity, *files: SimpleUploadedFile, **more: str) -> str:
    answer = Client().post(path_of(publicity), {**GIVEN, "attachments": list(files), **more})
    return answer.content.decode()


def refused(publicity: Publicity, files: list[Incoming], address: str = "", key: str = "x") -> str:
    with pytest.raises(ValidationError) as error:
        object_to(
            PUBLIC, first(publicity).pk, "张三", "13895410000", WORDS, key=key, address=address,
            files=files,
        )  # fmt: skip
    return error.value.messages[0]


def photo(content: bytes = b"") -> Incoming:
    return Incoming("合影.jpg", io.BytesIO(content or jpg()))


def test_two_files_reach_the_office_and_nobody_else(cast: Cast) -> None:
    publicity = published(cast)
    assert "2 个，已收到" in send(publicity, upload(), upload("证明.pdf", pdf()))
    row = ObjectionFile.objects.get(position=2)
    name = row.objection.number
    assert (row.name, row.original_name) == (f"异议{name}-附件2.pdf", "证明.pdf")
    url = f"/work/publicity/objection-files/{row.pk}/"
    officer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    assert (
        "附件2：证明.pdf"
        in officer.get(f"/work/publicity/objections/{row.objection_id}/").content.decode()
    )
    answer = officer.post(url)
    assert b"".join(answer.streaming_content) == pdf()  # type: ignore[attr-defined]
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert "attachment" in answer["Content-Disposition"]
    assert Entry.objects.filter(action="view_objection_file", object_id=str(row.pk)).count() == 1
    assert officer.get(url).status_code == 405
    for role, key in ((Role.CITY_OFFICER, "guyuan"), (Role.CITY_OFFICER, "quanzhou")):
        assert client_of(cast.person(role, key)).post(url).status_code == 404
    assert Client().post(url).status_code in (302, 403)
    assert "证明.pdf" not in Client().get(f"/publicity/{publicity.pk}/").content.decode()


def test_a_photo_loses_the_place_where_it_was_taken(cast: Cast) -> None:
    send(published(cast), upload())
    kept = store().open(ObjectionFile.objects.get().sha256).read()
    assert kept != jpg() and b"PhoneMaker" not in kept


def test_what_is_wrong_is_said_and_nothing_is_received(cast: Cast) -> None:
    publicity = published(cast)
    page = send(publicity, upload("坏.pdf", b"MZ not a pdf"))
    assert "坏.pdf" in page and "请重新选择" in page
    assert "只接受" in send(publicity, upload("表.xlsx", b"PK"))
    assert "最多附 3 个文件" in send(publicity, *(upload(f"{n}.jpg") for n in range(4)))
    # What else is wrong is found first, and no file is read or stored for it.
    assert "请重新选择" in send(publicity, upload(), contact="不留")
    assert not Objection.objects.exists() and not list(store().names())  # type: ignore[attr-defined]


def test_sending_the_form_again_takes_nothing_in_again(cast: Cast) -> None:
    publicity = published(cast)
    assert "1 个，已收到" in send(publicity, upload())
    assert "1 个，已收到" in send(publicity, upload(), upload("证明.pdf", pdf()))
    assert ObjectionFile.objects.count() == 1


def test_an_objection_needs_no_file(cast: Cast) -> None:
    page = send(published(cast))
    assert "异议已收到" in page and "附件" not in page


def test_too_large_and_too_many_are_refused_unread(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    publicity = published(cast)
    monkeypatch.setattr(attach, "FILE_BYTES_MAX", len(jpg()) - 1)
    assert "请压缩后再选" in refused(publicity, [photo()])
    monkeypatch.setattr(attach, "FILE_BYTES_MAX", attach.MIB)
    monkeypatch.setattr(attach, "SOURCE_FILES_DAILY_MAX", 1)
    object_to(
        PUBLIC, first(publicity).pk, "张三", "13895410000", WORDS, key="a", address="192.0.2.1",
        files=[photo()],
    )  # fmt: skip
    assert "最多收 1 个附件" in refused(publicity, [photo()], "192.0.2.1")
    monkeypatch.setattr(attach, "PLACE_BYTES_DAILY_MAX", 1)
    assert "今天收到的附件已经很多" in refused(publicity, [photo()], "192.0.2.2")
    clock.at(MONDAY + timedelta(days=2))
    monkeypatch.setattr(attach, "PLACE_BYTES_DAILY_MAX", attach.MIB)
    object_to(
        PUBLIC, first(publicity).pk, "张三", "13895410000", WORDS, key="b", address="192.0.2.1",
        files=[photo()],
    )  # fmt: skip
    assert ObjectionFile.objects.count() == 2


def test_the_sweep_leaves_them_and_a_lost_one_is_named(cast: Cast) -> None:
    send(published(cast), upload())
    sha256 = ObjectionFile.objects.get().sha256
    assert sweep(older_than=-1) == [] and missing() == []
    store().path(sha256).unlink()  # type: ignore[attr-defined]
    assert missing() == [sha256]
