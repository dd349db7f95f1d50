"""Who may see, add, open and withdraw documents; how a file is served; what is on record."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.evidence import handlers
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document, upload_version
from shuzhuan.apps.evidence.actions.use import end_use, use_document
from shuzhuan.apps.evidence.actions.withdraw import withdraw_document
from shuzhuan.apps.evidence.models import Document, DocumentVersion, Link, View
from shuzhuan.apps.evidence.slots import FILES_AT_ONCE_MAX
from shuzhuan.apps.vendors.models import Consent, ConsentState
from tests.apps.evidence import good_files as good
from tests.apps.evidence.papers_kit import actor, add, consent
from tests.cast import canary, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"


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
