"""Workbooks out: the template, the marked copy of a person's own file, the export of a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone

from shuzhuan.apps.workbench.importing.fields import PLACE, ROWS_MAX, TEXT, declared
from shuzhuan.apps.workbench.importing.plan import NO_PARK
from shuzhuan.apps.workbench.places import Places
from shuzhuan.engine.batch.fields import CODE, NAME, units
from shuzhuan.engine.batch.load import HEADER_ROW, Problem
from shuzhuan.engine.batch.tables import SHEET, Table
from shuzhuan.engine.paper import INVENTED, on_paper
from shuzhuan.engine.policy.facts import FactDef
from shuzhuan.engine.uscc import LENGTH

# A text that a spreadsheet would take for a formula when it is saved as CSV and opened again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|")
_WIDTH = 16
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def defused(text: str) -> str:
    """Text that no spreadsheet will run."""
    return f"'{text}" if text.startswith(_FORMULA) and not _harmless(text) else text


def _harmless(text: str) -> bool:
    return text in ("-", "—")


# -- template -------------------------------------------------------------------------------------


def write_template(path: Path, places: Places) -> None:
    """An empty list with dropdowns and text columns, and a sheet that explains each column."""
    facts = declared(timezone.localdate().year)
    if places.one_county:
        facts.pop(PLACE)
    if not places.parks:
        facts.pop("park")
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        head = book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#E8F0F3", "text_wrap": True}
        )
        colours = {"bg_color": "#14506B", "font_color": "#FFFFFF"}
        must = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, **colours})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 2)
        for at, title in enumerate((NAME, CODE)):
            sheet.write_string(0, at, title, must)
            sheet.set_column(at, at, 30 if at == 0 else 24, text)
        sheet.data_validation(
            1, 1, ROWS_MAX, 1,
            {"validate": "length", "criteria": "==", "value": LENGTH, "ignore_blank": True,
             "error_title": "统一社会信用代码", "error_message": f"应当是{LENGTH}位。",
             "error_type": "warning"},
        )  # fmt: skip
        for at, fact in enumerate(facts.values(), 2):
            sheet.write_string(0, at, _title(fact), head)
            sheet.set_column(at, at, _WIDTH, text if fact.kind in (TEXT, "date") else None)
            options = _options(fact, places)
            if options:
                _dropdown(book, sheet, at, fact.label, options)
        _explain(book, facts.values(), places)


def _title(fact: FactDef) -> str:
    unit = units(fact)[:1]
    return fact.label + (f"（{unit[0]}）" if unit else "")


def _options(fact: FactDef, places: Places) -> list[str]:
    match fact.key:
        case "place":
            return [region.name for region in places.counties]
        case "park":
            return [NO_PARK, *(region.name for region in places.parks)]
        case "industry":
            return places.industries
    if fact.kind == "bool":
        return ["是", "否"]
    return list(fact.names.values())


def _dropdown(book: Any, sheet: Any, at: int, label: str, options: list[str]) -> None:
    """Choices stand in a hidden sheet: a list written into the rule ends at 255 characters."""
    lists = book.get_worksheet_by_name("选项") or book.add_worksheet("选项")
    lists.hide()
    column = at
    for row, option in enumerate(options):
        lists.write_string(row, column, option)
    letter = xlsxwriter.utility.xl_col_to_name(column)
    sheet.data_validation(
        1, at, ROWS_MAX, at,
        {"validate": "list", "source": f"=选项!${letter}$1:${letter}${len(options)}",
         "error_title": label, "error_message": "请从列表里选择。", "error_type": "warning"},
    )  # fmt: skip


_HINTS = {
    NAME: "必填，营业执照上的名称",
    CODE: "必填，18 位，这一列已设为文本；已有档案的企业按代码更新，没有的新建",
    "registered_on": "写成 2018-05-20",
    "figures_year": "填了人员或金额就要填，如 2025",
    "contact_phone": "加密保存；同一电话出现在几家企业会提醒",
    "bank_account": "加密保存；一个账号只能属于一家企业",
}


def _explain(book: Any, facts: Iterable[FactDef], places: Places) -> None:
    sheet = book.add_worksheet("填写说明")
    bold = book.add_format({"bold": True, "bottom": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22, wrap)
    sheet.set_column(1, 1, 80, wrap)
    lines = [(NAME, _HINTS[NAME]), (CODE, _HINTS[CODE])]
    for fact in facts:
        options = _options(fact, places)
        hint = _HINTS.get(fact.key, "")
        if options:
            hint = f"{hint} 可以写：{'、'.join(options)}".strip()
        elif fact.kind == "money":
            hint = "只写数字；要用万元，把表头改成“" + fact.label + "（万元）”"
        lines.append((_title(fact), hint))
    lines.append(
        ("空着的格子", "表示不更新这一项，不会清空已有内容。企业自己填报过的部分不会被覆盖。")
    )
    sheet.write_row(0, 0, ("列", "怎样填"), bold)
    for row, (name, hint) in enumerate(lines, 1):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, hint)


# -- marked copy -----------------------------------------------------------------------------------


def write_marked(table: Table, problems: Sequence[Problem], path: Path) -> None:
    """The person's own rows, wrong cells marked, a first column that says what to change.

    The first column has no meaning for the import: it is passed over when the copy is uploaded.
    """
    said: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems:
        said[problem.row].append(problem)
    with xlsxwriter.Workbook(str(path), {**_OPTIONS, "constant_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        frame = {"border": 1, "border_color": "#A3211A"}
        wrong = book.add_format({"bg_color": "#FBEEEC", "num_format": "@", **frame})
        plain = book.add_format({"num_format": "@"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 60)
        sheet.set_column(1, len(table.headers), _WIDTH)
        marked = {p.column for p in said[HEADER_ROW]}
        whole = "；".join(p.message for p in said[HEADER_ROW])
        sheet.write_string(0, 0, "备注", head)
        for at, title in enumerate(table.headers, 1):
            sheet.write_string(0, at, title, wrong if at - 1 in marked else head)
        for row in range(table.height):
            found = said.get(row, [])
            message = "；".join(f"{p.header}：{p.message}" for p in found)
            if row == 0 and whole:
                message = f"表头：{whole}" + (f"；{message}" if message else "")
            if message:
                sheet.write_string(row + 1, 0, message, wrong)
            bad = {p.column for p in found}
            for at, cells in enumerate(table.columns):
                _copy(sheet, row + 1, at + 1, cells[row], wrong if at in bad else None, plain, day)


def _copy(sheet: Any, row: int, column: int, cell: object, mark: Any, text: Any, day: Any) -> None:
    """One cell as it was; a text stays text."""
    if cell is None or cell == "":
        if mark is not None:
            sheet.write_blank(row, column, None, mark)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, mark)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, mark)
    elif isinstance(cell, datetime | date):
        sheet.write_datetime(row, column, cell, mark or day)
    else:
        sheet.write_string(row, column, str(cell), mark or text)


# -- export -----------------------------------------------------------------------------------------


def write_list(
    path: Path,
    titles: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Any]],
    notes: Sequence[str],
) -> int:
    """What a list shows. Numbers stay numbers, everything else is text. Returns how many rows."""
    count = 0
    with xlsxwriter.Workbook(str(path), {**_OPTIONS, "constant_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 1)
        signs = sum(width for _, width in titles)
        on_paper(sheet, 0, timezone.localtime(), signs=signs, invented=settings.DEMO)
        for at, (title, width) in enumerate(titles):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, title, head)
        for count, row in enumerate(rows, 1):
            for at, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, int | Decimal):
                    sheet.write_number(count, at, float(value))
                else:
                    sheet.write_string(count, at, defused(str(value)), text)
        sheet.autofilter(0, 0, count, max(0, len(titles) - 1))
        about = book.add_worksheet("说明")
        about.set_column(0, 0, 90)
        for at, note in enumerate([*notes, *([INVENTED] if settings.DEMO else [])]):
            about.write_string(at, 0, defused(note))
    return count
