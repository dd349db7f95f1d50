"""Who may see, add, open and withdraw documents; how a file is served; what is on record."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.evidence import handlers, verify_bundle
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document, upload_version
from shuzhuan.apps.evidence.actions.use import end_use, use_document
from shuzhuan.apps.evidence.actions.withdraw import withdraw_document
from shuzhuan.apps.evidence.models import Document, DocumentVersion, Link, View
from shuzhuan.apps.evidence.slots import FILES_AT_ONCE_MAX
from shuzhuan.apps.vendors.models import Consent, ConsentState
from tests.apps.evidence import good_files as good
from tests.cast import canary, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"


def actor(cast: Any, role: Role, where: str) -> Actor:
    return actor_of(cast.person(role, where))


def add(cast: Any, key: str = "pengyang_mill", title: str = "") -> Document:
    """A licence of an organisation, with its canary in the title."""
    party = cast.parties[key]
    who = actor(cast, Role.ENTERPRISE_FILLER, key)
    file = Incoming("执照.pdf", io.BytesIO(good.plain_pdf()))
    return upload_document(who, party, "licence", file, title or f"执照{canary(party)}")


def consent(cast: Any, **changes: Any) -> Consent:
    """The mill lets the vendor of Guyuan see its documents."""
    party = cast.parties["pengyang_mill"]
    today = timezone.localdate()
    values: dict[str, Any] = {
        "place": party.place,
        "enterprise": party,
        "vendor": cast.parties["vendor_guyuan"],
        "state": ConsentState.GRANTED,
        "sees_documents": True,
        "purpose": "改造",
        "valid_from": today,
        "valid_to": today + timedelta(days=30),
        "granted_by": cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill").user,
    }
    return Consent.objects.create(**{**values, **changes})


SEES = [
    (Role.ENTERPRISE_FILLER, "pengyang_mill", True),
    (Role.ENTERPRISE_CERTIFIER, "pengyang_mill", True),
    (Role.ENTERPRISE_FINANCE, "pengyang_mill", True),
    (Role.COUNTY_OFFICER, "pengyang", True),
    (Role.CITY_OFFICER, "guyuan", True),
    (Role.PROVINCE_OFFICER, "ningxia", True),
    (Role.FINANCE_OFFICER, "pengyang", True),
    (Role.LEADER, "guyuan", True),
    (Role.ENTERPRISE_FILLER, "xiji_starch", False),
    (Role.COUNTY_OFFICER, "xiji", False),
    (Role.COUNTY_OFFICER, "hongsibu", False),
    (Role.CITY_OFFICER, "wuzhong", False),
    (Role.PROVINCE_OFFICER, "fujian", False),
    (Role.FINANCE_OFFICER, "hongsibu", False),
    (Role.VENDOR_STAFF, "vendor_guyuan", False),
    (Role.AGENCY_STAFF, "agency_ningxia", False),
    (Role.EXPERT, "ningxia", False),
    (Role.SYSTEM_ADMIN, "ningxia", False),
    (Role.SECURITY_ADMIN, "ningxia", False),
    (Role.AUDIT_ADMIN, "ningxia", False),
]


@pytest.mark.parametrize(("role", "where", "sees"), SEES)
def test_who_sees_a_document(cast: Any, role: Role, where: str, sees: bool) -> None:
    document = add(cast)
    who = actor(cast, role, where)
    for model in (Document, DocumentVersion):
        assert visible(who, model).exists() is sees
    answer = client_of(cast.person(role, where)).post(
        reverse("evidence:file", args=[document.current_id])
    )
    assert (answer.status_code == 200) is sees
    assert View.objects.count() == int(sees)


def test_foreign_is_missing_to_the_byte(cast: Any) -> None:
    document = add(cast)
    client = client_of(cast.person(Role.ENTERPRISE_FILLER, "xiji_starch"))
    for route, pk in (
        ("file", document.current_id),
        ("document", document.pk),
        ("withdraw", document.pk),
        ("add_version", document.pk),
        ("bundle", document.owner_id),
    ):
        get = route in ("document", "withdraw")
        ask = client.get if get else client.post
        foreign = ask(reverse(f"evidence:{route}", args=[pk]))
        none = ask(reverse(f"evidence:{route}", args=[999_999]))
        assert foreign.status_code == none.status_code == 404
        assert foreign.content == none.content


def test_consent_opens_documents_and_only_while_it_lasts(cast: Any) -> None:
    document = add(cast)
    vendor = actor(cast, Role.VENDOR_STAFF, "vendor_guyuan")
    other = actor(cast, Role.VENDOR_STAFF, "vendor_quanzhou")
    given = consent(cast, sees_documents=False)
    assert not visible(vendor, Document).exists()
    Consent.objects.update(sees_documents=True)
    assert visible(vendor, Document).get() == document
    assert not visible(other, Document).exists()
    shelf = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    assert shelf.get(reverse("evidence:shelf", args=[document.owner_id])).status_code == 200
    own = reverse("evidence:document", args=[document.pk])
    assert shelf.get(own).status_code == 404  # managing is the owner's alone
    for change in (
        {"state": ConsentState.WITHDRAWN},
        {
            "valid_from": given.valid_from - timedelta(9),
            "valid_to": given.valid_from - timedelta(1),
        },
    ):
        Consent.objects.update(**{"state": ConsentState.GRANTED, **change})
        assert not visible(vendor, Document).exists()


def test_a_vendor_has_documents_of_its_own(cast: Any) -> None:
    client = client_of(cast.person(Role.VENDOR_STAFF, "vendor_guyuan"))
    file = SimpleUploadedFile("证书.jpg", good.jpg())
    answer = client.post(
        reverse("evidence:upload"), {"slot": "certificate", "files": [file]}, follow=True
    )
    assert "已存入 1 份资料" in answer.content.decode()
    assert Document.objects.get().owner == cast.parties["vendor_guyuan"]


def test_only_the_owner_writes(cast: Any) -> None:
    document = add(cast)
    officer = actor(cast, Role.COUNTY_OFFICER, "pengyang")
    vendor = actor(cast, Role.VENDOR_STAFF, "vendor_guyuan")
    consent(cast)
    file = Incoming("a.pdf", io.BytesIO(good.pdf()))
    for who in (officer, vendor, Actor()):
        with pytest.raises(PermissionDenied):
            upload_document(who, document.owner, "licence", file)
        with pytest.raises(PermissionDenied):
            upload_version(who, document, file)
        with pytest.raises(PermissionDenied):
            withdraw_document(who, document, "不该成功")


def test_a_file_is_served_so_that_it_cannot_act(cast: Any) -> None:
    document = add(cast, title="标题\r\nX-Injected: 1")
    client = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    url = reverse("evidence:file", args=[document.current_id])
    for headers in ({}, {"Range": "bytes=0-10"}, {"Range": "bytes=0-,5-,9-" * 99}):
        answer = client.post(url, headers=headers)
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert f"-{document.pk}-v1.pdf" in answer["Content-Disposition"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
        assert answer["Accept-Ranges"] == "none"
        assert "no-store" in answer["Cache-Control"]
        assert answer["Content-Type"] == "application/pdf"
        assert "X-Injected" not in answer.headers
        assert b"".join(answer.streaming_content) == good.plain_pdf()
    assert client.get(url).status_code == 405
    assert View.objects.count() == 3
    assert Entry.objects.filter(action="view_document").count() == 3


def test_the_owner_reads_who_looked(cast: Any) -> None:
    document = add(cast)
    officer = cast.person(Role.COUNTY_OFFICER, "pengyang")
    client_of(officer).post(reverse("evidence:file", args=[document.current_id]))
    page = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    text = page.get(reverse("evidence:document", args=[document.pk])).content.decode()
    assert str(officer.user) in text
    assert not visible(actor(cast, Role.COUNTY_OFFICER, "pengyang"), View).exists()


def test_several_files_at_once_each_with_its_reason(cast: Any) -> None:
    client = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    files = [
        SimpleUploadedFile("一.pdf", good.pdf()),
        SimpleUploadedFile("二.exe", b"MZ"),
        SimpleUploadedFile("三.pdf", b"MZ"),
    ]
    answer = client.post(reverse("evidence:upload"), {"slot": "licence", "files": files})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "已存入 1 份资料" in text
    assert "“二.exe”：不接受这种文件" in text
    assert "“三.pdf”：文件的内容不是 PDF" in text
    assert Document.objects.count() == 1
    refused = Entry.objects.filter(action="upload_refused", outcome="refused")
    assert [json.loads(entry.detail)["code"] for entry in refused] == ["extension", "magic"]


def test_what_is_wrong_with_a_request_is_said(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    url = reverse("evidence:upload")

    def says(data: dict[str, Any], words: str) -> None:
        answer = client.post(url, data)
        assert answer.status_code == 422
        assert words in answer.content.decode()

    one = [SimpleUploadedFile("a.pdf", good.pdf())]
    says({"slot": "licence"}, "请选择要上传的文件")
    says({"slot": "nonsense", "files": one}, "请先选择资料的类别")
    many = [SimpleUploadedFile(f"{n}.pdf", b"x") for n in range(FILES_AT_ONCE_MAX + 1)]
    says({"slot": "licence", "files": many}, f"最多上传 {FILES_AT_ONCE_MAX} 个文件")
    monkeypatch.setattr(handlers, "REQUEST_BYTES_MAX", 1000)
    says({"slot": "licence", "files": [SimpleUploadedFile("a.pdf", bytes(5000))]}, "一次最多上传")
    assert not Document.objects.exists()


def test_a_document_is_used_in_many_places_and_outlives_its_withdrawal(cast: Any) -> None:
    document = add(cast)
    owner = actor(cast, Role.ENTERPRISE_FILLER, "pengyang_mill")
    officer = actor(cast, Role.COUNTY_OFFICER, "pengyang")
    target = cast.places["pengyang"]
    link = use_document(owner, document, target, "资质：高新技术企业")
    assert use_document(owner, document, target, "再来一次") == link
    second = upload_version(owner, document, Incoming("b.pdf", io.BytesIO(good.pdf())))
    assert Link.objects.get().version.number == 1
    withdraw_document(owner, document, "换了新证")
    assert visible(officer, Document).get() == document  # filed: still readable
    with pytest.raises(ValidationError):
        use_document(owner, document, cast.places["xiji"], "撤下之后")
    end_use(owner, link)
    assert not visible(officer, Document).exists()
    assert visible(owner, DocumentVersion).count() == 2
    assert second.blob_id
    actions = list(Entry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == [
        "upload_document",
        "use_document",
        "upload_version",
        "withdraw_document",
        "end_use",
    ]


def test_withdrawing_asks_for_a_reason_and_reading_changes_nothing(cast: Any) -> None:
    document = add(cast)
    client = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    url = reverse("evidence:withdraw", args=[document.pk])
    assert client.get(url).status_code == 200
    wrong = client.post(url, {"reason": " "})
    assert wrong.status_code == 422
    assert "请写明原因" in wrong.content.decode()
    document.refresh_from_db()
    assert document.withdrawn_at is None
    assert client.post(url, {"reason": "换了新证"}, follow=True).status_code == 200
    document.refresh_from_db()
    assert document.withdrawn_reason == "换了新证"
    assert "执照" in client.get(reverse("evidence:library"), {"withdrawn": "1"}).content.decode()


def test_lists_take_a_fixed_number_of_statements(
    cast: Any, django_assert_max_num_queries: Any
) -> None:
    who = actor(cast, Role.ENTERPRISE_FILLER, "pengyang_mill")
    for number in range(12):
        text = f"a,{number}\r\n".encode()
        file = Incoming(f"{number}.csv", io.BytesIO(text))
        upload_document(who, cast.parties["pengyang_mill"], "list", file)
    client = client_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))
    with django_assert_max_num_queries(10):
        assert client.get(reverse("evidence:library")).status_code == 200
    officer = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    with django_assert_max_num_queries(10):
        address = reverse("evidence:shelf", args=[cast.parties["pengyang_mill"].pk])
        assert officer.get(address).status_code == 200


def test_pages_hold_no_foreign_word(cast: Any) -> None:
    for key in ("pengyang_mill", "xiji_starch", "hongsibu_wine"):
        add(cast, key)
    client = client_of(cast.person(Role.ENTERPRISE_FILLER, "xiji_starch"))
    text = client.get(reverse("evidence:library")).content.decode()
    assert canary(cast.parties["xiji_starch"]) in text
    for key in ("pengyang_mill", "hongsibu_wine"):
        assert canary(cast.parties[key]) not in text


# -- bundle -----------------------------------------------------------------------------------------


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
