"""批量测算: what may be uploaded, who may see it, and that it goes away."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from shuzhuan.apps.policies import bulk
from shuzhuan.apps.policies.actions.clear_expired import clear_expired, resume_stale
from shuzhuan.apps.policies.actions.run_batch import run_batch
from shuzhuan.apps.policies.models import BatchJob, JobStatus, token_hash
from shuzhuan.apps.policies.uploads import UPLOAD_BYTES_MAX, UploadRefused, check_upload

pytestmark = pytest.mark.django_db


def xlsx(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names or ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, "<x/>")
    return content.getvalue()


def upload(
    client: Client, content: bytes = b"a,b\n1,2\n", name: str = "list.csv", **more: str
) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/batch/", {"place": "quanzhou", "file": file, **more})


def job_of(response: Any) -> tuple[BatchJob, str]:
    assert response.status_code == 302, response.content.decode()[:2000]
    token = response["Location"].rstrip("/").rsplit("/", 1)[1]
    return BatchJob.objects.get(token_hash=token_hash(token)), token


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ", "只支持 .xlsx 和 .csv"),
        ("a", b"x", "只支持"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "另存为 .xlsx"),
        ("a.xlsx", b"not a zip", "不是 Excel 表"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" * 9, "加了密码"),
        ("a.xlsx", b"PK\x03\x04broken", "已损坏"),
        ("a.xlsx", xlsx("word/document.xml"), "不是 Excel 表"),
        ("a.xlsx", xlsx("xl/workbook.xml", "xl/vbaProject.bin"), "带有宏"),
        ("a.csv", xlsx(), "不是 CSV"),
        ("a.csv", b"a\x00b", "不是 CSV"),
        ("a.csv", b"\xff\xff\xff\xff\xff\xff\xff\xff", "编码看不懂"),
        ("a.csv", b"", "文件是空的"),
    ],
)
def test_what_is_refused(client: Client, name: str, content: bytes, words: str) -> None:
    with pytest.raises(UploadRefused, match=words):
        check_upload(name, len(content), io.BytesIO(content))
    if content:
        response = upload(client, content, name)
        assert response.status_code == 422
        assert words in response.content.decode()
    assert not BatchJob.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.XLSX", xlsx()),
        ("a.csv", "名称,数\n甲,1\n".encode("gb18030")),
        ("a.csv", "名称\n甲".encode("utf-8-sig")),
    ],
)
def test_what_is_accepted(name: str, content: bytes) -> None:
    assert check_upload(name, len(content), io.BytesIO(content)) in ("xlsx", "csv")


def test_too_large_is_refused() -> None:
    with pytest.raises(UploadRefused, match="超过 64 MB"):
        check_upload("a.csv", UPLOAD_BYTES_MAX + 1, io.BytesIO(b"a"))


def test_missing_fields_are_all_named(client: Client) -> None:
    response = client.post("/batch/", {"as_of": "2026-13-01"})
    text = response.content.decode()
    assert response.status_code == 422
    for words in ("请选择地区", "请选择填好的表", "日期请写成", "有 3 处需要修改"):
        assert words in text


def test_forms_need_their_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/batch/", {}).status_code == 403


def test_the_name_of_a_file_is_never_a_path(client: Client) -> None:
    job, _ = job_of(upload(client, name="..\\..\\etc/pass\u202ewd.csv"))
    assert job.file_name == "passwd.csv"
    assert job.upload.name == "input.csv"
    assert job.upload.read_bytes() == b"a,b\n1,2\n"
    assert job.folder.stat().st_mode & 0o077 == 0


def test_only_the_token_opens_a_job(client: Client) -> None:
    job, token = job_of(upload(client))
    assert token not in job.token_hash
    response = client.get(f"/batch/{token}/")
    assert response.status_code == 200
    assert "排队中" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    for wrong in (token[:-1], token + "x", str(job.pk), job.token_hash):
        assert client.get(f"/batch/{wrong}/").status_code == 404
        assert client.get(f"/batch/{wrong}/result.xlsx/").status_code == 404
    assert client.get(f"/batch/{token}/result.xlsx/").status_code == 404  # not computed yet
    assert client.get(f"/batch/{token}/input.csv/").status_code == 404


def test_a_job_goes_away_after_its_day_or_when_asked(client: Client) -> None:
    job, token = job_of(upload(client))
    BatchJob.objects.filter(pk=job.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/batch/{token}/").status_code == 404
    assert clear_expired() == 1
    assert not job.folder.exists()
    job, token = job_of(upload(client))
    assert client.post(f"/batch/{token}/").status_code == 302
    assert not job.folder.exists()
    assert not BatchJob.objects.exists()


def fake(outcome: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*arguments: Any, progress: Any, **_: Any) -> Any:
        progress("测算", 1, 2)
        if isinstance(outcome, Exception):
            raise outcome
        Path(arguments[2]).write_bytes(xlsx())
        return outcome

    monkeypatch.setattr(bulk, "run", run)


DONE = bulk.Outcome(True, 2, 2, 3, 5, 0)


def test_a_done_job_gives_its_result_and_forgets_the_list(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(DONE, monkeypatch)
    job, token = job_of(upload(client))
    run_batch(job.pk)
    text = client.get(f"/batch/{token}/").content.decode()
    assert "测算完成" in text
    assert not job.upload.exists()
    response = client.get(f"/batch/{token}/result.xlsx/")
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]
    run_batch(job.pk)  # a second delivery of the same task changes nothing
    job.refresh_from_db()
    assert job.status == JobStatus.DONE


def test_no_reason_of_ours_reaches_the_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(RuntimeError("secret-of-the-inside"), monkeypatch)
    job, token = job_of(upload(client))
    run_batch(job.pk)
    text = client.get(f"/batch/{token}/").content.decode()
    assert "没有完成" in text
    assert "secret" not in text and "Traceback" not in text


def test_a_table_that_cannot_be_read_is_said_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(bulk.InputRefused("表里没有一行企业"), monkeypatch)
    job, token = job_of(upload(client))
    run_batch(job.pk)
    assert "表里没有一行企业" in client.get(f"/batch/{token}/").content.decode()


def test_what_a_stopped_worker_left_is_queued_again(client: Client) -> None:
    job, _ = job_of(upload(client))
    BatchJob.objects.filter(pk=job.pk).update(
        status=JobStatus.RUNNING, touched_at=timezone.now() - timedelta(hours=1)
    )
    assert resume_stale() == 1
    job.refresh_from_db()
    assert job.status == JobStatus.WAITING


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_what_was_queued(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(DONE, monkeypatch)
    job, _ = job_of(upload(client))
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
    job.refresh_from_db()
    assert job.status == JobStatus.DONE


@pytest.mark.django_db(transaction=True)
def test_a_real_list_end_to_end(client: Client) -> None:
    """One good row gives a result; one bad row a marked copy, and nothing is silently skipped."""
    head = "试点企业,数字化改造投入,改造后数字化水平\n"
    job, token = job_of(upload(client, (head + "是,800000,三级\n").encode()))
    run_batch(job.pk)
    job.refresh_from_db()
    assert (job.status, job.decided, job.message) == (JobStatus.DONE, 1, "")
    assert client.get(f"/batch/{token}/result.xlsx/").status_code == 200
    job, token = job_of(upload(client, (head + "是,很多,三级\n").encode()))
    run_batch(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.REFUSED
    assert job.problems == 1
    assert client.get(f"/batch/{token}/marked.xlsx/").status_code == 200
    assert "第 2 行" in client.get(f"/batch/{token}/").content.decode()


def test_the_template_is_a_workbook(client: Client) -> None:
    response = client.get("/batch/template/quanzhou/")
    assert response.content.startswith(b"PK")
    assert "attachment" in response["Content-Disposition"]
