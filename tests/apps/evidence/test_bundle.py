"""The bundle is whole, says who took it and why, and every tampering is found offline."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.urls import reverse

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.evidence import verify_bundle
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document, upload_version
from shuzhuan.apps.evidence.actions.withdraw import withdraw_document
from shuzhuan.apps.evidence.models import View
from tests.apps.evidence import good_files as good
from tests.apps.evidence.papers_kit import actor, add
from tests.cast import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"


def bundle_of(cast: Any, role: Role, where: str, tmp_path: Path, reason: str = "验收归档") -> Path:
    owner = cast.parties["pengyang_mill"]
    client = client_of(cast.person(role, where))
    answer = client.post(reverse("evidence:bundle", args=[owner.pk]), {"reason": reason})
    assert answer.status_code == 200
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"".join(answer.streaming_content))
    return path


@pytest.fixture
def filled(cast: Any) -> Any:
    """The mill has a document with two versions, one withdrawn, one with a dangerous title."""
    who = actor(cast, Role.ENTERPRISE_FILLER, "pengyang_mill")
    document = add(cast)
    upload_version(who, document, Incoming("新.pdf", io.BytesIO(good.pdf())))
    party = cast.parties["pengyang_mill"]
    photo = Incoming("照片.jpg", io.BytesIO(good.jpg()))
    upload_document(who, party, "photo", photo, "=HYPERLINK(1)")
    old = upload_document(who, party, "list", Incoming("a.csv", io.BytesIO(good.csv())))
    withdraw_document(who, old, "年份填错了")
    return cast


def test_a_bundle_is_whole_and_verifies_offline(
    filled: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bundle_of(filled, Role.ENTERPRISE_CERTIFIER, "pengyang_mill", tmp_path)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
    assert sum(name.startswith("files/") for name in names) == 4
    assert sum(name.startswith("receipts/") for name in names) >= 4
    assert manifest["owner"]["uscc"] == filled.parties["pengyang_mill"].uscc
    assert verify_bundle.main([str(path)]) == 0
    out = capsys.readouterr().out
    assert "没有发现改动" in out
    key = out.split("检查点公钥：")[1].split()[0]
    assert verify_bundle.main([str(path), "--key", key]) == 0
    assert verify_bundle.main([str(path), "--key", "0" * 64]) == 1
    detail = json.loads(Entry.objects.get(action="export_bundle").detail)
    assert detail["reason"] == "验收归档"


def test_the_index_is_readable_and_harmless(filled: Any, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    path = bundle_of(filled, Role.ENTERPRISE_CERTIFIER, "pengyang_mill", tmp_path)
    with zipfile.ZipFile(path) as archive:
        index = archive.read("index.xlsx")
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(index)).get_sheet_by_name("资料目录").to_python()
    )
    assert rows[0][0] == "类别"
    assert len(rows) == 5
    assert "'=HYPERLINK(1)" in [row[1] for row in rows]
    with zipfile.ZipFile(io.BytesIO(index)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def _tampered(path: Path, change: str) -> Path:
    """A bundle with one thing done to it."""
    goal = path.with_name(f"{change}.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(goal, "w") as target:
        first = next(name for name in source.namelist() if name.startswith("files/"))
        told = next(name for name in source.namelist() if name.startswith("receipts/"))
        for name in source.namelist():
            content = source.read(name)
            if change == "content" and name == first:
                content = content[:-1] + b"x"
            if change == "missing" and name == first:
                continue
            if change == "receipt" and name == told:
                content = content.replace(b'"number": ', b'"number": 1')
            if name == "manifest.json" and change in ("content and manifest", "receipt"):
                content = _matching(content, source, first if change != "receipt" else told, change)
            if change == "content and manifest" and name == first:
                content = content[:-1] + b"x"
            target.writestr(name, content)
        if change == "added":
            target.writestr("files/new.pdf", b"x")
    return goal


def _matching(manifest: bytes, source: zipfile.ZipFile, name: str, change: str) -> bytes:
    """The manifest of somebody who also changes the manifest."""
    import hashlib

    content = source.read(name)
    content = (
        content.replace(b'"number": ', b'"number": 1')
        if change == "receipt"
        else content[:-1] + b"x"
    )
    document = json.loads(manifest)
    for entry in document["files"]:
        if entry["path"] == name:
            entry["sha256"], entry["bytes"] = hashlib.sha256(content).hexdigest(), len(content)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "change", ["content", "missing", "added", "receipt", "content and manifest"]
)
def test_control_every_tampering_is_found(filled: Any, tmp_path: Path, change: str) -> None:
    path = bundle_of(filled, Role.ENTERPRISE_CERTIFIER, "pengyang_mill", tmp_path)
    assert verify_bundle.main([str(_tampered(path, change))]) == 1


def test_what_is_no_bundle_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"not a zip")
    assert verify_bundle.main([str(path)]) == 2
    assert verify_bundle.main([]) == 2


def test_who_takes_a_bundle_says_why_and_the_owner_sees_it(filled: Any, tmp_path: Path) -> None:
    owner = filled.parties["pengyang_mill"]
    officer = client_of(filled.person(Role.COUNTY_OFFICER, "pengyang"))
    url = reverse("evidence:bundle", args=[owner.pk])
    answer = officer.post(url, {"reason": ""}, follow=True)
    assert "没有导出：请写明原因" in answer.content.decode()
    assert not Entry.objects.filter(action="export_bundle").exists()
    path = bundle_of(filled, Role.COUNTY_OFFICER, "pengyang", tmp_path)
    with zipfile.ZipFile(path) as archive:  # what was withdrawn is the owner's alone
        assert sum(name.startswith("files/") for name in archive.namelist()) == 3
    assert View.objects.filter(role=Role.COUNTY_OFFICER).count() == 3
    for role, where in (
        (Role.COUNTY_OFFICER, "xiji"),
        (Role.ENTERPRISE_FILLER, "xiji_starch"),
    ):
        answer = client_of(filled.person(role, where)).post(url, {"reason": "不该成功"})
        assert answer.status_code == 404
    for role, where in ((Role.VENDOR_STAFF, "vendor_guyuan"), (Role.LEADER, "pengyang")):
        answer = client_of(filled.person(role, where)).post(url, {"reason": "不该成功"})
        assert answer.status_code == 403
    with pytest.raises(Http404):
        from shuzhuan.apps.evidence.queries.library import shelf_owner

        shelf_owner(Actor(), owner.pk)


def test_the_verifier_needs_only_the_standard_library(client: Any) -> None:
    import subprocess
    import sys

    answer = client.get(reverse("evidence:verifier"))
    assert answer.status_code == 200
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", answer.content.decode()],
        capture_output=True,
        check=False,
    )
    assert run.returncode == 2


def test_the_index_tells_the_archive_with_masked_numbers(filled: Any, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    from shuzhuan.apps.enterprises.models import Enterprise

    party = filled.parties["pengyang_mill"]
    Enterprise.objects.create(
        place=party.place,
        party=party,
        name="=彭阳",
        uscc=party.uscc,
        contact_phone="13895412345",
        bank_account="6217888800001234",
    )
    path = bundle_of(filled, Role.ENTERPRISE_CERTIFIER, "pengyang_mill", tmp_path)
    with zipfile.ZipFile(path) as archive:
        book = CalamineWorkbook.from_filelike(io.BytesIO(archive.read("index.xlsx")))
    assert book.sheet_names[:3] == ["资料目录", "基本情况", "年度数据"]
    facts = {row[0]: row[1] for row in book.get_sheet_by_name("基本情况").to_python()}
    assert facts["企业名称"] == "'=彭阳"
    assert facts["统一社会信用代码"] == party.uscc
    assert (facts["联系电话"], facts["银行账号"]) == ("138****2345", "****1234")
    assert verify_bundle.main([str(path)]) == 0


@pytest.mark.django_db(transaction=True)
def test_the_sweep_command_says_what_is_missing(
    cast: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from shuzhuan.apps.evidence.store import DiskStore
    from shuzhuan.site.cli import main

    document = add(cast)
    assert main(["sweep"]) == 0
    assert "引用的文件都在" in capsys.readouterr().out
    assert document.current is not None
    DiskStore().path(document.current.blob.sha256).unlink()
    assert main(["sweep"]) == 1
    assert "缺少 1 个文件" in capsys.readouterr().err
