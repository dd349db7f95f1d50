"""The store: whatever stops where, every file that the database names is there, whole."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.evidence.actions import upload as uploading
from shuzhuan.apps.evidence.actions.sweep import missing, sweep
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document, upload_version
from shuzhuan.apps.evidence.checks import UploadRefused
from shuzhuan.apps.evidence.models import Blob, Document, DocumentVersion
from shuzhuan.apps.evidence.store import DiskStore, Files, Missing, Stored, store
from tests.apps.evidence.powercut import PowerCut, UnsafeFiles

SEED = 7


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"


@pytest.fixture
def use_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let uploads take these steps on files."""

    def use(files: Files) -> DiskStore:
        disk = DiskStore(files=files)
        monkeypatch.setattr(uploading, "store", lambda: disk)
        return disk

    return use


def csv(text: str) -> Incoming:
    return Incoming("明细.csv", io.BytesIO(f"名称,金额\r\n{text},1\r\n".encode()))


def offer(cast: Any, text: str, key: str = "pengyang_mill") -> Document:
    actor = actor_of(cast.person(Role.ENTERPRISE_FILLER, key))
    return upload_document(actor, cast.parties[key], "list", csv(text))


def broken() -> list[str]:
    """Blobs whose file is missing or not whole."""
    found = []
    for blob in Blob.objects.all():
        try:
            with store().open(blob.sha256) as file:
                whole = hashlib.file_digest(file, "sha256").hexdigest() == blob.sha256
        except Missing:
            whole = False
        if not whole:
            found.append(blob.sha256)
    return found


def test_content_is_found_by_its_hash_and_kept_once(tmp_path: Path) -> None:
    disk = DiskStore()
    first, again = disk.put(io.BytesIO(b"abc")), disk.put(io.BytesIO(b"abc"))
    assert first == again == Stored(hashlib.sha256(b"abc").hexdigest(), 3)
    assert list(disk.names()) == [first.sha256]
    with disk.open(first.sha256) as file:
        assert file.read() == b"abc"
    path = disk.path(first.sha256)
    assert path.stat().st_mode & 0o777 == 0o400
    assert not list((disk.root / "incoming").iterdir())
    for name in ("../etc/passwd", "AB" * 32, "a" * 63, ""):
        with pytest.raises(ValueError, match="SHA-256"):
            disk.path(name)
    with pytest.raises(Missing):
        disk.open("0" * 64)


def test_a_damaged_file_is_made_whole_by_the_next_upload() -> None:
    disk = DiskStore()
    stored = disk.put(io.BytesIO(b"abc"))
    path = disk.path(stored.sha256)
    path.chmod(0o600)
    path.write_bytes(b"abd")
    disk.put(io.BytesIO(b"abc"))
    assert path.read_bytes() == b"abc"


@pytest.mark.django_db
def test_a_cut_at_every_step_leaves_no_reference_without_its_file(
    cast: Any, use_files: Any
) -> None:
    """Every step of the first upload, many ways of losing what was not synced."""
    use_files(steps := UnsafeFiles())
    offer(cast, "问路")
    count = len(steps.steps)
    assert steps.steps[0] == "write"
    assert steps.steps[-1] == "sync_folder leaf"
    cuts = 0
    for stop in range(count + 1):
        for variant in range(6):
            files = UnsafeFiles(stop_before=stop)
            use_files(files)
            rows = DocumentVersion.objects.count()
            try:
                offer(cast, f"{stop}-{variant}")
                assert stop >= len(files.steps)
                assert DocumentVersion.objects.count() == rows + 1
            except PowerCut:
                cuts += 1
                assert DocumentVersion.objects.count() == rows
            files.cut(random.Random(f"{SEED}/{stop}/{variant}"))
            assert broken() == []
            # The same file can be offered again after the cut, and is then whole.
            use_files(Files())
            try:
                offer(cast, f"{stop}-{variant}")
            except UploadRefused as error:
                assert error.code == "twice"
            assert broken() == []
    assert cuts > 20


@pytest.mark.django_db
@pytest.mark.parametrize("skip", ["sync", "sync_folder leaf", "sync_folder root"])
def test_control_every_sync_is_needed(cast: Any, use_files: Any, skip: str) -> None:
    """Leaving out any one sync must be seen as a lost file after a power cut."""
    found = 0
    for variant in range(12):
        files = UnsafeFiles(skip=skip)
        use_files(files)
        offer(cast, f"{skip}-{variant}")
        files.cut(random.Random(f"{SEED}/{skip}/{variant}"))
        found += bool(broken())
    assert found


@pytest.mark.django_db
def test_control_a_row_before_its_file_is_seen(cast: Any) -> None:
    party = cast.parties["pengyang_mill"]
    Blob.objects.create(place=party.place, owner=party, sha256="1" * 64, size_bytes=1, kind="csv")
    assert broken() == missing() == ["1" * 64]


class _Full(Files):
    """A disk without room, or one that fails."""

    def __init__(self, code: int) -> None:
        self.code = code

    def write(self, path: Path, content: IO[bytes]) -> Stored:
        path.write_bytes(content.read(3))
        raise OSError(self.code, os.strerror(self.code))


@pytest.mark.django_db
def test_a_full_disk_is_said_and_leaves_nothing(cast: Any, use_files: Any) -> None:
    disk = use_files(_Full(errno.ENOSPC))
    with pytest.raises(UploadRefused, match="存储空间满了"):
        offer(cast, "满")
    with pytest.raises(OSError, match="Input/output"):
        use_files(_Full(errno.EIO))
        offer(cast, "坏")
    assert not Document.objects.exists()
    assert not Blob.objects.exists()
    assert not list((disk.root / "incoming").iterdir())


@pytest.mark.django_db
def test_a_failed_commit_leaves_an_orphan_that_is_swept_later(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the log cannot be written")

    kept = offer(cast, "留下")
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(uploading, "record", fail)
        offer(cast, "孤儿")
    assert Document.objects.count() == 1
    assert len(list(store().names())) == 2
    assert sweep() == []  # too young: its commit might still be on the way
    swept = sweep(older_than=-1)
    assert len(swept) == 1
    assert kept.current is not None
    assert list(store().names()) == [kept.current.blob.sha256]
    assert broken() == []


def test_old_drafts_are_swept(tmp_path: Path) -> None:
    disk = DiskStore()
    draft = disk.root / "incoming" / "x"
    draft.write_bytes(b"half")
    disk.sweep(lambda _: set())
    assert draft.exists()
    os.utime(draft, (1, 1))
    disk.sweep(lambda _: set())
    assert not draft.exists()


def test_a_sweep_never_takes_what_is_just_being_stored() -> None:
    """An old orphan is uploaded again at the moment of the sweep, many times."""
    disk = DiskStore()
    for turn in range(60):
        content = f"turn {turn}".encode()
        stored = disk.put(io.BytesIO(content))
        old = time.time() - 999_999
        os.utime(disk.path(stored.sha256), (old, old))
        threads = [
            threading.Thread(target=disk.put, args=(io.BytesIO(content),)),
            threading.Thread(target=disk.sweep, args=(lambda _: set(),)),
        ]
        if turn % 2:
            threads.reverse()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert disk.path(stored.sha256).read_bytes() == content


@pytest.mark.django_db
def test_the_same_content_of_two_owners_is_one_file_and_two_rows(cast: Any) -> None:
    first, second = offer(cast, "同"), offer(cast, "同", "xiji_starch")
    assert first.current is not None
    assert second.current is not None
    assert first.current.blob_id != second.current.blob_id
    assert len(list(store().names())) == 1


@pytest.mark.django_db
def test_versions_are_added_and_never_replaced(cast: Any) -> None:
    actor = actor_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    document = offer(cast, "一")
    second = upload_version(actor, document, csv("二"))
    assert (second.number, second.name) == (2, f"清单与台账-{document.pk}-v2.csv")
    with pytest.raises(UploadRefused, match="完全相同"):
        upload_version(actor, document, csv("二"))
    with pytest.raises(UploadRefused, match="已经在资料库里"):
        offer(cast, "二")
    document.refresh_from_db()
    assert (document.versions_count, document.current_id) == (2, second.pk)
    assert [v.original_name for v in document.versions.all()] == ["明细.csv"] * 2


@pytest.mark.django_db
def test_quotas_hold(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(cast, "一")
    monkeypatch.setattr(uploading, "DOCUMENTS_MAX", 1)
    with pytest.raises(UploadRefused, match="已有 1 份"):
        offer(cast, "二")
    monkeypatch.setattr(uploading, "OWNER_BYTES_MAX", 40)
    with pytest.raises(UploadRefused, match="总量超过"):
        offer(cast, "三")
    monkeypatch.setattr(uploading, "VERSIONS_MAX", 1)
    actor = actor_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    with pytest.raises(UploadRefused, match="最多 1 个版本"):
        upload_version(actor, Document.objects.get(), csv("四"))
