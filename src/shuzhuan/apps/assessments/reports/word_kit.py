"""Pieces of a Word template: styles, numbered pages, fields, tables that repeat a row."""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document as Doc
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

FONT, FONT_LATIN = "微软雅黑", "Arial"
INK, MUTED, ACCENT = (
    RGBColor(0x14, 0x20, 0x2A),
    RGBColor(0x56, 0x62, 0x6B),
    RGBColor(0x14, 0x50, 0x6B),
)
RULE = "C9CDCB"
TEXT_MM = 170
_CELL_PT, _BODY_PT = 9.5, 10
_LABEL_MM = 19


def add_styles(document: Doc) -> None:
    normal = document.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    _font(normal, _BODY_PT)
    normal.paragraph_format.space_after = Pt(5)
    normal.paragraph_format.line_spacing = 1.25
    for name, size, before, after in (("Heading 1", 15, 0, 9), ("Heading 2", 11.5, 12, 6)):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        _font(style, size, ACCENT if name == "Heading 1" else INK, bold=True)
        style.paragraph_format.space_before, style.paragraph_format.space_after = (
            Pt(before),
            Pt(after),
        )
        style.paragraph_format.keep_with_next = True
    border(document.styles["Heading 1"].element.get_or_add_pPr(), "bottom", 8, "14202A")
    for name, size, colour in (("Dim", 9, MUTED), ("Cell", _CELL_PT, INK), ("Cell dim", 9, MUTED)):
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        style.base_style = normal
        _font(style, size, colour)
        style.paragraph_format.space_after = Pt(0 if name.startswith("Cell") else 4)
        style.paragraph_format.line_spacing = 1.15
    field = document.styles.add_style("Field", WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(field, ParagraphStyle)
    field.base_style = normal
    _font(field, _CELL_PT)
    layout = field.paragraph_format
    layout.left_indent, layout.first_line_indent = Mm(_LABEL_MM), -Mm(_LABEL_MM)
    layout.tab_stops.add_tab_stop(Mm(_LABEL_MM))
    layout.space_after, layout.line_spacing = Pt(2), 1.15


def _font(
    style: ParagraphStyle, size: float, colour: RGBColor = INK, *, bold: bool = False
) -> None:
    style.font.name, style.font.size = FONT_LATIN, Pt(size)
    style.font.color.rgb, style.font.bold, style.font.italic = colour, bold, False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:eastAsia"), FONT)
    fonts.set(qn("w:hAnsi"), FONT_LATIN)
    # Without its language a program may take the Japanese or Taiwanese forms of the characters.
    language = OxmlElement("w:lang")
    for name in ("val", "eastAsia"):
        language.set(qn(f"w:{name}"), "zh-CN")
    style.element.get_or_add_rPr().append(language)


def set_properties(document: Doc) -> None:
    found = document.core_properties
    found.author, found.title, found.comments = "数转灯塔", "{{ short_title }}", ""
    found.language = "zh-CN"


def set_paper(section: Section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(24), Mm(22)
    section.header_distance, section.footer_distance = Mm(12), Mm(11)


def number_pages(section: Section, prefix: str) -> None:
    """Count the pages of this section from one; its foot says ``prefix`` and the number."""
    if section._sectPr.find(qn("w:pgNumType")) is None:  # a section begins as a copy
        numbers = OxmlElement("w:pgNumType")
        numbers.set(qn("w:start"), "1")
        section._sectPr.find(qn("w:pgMar")).addnext(numbers)
    section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
    head = _line(section.header.paragraphs[0], "{{ short_title }}", "{{ number }}")
    border(head._p.get_or_add_pPr(), "bottom", 4, RULE)
    foot = _line(
        section.footer.paragraphs[0],
        "数转灯塔{% for one in marks %} · {{ one }}{% endfor %}",
        prefix,
    )
    border(foot._p.get_or_add_pPr(), "top", 4, RULE)
    _page_field(foot)


def _line(paragraph: Paragraph, left: str, right: str) -> Paragraph:
    """Small words on the left and on the right of one line."""
    paragraph.style = "Dim"
    paragraph.paragraph_format.tab_stops.clear_all()
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_MM), WD_TAB_ALIGNMENT.RIGHT)
    run = paragraph.add_run(f"{left}\t{right}")
    run.font.size = Pt(8)
    return paragraph


def _page_field(paragraph: Paragraph) -> None:
    for kind, words in (("begin", ""), ("", "PAGE"), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run()
        run.font.size = Pt(8)
        if kind == "text":
            run.text = words
        elif words:
            part = OxmlElement("w:instrText")
            part.text = words
            run._r.append(part)
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
            run._r.append(part)


def border(properties: object, side: str, eighths: int, colour: str) -> None:
    """A line along one side of a paragraph or style, in eighths of a point."""
    borders = properties.find(qn("w:pBdr"))  # type: ignore[attr-defined]
    if borders is None:
        borders = OxmlElement("w:pBdr")
        # The schema wants the borders after these and before everything else.
        ahead = ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr")
        at = sum(properties.find(qn(f"w:{name}")) is not None for name in ahead)  # type: ignore[attr-defined]
        properties.insert(at, borders)  # type: ignore[attr-defined]
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)


def tag(document: Doc, words: str) -> None:
    """A line of the template language that leaves no paragraph behind."""
    document.add_paragraph(f"{{%p {words} %}}", style="Dim")


def text(document: Doc, words: str, style: str = "Normal") -> Paragraph:
    return document.add_paragraph(words, style=style)


def chapter_heading(document: Doc, key: str) -> None:
    paragraph = document.add_paragraph(f"{{{{ called.{key}.title }}}}", style="Heading 1")
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    number = str(100 + len(document.sections))
    for part in (start, end):
        part.set(qn("w:id"), number)
    start.set(qn("w:name"), f"chapter_{key}")
    paragraph._p.insert(1, start)
    paragraph._p.append(end)


def field(document: Doc, label: str, words: str, *, together: bool = True) -> Paragraph:
    paragraph = document.add_paragraph(style="Field")
    paragraph.paragraph_format.keep_together = True
    paragraph.paragraph_format.keep_with_next = together
    run = paragraph.add_run(label)
    run.font.color.rgb, run.font.size = MUTED, Pt(9)
    paragraph.add_run(f"\t{words}")
    return paragraph


def _table(
    document: Doc, widths: Sequence[float], names: Sequence[str], right: Sequence[int]
) -> Table:
    """A ruled table with a head that repeats on every page."""
    table: Table = document.add_table(rows=1, cols=len(widths))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    for at, width in enumerate(widths):
        table.columns[at].width = Mm(width)
    _fill(table, 0, names, widths, right, "Cell dim")
    mark = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(mark)
    _rules(table)
    return table


def _rules(table: Table) -> None:
    borders = OxmlElement("w:tblBorders")
    for side, size, colour in (("top", 8, "14202A"), ("bottom", 4, RULE), ("insideH", 4, RULE)):
        line = OxmlElement(f"w:{side}")
        for name, value in (
            ("val", "single"),
            ("sz", str(size)),
            ("space", "0"),
            ("color", colour),
        ):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _fill(
    table: Table,
    row: int,
    texts: Sequence[str],
    widths: Sequence[float],
    right: Sequence[int],
    style: str = "Cell",
) -> None:
    for at, (words, width) in enumerate(zip(texts, widths, strict=True)):
        cell = table.cell(row, at)
        cell.width = Mm(width)
        fill_cell(cell, words, style, right=at in right)
    # A row stands on one page.
    table.rows[row]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def fill_cell(cell: _Cell, words: str, style: str, *, right: bool) -> None:
    first, *others = words.split("\n")
    paragraph = cell.paragraphs[0]
    paragraph.text, paragraph.style = first, style
    for more in others:
        cell.add_paragraph(more, style="Cell dim")
    for one in cell.paragraphs:
        one.paragraph_format.space_before = one.paragraph_format.space_after = Pt(2.5)
        if right:
            one.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def loop_table(
    document: Doc,
    each: str,
    columns: Sequence[tuple[str, float, str]],
    right: Sequence[int] = (),
    last: Sequence[str] = (),
) -> None:
    """A table with one row for each of the things; columns are (head, mm, words)."""
    widths = [width for _, width, _ in columns]
    table = _table(document, widths, [name for name, _, _ in columns], right)
    for row, words in enumerate((f"for {each}", "", "endfor"), start=1):
        _add_row(table)
        if words:
            table.cell(row, 0).text = f"{{%tr {words} %}}"
        else:
            _fill(table, row, [cell for _, _, cell in columns], widths, right)
    if last:
        _add_row(table)
        _fill(table, 4, last, widths, right)
    text(document, "", "Dim")


def _add_row(table: Table) -> None:
    table.add_row()  # type: ignore[no-untyped-call]


def label_lines(document: Doc, each: str) -> None:
    """Labels with their texts, one under the other, without rules."""
    tag(document, f"for one in {each}")
    field(
        document, "{{ one.label }}", "{{ one.text }}", together=False
    ).paragraph_format.space_after = Pt(4)
    tag(document, "endfor")


def otherwise(document: Doc, condition: str, words: str) -> None:
    """One dim sentence where there is nothing to show."""
    tag(document, f"if not {condition}")
    text(document, words, "Dim")
    tag(document, "endif")
