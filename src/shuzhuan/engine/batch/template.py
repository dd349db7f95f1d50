"""The empty table that an officer fills in: Chinese headers, drop-down lists, explained columns."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from shuzhuan.engine.policy.facts import FactDef
from shuzhuan.engine.policy.pack import Pack

from .fields import CODE, IDENTITY, NAME, title
from .tables import SHEET

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

ROWS = 10_000  # that get formats and drop-down lists; more rows may be filled in
_LIST_CHARACTERS = 255  # that Excel takes in a list written out
_FAR = date(2099, 12, 31)  # when every dated value of a pack has begun
_SOURCES = {
    "archive": "企业档案", "self_assessment": "自评", "diagnosis": "诊断", "acceptance": "验收评测",
    "project": "项目材料", "officer": "经办人核定", "finance": "财务资料", "public": "公示名单",
}  # fmt: skip
_TEXT = 49  # Excel's own number of the format 文本
_FORMATS: dict[str, str | int] = {
    "money": "#,##0.00", "ratio": "0.00##%", "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss",
    "int": "0", "enum": _TEXT, "bool": _TEXT,
}  # fmt: skip
_HOW = {
    "bool": "写 是 或 否",
    "money": "写元数，如 800000 或 3000000.01；表头改成（万元）时写万元数",
    "ratio": "写百分数，如 3.3%",
    "date": "写日期，如 2025-05-20",
    "datetime": "写北京时间，如 2025-05-20 17:00",
}


def template(pack: Pack) -> bytes:
    """The workbook for a pack: every fact that any reading of it asks for."""
    import xlsxwriter  # noqa: PLC0415 - only when a workbook is written

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    facts = asked(pack)
    flat = [fact for fact in facts if fact.kind != "list"]
    _data(book, flat)
    _explained(book, pack, flat, [fact for fact in facts if fact.kind == "list"])
    book.close()
    return stream.getvalue()


def asked(pack: Pack) -> list[FactDef]:
    """The facts that the clauses read, under any option of any reading."""
    choices: list[dict[str, str]] = [{}]
    choices += [{r: option} for r, options in pack.readings.items() for option in options]
    found: dict[str, FactDef] = {}
    for chosen in choices:
        found.update((f.key, f) for f in pack.bind(_FAR, readings=chosen).facts)
    return list(found.values())


def _data(book: Workbook, facts: Sequence[FactDef]) -> None:
    sheet = book.add_worksheet(SHEET)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    # A code that is not text turns into 1.2E+17 and loses its last digits.
    text = book.add_format({"num_format": _TEXT})
    for column, (name, width) in enumerate(zip(IDENTITY, (30, 24), strict=True)):
        sheet.write_string(0, column, name, head)
        sheet.set_column(column, column, width, text)
    formats: dict[str | int, Format] = {}
    for column, fact in enumerate(facts, len(IDENTITY)):
        sheet.write_string(0, column, title(fact, facts), head)
        shape = _FORMATS[fact.kind]
        formats.setdefault(shape, book.add_format({"num_format": shape}))
        sheet.set_column(column, column, max(12, min(30, 2 * len(fact.label))), formats[shape])
        rule = _rule(fact)
        if rule is not None:
            sheet.data_validation(1, column, ROWS, column, rule)
    sheet.data_validation(1, 1, ROWS, 1, _code_rule())
    sheet.freeze_panes(1, len(IDENTITY))
    sheet.set_row(0, 48)


def _rule(fact: FactDef) -> dict[str, Any] | None:
    """What the workbook itself lets through; the final check is ours."""
    words = _words(fact)
    if words and len(",".join(words)) <= _LIST_CHARACTERS:
        listed = {"validate": "list", "source": words, "error_title": fact.label[:32]}
        return listed | {"error_message": "请从列表里选一项"}
    if fact.kind == "int":
        whole = {
            "validate": "integer",
            "criteria": "between",
            "minimum": fact.lo,
            "maximum": fact.hi,
        }
        return whole | {
            "error_title": fact.label[:32],
            "error_message": f"应当是 {fact.lo} 至 {fact.hi} 的整数",
        }
    return None


def _code_rule() -> dict[str, Any]:
    rule = {"validate": "length", "criteria": "==", "value": 18, "error_title": CODE}
    return rule | {"error_message": "统一社会信用代码是 18 位"}


def _words(fact: FactDef) -> list[str]:
    match fact.kind:
        case "bool":
            return ["是", "否"]
        case "enum":
            return list(fact.names.values())
        case "int" if fact.names and set(fact.names) == set(range(fact.lo, fact.hi + 1)):
            return list(fact.names.values())
    return []


def _explained(
    book: Workbook, pack: Pack, facts: Sequence[FactDef], lists: Sequence[FactDef]
) -> None:
    sheet = book.add_worksheet("填写说明")
    head = book.add_format({"bold": True, "bottom": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for column, width in enumerate((34, 60, 60, 14, 40)):
        sheet.set_column(column, column, width, wrap)
    document = pack.source.pack.document
    lines = [
        f"{document.title}（{pack.id} {pack.version}）批量测算表",
        f"在“{SHEET}”里每行填一家企业；空着的格子是“不知道”，不是“否”或“0”。",
        "不要改表头，不要合并单元格；不用的列可以删去，列的先后没有关系。",
    ]
    if lists:
        lines.append("明细类的事实不在表里：" + "、".join(fact.label for fact in lists))
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, head if row == 0 else None)
    start = len(lines) + 1
    for column, name in enumerate(("列", "问的是什么", "怎样填", "来源", "事实")):
        sheet.write_string(start, column, name, head)
    rows = [
        (NAME, "营业执照上的名称", "文字", _SOURCES["archive"], ""),
        (CODE, "营业执照上的 18 位代码", "文字格式，字母大写", _SOURCES["archive"], ""),
        *((title(f, facts), f.ask, _how(f), _SOURCES.get(f.source, ""), f.key) for f in facts),
    ]
    for row, cells in enumerate(rows, start + 1):
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell)


def _how(fact: FactDef) -> str:
    words = _words(fact)
    if fact.kind == "bool":
        return _HOW["bool"]
    if words:
        return "选其中之一：" + "、".join(words)
    if fact.kind == "int":
        names = "；" + "、".join(f"{v} {n}" for v, n in fact.names.items()) if fact.names else ""
        return f"写整数，{fact.lo} 至 {fact.hi}{names}"
    return f"{_HOW[fact.kind]}；{fact.show(fact.lo)} 至 {fact.show(fact.hi)}"
