"""Importing 20,000 enterprises from Excel, against reading the sheet and inserting by bulk SQL.

Ours is everything between the upload and the committed rows: storing the file, reading, checking
and comparing it, the preview; then, on commit, comparing it once more, sealing phones and accounts,
search index, manifest, audit row. The reference reads the same sheet with
python-calamine and inserts the same finished rows (parties, archives, years) with ``executemany``
in one transaction; it checks nothing. Both run in turns on the same database file, and the ratio
is the median of the ratios within a round. The last line starts with BENCH-IMPORT.

    make bench-import ARGS="--rows 20000 --rounds 5"
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BAR = 3.0
WARM_ROWS = 50
TABLES = ("accounts_party", "enterprises_enterprise", "enterprises_enterpriseyear")
OWN = ("workbench_importitem", "workbench_importrun", "workbench_searchentry")
TRADES = ("杂粮", "葡萄酒", "机械", "铸造", "新材料", "电子", "纺织", "化工", "食品", "医药")


def main() -> int:
    """Run the rounds; 1 when the bar is missed or nothing was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="shuzhuan-bench-"))
    os.environ["SHUZHUAN_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuzhuan.site.settings")
    import django

    django.setup()
    try:
        return _run(folder, given.rows, given.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, rows: int, rounds: int) -> int:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    actor = _officer()
    book = folder / "list.xlsx"
    _write_book(book, rows)
    # A site that runs has its dictionaries loaded; the first, small import loads them here.
    small = folder / "small.xlsx"
    _write_book(small, WARM_ROWS)
    _ours(actor, small, WARM_ROWS)
    _empty()
    ratios, ours_seconds, reference_seconds = [], [], []
    for number in range(rounds):
        checked, committed = _ours(actor, book, rows)
        copies = [(table, *_copy(table)) for table in TABLES]
        _empty()
        reference = _reference(book, copies)
        _empty()
        ours = checked + committed
        ratios.append(ours / reference)
        ours_seconds.append(ours)
        reference_seconds.append(reference)
        print(
            f"第 {number + 1} 轮：核对 {checked:.2f} 秒，写入 {committed:.2f} 秒，"
            f"对照 {reference:.2f} 秒，比 {ratios[-1]:.2f}"
        )
    ratio = statistics.median(ratios)
    print(
        f"BENCH-IMPORT ratio={ratio:.2f} bar={BAR:.0f} rows={rows} rounds={rounds} "
        f"database={connection.vendor} ours={statistics.median(ours_seconds):.2f}s "
        f"reference={statistics.median(reference_seconds):.2f}s"
    )
    return 0 if rows > 0 and ratio <= BAR else 1


def _officer() -> Any:
    from shuzhuan.apps.access.actor import actor_of
    from shuzhuan.apps.accounts.models import Membership, User
    from shuzhuan.apps.accounts.roles import Role
    from shuzhuan.apps.regions.models import Level, Region

    top = Region.objects.create(name="宁夏", level=Level.PROVINCE, code="640000")
    city = Region.objects.create(name="固原市", level=Level.CITY, code="640400", parent=top)
    county = Region.objects.create(name="彭阳县", level=Level.COUNTY, code="640425", parent=city)
    user = User.objects.create_user("bench", "经办")
    member = Membership.objects.create(
        user=user, role=Role.COUNTY_OFFICER, region=county, user_kind=user.kind
    )
    return actor_of(member)


def code_of(number: int) -> str:
    """A right 统一社会信用代码 for every number."""
    from shuzhuan.engine.uscc import check_digit

    body = f"{number:08d}"
    total = sum(int(d) * w for d, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    first = f"91640425{body}{'0X987654321'[total % 11]}"
    return first + check_digit(first)


def _write_book(path: Path, rows: int) -> None:
    """A list as a county keeps it: most cells filled, amounts as numbers, codes as text."""
    import xlsxwriter

    dice = random.Random(20_000)
    headers = (
        "企业名称", "统一社会信用代码", "细分行业", "划型行业", "国民经济行业代码", "成立日期",
        "独立法人", "规上工业企业", "已上云用云", "数据年度", "从业人员（人）", "营业收入（元）",
        "主营业务收入（元）", "资产总额（元）", "研发投入（元）", "联系人", "联系电话", "开户银行",
        "银行账号", "改造意愿", "数字化基础", "摸底备注",
    )  # fmt: skip
    will = ("没有意愿", "有些意愿", "意愿明确", "意愿强烈")
    ready = ("没有基础", "基础薄弱", "有一定基础", "基础较好")
    year = time.localtime().tm_year - 1
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("企业数据")
        sheet.write_row(0, 0, headers)
        for number in range(1, rows + 1):
            trade = dice.choice(TRADES)
            revenue = dice.randrange(10**5, 10**9)
            cells = (
                f"彭阳县{trade}第{number}有限公司", code_of(number), trade, "工业", "C1431",
                f"20{dice.randrange(24):02}-0{dice.randrange(1, 10)}-1{dice.randrange(10)}",
                "是", dice.choice("是否"), dice.choice("是否"), year, dice.randrange(3, 900), revenue,
                revenue * 9 // 10, dice.randrange(10**5, 10**9), revenue // 50, f"张{number}",
                f"138{number:08d}", "中国银行彭阳支行", f"6217{number:015d}", dice.choice(will),
                dice.choice(ready), "入户核实",
            )  # fmt: skip
            sheet.write_row(number, 0, cells)


def _ours(actor: Any, book: Path, rows: int) -> tuple[float, float]:
    from django.core.files import File

    from shuzhuan.apps.enterprises.models import Enterprise, EnterpriseYear
    from shuzhuan.apps.workbench.actions.commit_import import Committed, commit_import
    from shuzhuan.apps.workbench.actions.upload_import import upload_import
    from shuzhuan.apps.workbench.importing.preview import load
    from shuzhuan.apps.workbench.places import places_of

    places = places_of(actor)
    start = time.perf_counter()
    with book.open("rb") as handle:
        run = upload_import(actor, places, File(handle, "list.xlsx"), "xlsx")
    between = time.perf_counter()
    assert run.wrong == 0, load(run.folder)["problems"][:3]
    outcome = commit_import(actor, places, run)
    end = time.perf_counter()
    assert outcome is Committed.DONE, (outcome, run.wrong)
    assert Enterprise.objects.count() == EnterpriseYear.objects.count() == rows
    return between - start, end - between


def _copy(table: str) -> tuple[str, list[tuple[Any, ...]]]:
    """The finished rows of a table and the statement that inserts them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        names = [each[0] for each in cursor.description]
        rows = [tuple(row) for row in cursor.fetchall()]
    marks = ", ".join(["%s"] * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows


def _reference(book: Path, copies: list[tuple[str, str, list[tuple[Any, ...]]]]) -> float:
    from django.db import connection, transaction
    from python_calamine import CalamineWorkbook

    start = time.perf_counter()
    with CalamineWorkbook.from_path(str(book)) as opened:
        read = opened.get_sheet_by_index(0).to_python(skip_empty_area=False)
    with transaction.atomic(), connection.cursor() as cursor:
        for _, statement, rows in copies:
            cursor.executemany(statement, rows)
    seconds = time.perf_counter() - start
    assert len(read) == len(copies[0][2]) + 1
    return seconds


def _empty() -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for table in (*OWN, *reversed(TABLES)):
            cursor.execute(f"DELETE FROM {table}")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"VACUUM ANALYZE {table}")


if __name__ == "__main__":
    sys.exit(main())
