"""摸底 lists in: what is read, what is refused, and that nothing is ever half imported."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.apps.enterprises.actions import summary
from shuzhuan.apps.enterprises.actions.register_enterprise import open_archive
from shuzhuan.apps.enterprises.models import Enterprise, EnterpriseYear, SectionState
from shuzhuan.apps.workbench.actions.commit_import import Committed, commit_import
from shuzhuan.apps.workbench.actions.upload_import import upload_import
from shuzhuan.apps.workbench.importing.write import manifest_of
from shuzhuan.apps.workbench.models import ImportItem, ImportRun, ImportStatus, SearchEntry
from shuzhuan.apps.workbench.places import places_of
from tests.apps.workbench.kit import FIRST, book, cells
from tests.cast import canary, client_of, uscc

pytestmark = pytest.mark.django_db
HEADERS = [
    "企业名称", "统一社会信用代码", "细分行业", "划型行业", "成立日期", "规上工业企业",
    "数据年度", "从业人员（人）", "营业收入（万元）", "资产总额（元）", "联系人", "联系电话", "银行账号",
    "改造意愿", "数字化基础",
]  # fmt: skip


def row(number: int, **more: Any) -> list[Any]:
    """A right row, with other cells by header."""
    cells_ = [
        f"企业{number}有限公司", uscc(FIRST + number), "葡萄酒", "工业", "2015-06-01", "是", 2025,
        120, 3500.5, 20_000_000, "张三", f"138{number:08d}", f"6217{number:015d}", "意愿强烈", "基础薄弱",
    ]  # fmt: skip
    for header, value in more.items():
        at = next(i for i, name in enumerate(HEADERS) if name.startswith(header))
        cells_[at] = value
    return cells_


def send(client: Any, rows: list[list[Any]], headers: list[str] | None = None) -> ImportRun:
    answer = client.post("/work/import/", {"file": book(headers or HEADERS, rows)})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return ImportRun.objects.get(pk=int(answer["Location"].rstrip("/").rsplit("/", 1)[1]))


@pytest.fixture
def officer(cast: Any) -> Any:
    return client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))


def test_new_enterprises_are_as_if_registered_one_by_one(cast: Any, officer: Any) -> None:
    run = send(officer, [row(n) for n in range(1, 31)])
    assert (run.status, run.new, run.wrong) == (ImportStatus.READY, 30, 0)
    assert not Enterprise.objects.exists()
    officer.post(f"/work/import/{run.pk}/commit/")
    run.refresh_from_db()
    assert run.status == ImportStatus.DONE
    assert (
        Enterprise.objects.count()
        == SearchEntry.objects.count()
        == EnterpriseYear.objects.count()
        == 30
    )
    enterprise = Enterprise.objects.get(uscc=uscc(FIRST + 1))
    assert (enterprise.contact_name, enterprise.contact_phone) == ("张三", "13800000001")
    assert enterprise.revenue_last_year_fen == 3_500_500_000
    assert (enterprise.willingness, enterprise.readiness) == (3, 1)
    assert enterprise.surveyed_on is not None and enterprise.place == cast.places["pengyang"]
    # Every computed copy is what the archive's own action computes.
    before = {f.attname: getattr(enterprise, f.attname) for f in Enterprise._meta.concrete_fields}
    summary.refresh(enterprise)
    enterprise.refresh_from_db()
    after = {f.attname: getattr(enterprise, f.attname) for f in Enterprise._meta.concrete_fields}
    del before["updated_at"], after["updated_at"]
    assert before == after
    entry = Entry.objects.get(action="import_enterprises")
    assert run.manifest in entry.detail and "138" not in entry.detail
    items = ImportItem.objects.values_list(
        "place_id", "run_id", "enterprise_id", "is_new", "fields"
    )
    assert manifest_of(list(items)) == run.manifest
    assert not run.folder.exists()  # no phone stays in clear


def test_what_exists_changes_from_old_to_new(officer: Any) -> None:
    first = send(officer, [row(1), row(2)])
    officer.post(f"/work/import/{first.pk}/commit/")
    again = send(
        officer,
        [
            row(1),
            row(
                2,
                从业人员=150,
                改造意愿="没有意愿",
                联系电话="13999999999",
                细分行业="",
                企业名称="企业2改名公司",
            ),
            row(3),
        ],
    )
    assert (again.new, again.changed, again.unchanged) == (1, 1, 1)
    text = officer.get(f"/work/import/{again.pk}/").content.decode()
    assert "2025年从业人员" in text and "<del>120人</del>" in text and "<ins>150人</ins>" in text
    assert "139****9999" in text and "13999999999" not in text
    officer.post(f"/work/import/{again.pk}/commit/")
    changed = Enterprise.objects.get(uscc=uscc(FIRST + 2))
    assert (changed.people, changed.willingness, changed.industry) == (150, 0, "葡萄酒")
    assert (changed.contact_phone, changed.name) == ("13999999999", "企业2改名公司")
    assert Party.objects.get(pk=changed.party_id).name == "企业2改名公司"
    assert "qy2gmgs" in SearchEntry.objects.get(pk=changed.pk).text
    assert changed.years.get().people == 150
    size = changed.size_class
    summary.refresh(changed)
    assert changed.size_class == size


def test_what_the_enterprise_filled_in_itself_is_kept(cast: Any, officer: Any) -> None:
    run = send(officer, [row(1)])
    officer.post(f"/work/import/{run.pk}/commit/")
    enterprise = Enterprise.objects.get()
    person = cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill")
    SectionState.objects.create(
        place=enterprise.place, enterprise=enterprise, section="contact", version=1,
        saved_by=person.user, saved_at=enterprise.updated_at,
    )  # fmt: skip
    again = send(officer, [row(1, 联系电话="13999999999", 数字化基础="基础较好")])
    text = officer.get(f"/work/import/{again.pk}/").content.decode()
    assert "保留企业自己填报的" in text
    officer.post(f"/work/import/{again.pk}/commit/")
    enterprise.refresh_from_db()
    assert (enterprise.contact_phone, enterprise.readiness) == ("13800000001", 3)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"统一社会信用代码": "91640425MA00000000"}, "校验位"),
    ({"统一社会信用代码": 9.1640425e17}, "末几位已经丢失"),
    ({"统一社会信用代码": ""}, "没有统一社会信用代码"),
    ({"企业名称": ""}, "没有企业名称"),
    ({"从业人员": "一百"}, "不是整数"),
    ({"营业收入": "3,500"}, "不是金额"),
    ({"成立日期": "2015年"}, "不是日期"),
    ({"成立日期": "2098-01-01"}, "还没有到"),
    ({"规上工业企业": "规上"}, "请写 是 或 否"),
    ({"改造意愿": "很强"}, "意愿强烈"),
    ({"划型行业": "造船"}, "不认识"),
    ({"数据年度": ""}, "要写明是哪一年的"),
    ({"数据年度": 1890}, "不在允许的范围"),
    ({"联系电话": "电话"}, "电话只写数字"),
    ({"银行账号": 6217001234567890123.0}, "末几位已经丢失"),
]


@pytest.mark.parametrize(("cell", "word"), WRONG)
def test_one_wrong_cell_stops_everything_and_is_marked(
    officer: Any, cell: dict[str, Any], word: str
) -> None:
    run = send(officer, [row(1), row(2, **cell), row(3)])
    assert run.status == ImportStatus.WRONG
    assert run.wrong == 1
    assert word in officer.get(f"/work/import/{run.pk}/").content.decode()
    marked = cells(b"".join(officer.get(f"/work/import/{run.pk}/marked/").streaming_content))
    assert marked[0] == ["备注", *(h for h in HEADERS)]
    assert word in marked[2][0] and marked[1][0] == marked[3][0] == ""
    officer.post(f"/work/import/{run.pk}/commit/")
    assert (
        not Enterprise.objects.exists()
        and not Party.objects.filter(name__startswith="企业").exists()
    )


def test_the_marked_copy_can_be_mended_and_sent_again(officer: Any) -> None:
    run = send(officer, [row(1), row(2, 规上工业企业="规上")])
    marked = cells(b"".join(officer.get(f"/work/import/{run.pk}/marked/").streaming_content))
    at = marked[0].index("规上工业企业")
    marked[2][at] = "是"
    mended = send(officer, marked[1:], marked[0])
    assert (mended.status, mended.new) == (ImportStatus.READY, 2)


def test_duplicates_are_named(officer: Any, cast: Any) -> None:
    run = send(officer, [row(1), row(2)])
    officer.post(f"/work/import/{run.pk}/commit/")
    other = open_archive(cast.parties["xiji_starch"])
    run = send(
        officer,
        [
            row(11), row(12, 统一社会信用代码=uscc(FIRST + 11)), row(13, 企业名称=" 企业11（有限）公司"),
            row(14, 银行账号="6217 000000000000011"), row(15, 联系电话="138-0000-0011"),
            row(16, 企业名称="企业1 有限公司"), row(17, 银行账号=f"6217{2:015d}"),
            row(18, 联系电话="+8613800000001"), row(19, 统一社会信用代码=other.uscc),
        ],
    )  # fmt: skip
    text = officer.get(f"/work/import/{run.pk}/").content.decode()
    for word in (
        "与第 2 行的统一社会信用代码相同", "与第 2 行的企业名称相同", "与第 2 行的银行账号相同",
        "与已有企业“企业1有限公司”", "名称相同、代码不同", "银行账号相同，一个账号不能属于两家企业",
        "已在别的地区登记",
    ):  # fmt: skip
        assert word in text, word
    assert run.wrong == 6
    assert canary(cast.parties["xiji_starch"]) not in text
    doubts = send(
        officer, [row(21), row(22, 联系电话="13800000021"), row(23, 联系电话="13800000001")]
    )
    assert doubts.status == ImportStatus.READY
    text = officer.get(f"/work/import/{doubts.pk}/").content.decode()
    assert "与第 2 行的联系电话相同" in text and "与已有企业“企业1有限公司”" in text


def test_the_same_file_is_recognised(officer: Any) -> None:
    rows = [row(n) for n in range(1, 4)]
    file = book(HEADERS, rows)
    content = file.read()
    for _ in range(2):
        file.seek(0)
        answer = officer.post("/work/import/", {"file": file})
        run = ImportRun.objects.get()
        assert answer["Location"] == f"/work/import/{run.pk}/"
        officer.post(f"/work/import/{run.pk}/commit/")
    assert content and Enterprise.objects.count() == 3
    assert Entry.objects.filter(action="import_enterprises").count() == 1


def test_an_archive_that_changed_after_the_preview_is_shown_again(officer: Any) -> None:
    first = send(officer, [row(1)])
    officer.post(f"/work/import/{first.pk}/commit/")
    second = send(officer, [row(1, 从业人员=300)])
    EnterpriseYear.objects.update(people=200)
    officer.post(f"/work/import/{second.pk}/commit/")
    second.refresh_from_db()
    assert second.status == ImportStatus.READY
    assert EnterpriseYear.objects.get().people == 200
    assert "200人" in officer.get(f"/work/import/{second.pk}/").content.decode()
    officer.post(f"/work/import/{second.pk}/commit/")
    assert EnterpriseYear.objects.get().people == 300


def test_a_fault_in_the_middle_leaves_nothing(
    officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = send(officer, [row(n) for n in range(1, 6)])
    monkeypatch.setattr(
        "shuzhuan.apps.workbench.actions.commit_import.record",
        lambda *_, **__: (_ for _ in ()).throw(OSError("disk")),
    )
    with pytest.raises(OSError, match="disk"), transaction.atomic():
        officer.post(f"/work/import/{run.pk}/commit/")
    run.refresh_from_db()
    assert run.status == ImportStatus.READY and run.source.is_file()
    assert not Enterprise.objects.exists() and not SearchEntry.objects.exists()


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        (["企业名称", "人数"], "缺少“统一社会信用代码”"),
        (["企业名称", "统一社会信用代码", "密码"], "不认识表头“密码”"),
        (["企业名称", "统一社会信用代码", "从业人员", "从业人员（人）"], "是同一项"),
    ],
)
def test_headers_are_checked(officer: Any, headers: list[str], word: str) -> None:
    run = send(
        officer, [["甲厂", uscc(FIRST), *([1] * (len(headers) - 2))][: len(headers)]], headers
    )
    assert run.status == ImportStatus.WRONG
    assert word in officer.get(f"/work/import/{run.pk}/").content.decode()


def test_a_file_that_is_none_is_refused(officer: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    for name, content, word in (
        ("a.xlsx", b"PK", "不是 Excel 表"), ("a.xls", b"x", "另存为 .xlsx"), ("a.csv", b"", "空"),
    ):  # fmt: skip
        answer = officer.post("/work/import/", {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 422 and word in answer.content.decode()
    assert officer.post("/work/import/", {}).status_code == 422
    assert not ImportRun.objects.exists()


def test_a_city_names_the_county_and_each_place_gets_its_audit_row(cast: Any) -> None:
    client = client_of(cast.person(Role.CITY_OFFICER, "guyuan"))
    headers = [*HEADERS, "所属县区", "所在园区"]
    run = send(client, [[*row(1), "", ""]], headers)
    assert "要写明所属县区" in client.get(f"/work/import/{run.pk}/").content.decode()
    run = send(client, [[*row(1), "红寺堡区", ""]], headers)
    assert "不是本地的县" in client.get(f"/work/import/{run.pk}/").content.decode()
    run = send(client, [[*row(1), "西吉县", "彭阳县工业园区"]], headers)
    assert "不是这里的园区" in client.get(f"/work/import/{run.pk}/").content.decode()
    run = send(client, [[*row(1), "西吉县", ""], [*row(2), "彭阳县", "彭阳县工业园区"]], headers)
    client.post(f"/work/import/{run.pk}/commit/")
    places = Enterprise.objects.order_by("uscc").values_list("place__name", "park__name")
    assert set(places) == {("西吉县", None), ("彭阳县", "彭阳县工业园区")}
    assert Entry.objects.filter(action="import_enterprises").count() == 2
    # What a city imported stays the city's run: a county sees the enterprises, not the run.
    county = client_of(cast.person(Role.COUNTY_OFFICER, "xiji"))
    assert county.get(f"/work/import/{run.pk}/").status_code == 404
    assert county.post(f"/work/import/{run.pk}/commit/").status_code == 404


def test_the_template_is_read_back(officer: Any) -> None:
    content = b"".join(officer.get("/work/import/template/").streaming_content)
    headers = cells(content)[0]
    assert headers[:2] == ["企业名称", "统一社会信用代码"] and "所在园区" in headers
    values = dict(zip(HEADERS, row(1), strict=True))
    line = [values.get(h, values.get(h.replace("（元）", "（万元）"), "")) for h in headers]
    run = send(officer, [line], headers)
    assert (run.status, run.new) == (ImportStatus.READY, 1)


@pytest.mark.django_db(transaction=True)
def test_two_commits_at_once_import_once(cast: Any) -> None:
    person = cast.person(Role.COUNTY_OFFICER, "pengyang")
    actor = actor_of(person)
    places = places_of(actor)
    run = upload_import(actor, places, book(HEADERS, [row(n) for n in range(1, 200)]), "xlsx")
    outcomes: list[Any] = []
    ready = threading.Barrier(4)

    def commit() -> None:
        try:
            ready.wait()
            outcomes.append(commit_import(actor, places, ImportRun.objects.get(pk=run.pk)))
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=commit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(o) for o in outcomes) == sorted(
        [str(Committed.DONE), *[str(Committed.BEFORE)] * 3]
    )
    assert Enterprise.objects.count() == 199
    assert Entry.objects.filter(action="import_enterprises").count() == 1
