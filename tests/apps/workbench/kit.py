"""What the tests of the working place share: many enterprises, workbooks, the right codes."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.regions.models import Region
from shuzhuan.apps.workbench.models import SearchEntry
from shuzhuan.apps.workbench.search import name_key, search_text
from tests.cast import uscc

FIRST = 700_000  # numbers of codes that the cast does not use
TRADES = ("杂粮加工", "葡萄酒", "机械制造", "新材料", "")


def fill(place: Region, count: int, first: int = FIRST) -> None:
    """Enterprises with every column varied, by bulk statements."""
    numbers = range(first, first + count)
    Party.objects.bulk_create(
        Party(
            place=place, kind=PartyKind.ENTERPRISE, name=f"{place.name}企业{n}",
            uscc=uscc(n, place.code),
        )
        for n in numbers
    )  # fmt: skip
    parties = Party.objects.filter(place=place, name__startswith=f"{place.name}企业").order_by("pk")
    Enterprise.objects.bulk_create(
        Enterprise(
            party=party, place=place, name=party.name, uscc=party.uscc,
            industry=TRADES[at % 5], size_class=("", "micro", "small", "medium")[at % 4],
            above_scale=(None, True, False)[at % 3], people=at % 900 or None,
            revenue_last_year_fen=at * 10_000 if at % 7 else None,
            digital_level=(None, 0, 1, 2, 3)[at % 5], completeness=at % 101,
            willingness=(None, 0, 1, 2, 3)[at % 5], readiness=(None, 3, 2, 1, 0)[at % 5],
            pilot_state=("none", "none", "none", "left")[at % 4],
        )
        for at, party in enumerate(parties)
    )  # fmt: skip
    rows = Enterprise.objects.filter(place=place)
    have = set(SearchEntry.objects.values_list("pk", flat=True))
    SearchEntry.objects.bulk_create(
        SearchEntry(
            enterprise=row, place=place, text=search_text(row.name, row.uscc),
            name_key=name_key(row.name),
        )
        for row in rows
        if row.pk not in have
    )  # fmt: skip
    old = timezone.now() - timedelta(days=90)
    Enterprise.objects.filter(place=place).update(created_at=old)


def book(headers: list[str], rows: list[list[Any]], name: str = "名单.xlsx") -> SimpleUploadedFile:
    """An uploaded workbook."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        sheet = made.add_worksheet("企业数据")
        for at, row in enumerate([headers, *rows]):
            sheet.write_row(at, 0, row)
    return SimpleUploadedFile(name, content.getvalue())


def cells(content: bytes) -> list[list[Any]]:
    """What a workbook that was downloaded holds."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as read:
        found: list[list[Any]] = read.get_sheet_by_index(0).to_python()
    return found
