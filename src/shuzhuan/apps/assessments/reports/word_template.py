"""Builds the Word templates: `python -m shuzhuan.apps.assessments.reports.word_template`.

An operator may put an own ``diagnosis.docx`` or ``acceptance.docx`` into ``report-templates`` in
the data directory; it reads the same names as these do (``model.ReportData``).

Every chapter is a section whose pages count from one, and a page is called by chapter and number
(三-2). So the table of contents is true in every program without updating any field. A chapter
that would be empty is left out with its section, and the others are numbered without a gap.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from shuzhuan.apps.assessments.reports.model import chapters_of
from shuzhuan.apps.assessments.reports.word_kit import (
    ACCENT,
    MUTED,
    RULE,
    TEXT_MM,
    add_styles,
    border,
    chapter_heading,
    field,
    fill_cell,
    label_lines,
    loop_table,
    number_pages,
    otherwise,
    set_paper,
    set_properties,
    tag,
    text,
)

FOLDER = Path(__file__).parent


def build(kind: str) -> bytes:
    """The template of one kind of report (``diagnosis`` or ``acceptance``)."""
    document = Document()
    add_styles(document)
    set_properties(document)
    first = document.sections[0]
    set_paper(first)
    chapters = chapters_of(kind)
    _cover(document)
    _contents(document)
    for chapter in chapters:
        section = document.add_section()
        if chapter is not chapters[0]:
            tag(document, "endif")
        number_pages(section, f"{{{{ called.{chapter.key}.short }}}}-")
        # A chapter that would be empty goes with its section; the last one is never empty.
        if chapter is not chapters[-1]:
            tag(document, f"if '{chapter.key}' not in absent")
        chapter_heading(document, chapter.key)
        _PARTS[chapter.key](document)
    held = BytesIO()
    document.save(held)
    return held.getvalue()


# Cover and contents


def _cover(document: Doc) -> None:
    text(document, "数转灯塔 · 中小企业数字化转型", "Dim").paragraph_format.space_after = Pt(110)
    title = text(document, "")
    run = title.add_run("{{ title }}")
    run.font.size, run.font.bold = Pt(27), True
    firm = text(document, "")
    firm.add_run("{{ enterprise }}").font.size = Pt(15)
    marks = text(document, "{% for one in marks %}【{{ one }}】{% endfor %}")
    marks.paragraph_format.space_after = Pt(230)
    table = document.add_table(rows=3, cols=2)
    table.autofit = False
    table.columns[0].width, table.columns[1].width = Mm(38), Mm(TEXT_MM - 38)
    for row, (left, right) in enumerate(
        (
            ("{%tr for one in cover %}", ""),
            ("{{ one.label }}", "{{ one.text }}"),
            ("{%tr endfor %}", ""),
        )
    ):
        for cell, words, width, style in (
            (table.cell(row, 0), left, 38, "Cell dim"), (table.cell(row, 1), right, TEXT_MM - 38, "Cell"),
        ):  # fmt: skip
            cell.width = Mm(width)
            fill_cell(cell, words, style, right=False)
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "10"), ("space", "0"), ("color", "14202A")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _contents(document: Doc) -> None:
    section = document.add_section()
    section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
    head = text(document, "")
    run = head.add_run("目　录")
    run.font.size, run.font.bold, run.font.color.rgb = Pt(15), True, ACCENT
    head.paragraph_format.space_after = Pt(12)
    tag(document, "for one in chapters")
    paragraph = text(document, "")
    paragraph.paragraph_format.tab_stops.add_tab_stop(
        Mm(TEXT_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
    )
    paragraph.paragraph_format.space_after = Pt(9)
    run = paragraph.add_run("{{ one.title }}\t{{ one.short }}-1")
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), "chapter_{{ one.key }}")
    link.append(run._r)
    paragraph._p.append(link)
    tag(document, "endfor")
    text(document, "页码写作“章-页”，如“三-2”是第三章第 2 页。", "Dim")


# Chapters


def _summary(document: Doc) -> None:
    table = document.add_table(rows=2, cols=2)
    table.autofit = False
    for at, (label, words, right) in enumerate(
        (("数字化水平", "{{ level }}", False), ("总分", "{{ points }} 分", True))
    ):
        for row in (0, 1):
            table.cell(row, at).width = Mm(TEXT_MM / 2)
        fill_cell(table.cell(0, at), label, "Cell dim", right=right)
        fill_cell(table.cell(1, at), "", "Cell", right=right)
        run = table.cell(1, at).paragraphs[0].add_run(words)
        run.font.size, run.font.bold, run.font.color.rgb = Pt(20), True, ACCENT
    tag(document, "if marks")
    text(document, "{% for one in marks %}【{{ one }}】{% endfor %}")
    tag(document, "endif")
    tag(document, "for one in sentences")
    text(document, "{{ one }}")
    tag(document, "endfor")
    document.add_heading("各等级的条件", 2)
    loop_table(
        document,
        "one in conditions",
        (
            ("等级", 34, "{% if one.first %}{{ one.level }}{% endif %}"),
            ("条件（同时满足才算达到）", 66, "{{ one.text }}"),
            ("现有", 28, "{{ one.found }}"),
            ("是否满足", 20, "{{ one.state }}"),
            ("结论", 22, "{% if one.first %}{{ one.verdict }}{% endif %}"),
        ),
        right=(2,),
    )
    tag(document, "if unverified")
    text(
        document,
        "等级条件和部分题目尚待与官方原文核对，逐项见附录“依据与口径”。核对后如有出入，以官方原文为准。",
        "Dim",
    )
    tag(document, "endif")


def _charts(document: Doc) -> None:
    tag(document, "for one in charts")
    title = text(document, "")
    title.paragraph_format.keep_with_next = True
    title.paragraph_format.space_before = Pt(6)
    title.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_MM), WD_TAB_ALIGNMENT.RIGHT)
    title.add_run("图 {{ one.number }}　{{ one.title }}").font.bold = True
    unit = title.add_run("\t单位：{{ one.unit }}")
    unit.font.size, unit.font.color.rgb = Pt(9), MUTED
    border(title._p.get_or_add_pPr(), "top", 6, "14202A")
    picture = text(document, "{{ one.picture }}")
    picture.paragraph_format.keep_with_next = True
    picture.paragraph_format.line_spacing = 1.0
    said = text(document, "{{ one.summary }}", "Cell")
    said.paragraph_format.keep_with_next = True
    text(document, "来源：{{ one.source }}", "Dim").paragraph_format.space_after = Pt(12)
    tag(document, "endfor")


def _items(document: Doc, each: str, found: str) -> None:
    tag(document, f"for one in {each}")
    title = text(document, "")
    title.paragraph_format.keep_with_next = True
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(5), Pt(3)
    title.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_MM), WD_TAB_ALIGNMENT.RIGHT)
    title.add_run("{{ one.number }}　{{ one.title }}").font.bold = True
    group = title.add_run("　{{ one.group }}")
    group.font.size, group.font.color.rgb = Pt(9), MUTED
    title.add_run("\t{{ one.result }}").font.bold = True
    for condition, label, words in (
        ("one.ask", "题面", "{{ one.ask }}"),
        ("", found, "{{ one.answer }}"),
        ("one.before", "改造前后", "{{ one.before }} → {{ one.result }}（{{ one.change }}）"),
        ("one.finding", "现场发现", "{{ one.finding }}"),
        ("one.remark", "备注", "{{ one.remark }}"),
    ):
        if condition:
            tag(document, f"if {condition}")
        field(document, label, words)
        if condition:
            tag(document, "endif")
    last = field(document, "证据", "{{ one.evidence or '未附' }}", together=False)
    last.paragraph_format.space_after = Pt(6)
    border(last._p.get_or_add_pPr(), "bottom", 4, RULE)
    tag(document, "endfor")


def _questions(document: Doc) -> None:
    _items(document, "questions", "答案")


def _scenarios(document: Doc) -> None:
    _items(document, "scenarios", "现场等级")


def _notes(document: Doc) -> None:
    for title, each, words in (
        ("问题清单", "problems", "本次没有记录问题。"),
        ("需求清单", "needs", "本次没有记录需求。"),
        ("拟建场景清单", "proposed", "本次没有提出拟建场景。"),
    ):
        document.add_heading(title, 2)
        otherwise(document, each, words)
        tag(document, f"if {each}")
        loop_table(
            document,
            f"one in {each}",
            (
                ("序号", 12, "{{ one.number }}"),
                ("内容", 113, "{{ one.text }}"),
                ("对应项目", 45, "{{ one.item }}"),
            ),
            right=(0,),
        )
        tag(document, "endif")


def _scenario_list(document: Doc) -> None:
    loop_table(
        document,
        "one in scenario_rows",
        (
            ("序号", 12, "{{ one.number }}"),
            ("场景", 24, "{{ one.name }}"),
            ("环节", 24, "{{ one.area }}"),
            ("类别", 17, "{{ one.kind }}"),
            ("现级", 15, "{{ one.level }}"),
            ("再上一级要做到", 78, "{{ one.next_step }}"),
        ),
        right=(0,),
    )


def _way(document: Doc) -> None:
    text(document, "{{ way.sentence }}")
    tag(document, "if way.steps")
    columns = (("序号", 12, "{{ loop.index }}"), ("改动", 158, "{{ one }}"))
    loop_table(document, "one in way.steps", columns, right=(0,))
    text(
        document,
        "按改动步数最少算出：多选题加一个选项、单选或比率上一档、场景升一级各算一步；步数相同取改动项目"
        "最少的。各步实际花费不同，投入安排以改造方案为准。",
        "Dim",
    )
    tag(document, "endif")


def _plan(document: Doc) -> None:
    label_lines(document, "plan.lines")
    tag(document, "if plan.summary")
    document.add_heading("总体思路", 2)
    text(document, "{{ plan.summary }}")
    tag(document, "endif")
    document.add_heading("改造内容和预计费用", 2)
    loop_table(
        document,
        "one in plan.measures",
        (
            ("序号", 11, "{{ one.number }}"),
            ("对应项目", 34, "{{ one.item }}\n{{ one.target }}"),
            ("产品或服务", 42, "{{ one.product }}\n{{ one.note }}"),
            ("类别", 25, "{{ one.kind }}"),
            ("供应单位", 30, "{{ one.supplier }}"),
            ("费用（元）", 28, "{{ one.cost }}"),
        ),
        right=(0, 5),
        last=("", "", "", "", "合计", "{{ plan.total }}"),
    )
    document.add_heading("预期补助", 2)
    otherwise(document, "plan.subsidy", "方案没有测算补助。")
    tag(document, "if plan.subsidy")
    text(document, "{{ plan.subsidy }}")
    tag(document, "for one in plan.clauses")
    title = text(document, "")
    title.paragraph_format.keep_with_next = True
    title.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_MM), WD_TAB_ALIGNMENT.RIGHT)
    title.add_run("{{ one.title }}").font.bold = True
    title.add_run("\t{{ one.amount }}")
    tag(document, "for words in one.lines")
    text(document, "{{ words }}").paragraph_format.keep_with_next = True
    tag(document, "endfor")
    text(document, "依据 {{ one.cite }}", "Dim")
    tag(document, "endfor")
    tag(document, "for one in plan.notices")
    text(document, "{{ one }}", "Dim")
    tag(document, "endfor")
    tag(document, "endif")


def _change(document: Doc) -> None:
    text(document, "{{ change.sentence }}")
    for title, each, unit in (
        ("计分题", "change.questions", "（分）"),
        ("应用场景", "change.scenarios", ""),
    ):
        tag(document, f"if {each}")
        document.add_heading(title, 2)
        loop_table(
            document,
            f"one in {each}",
            (
                ("题号", 20, "{{ one.number }}"),
                ("名称", 66, "{{ one.title }}"),
                (f"改造前{unit}", 28, "{{ one.before }}"),
                (f"改造后{unit}", 30, "{{ one.after }}"),
                ("变化", 26, "{{ one.change }}"),
            ),
            right=(2, 3, 4),
        )
        tag(document, "endif")


def _signatures(document: Doc) -> None:
    tag(document, "for one in declaration")
    text(document, "{{ one }}")
    tag(document, "endfor")
    tag(document, "for one in signatures")
    title = text(document, "")
    title.paragraph_format.space_before = Pt(24)
    title.add_run("{{ one.title }}").font.bold = True
    title.paragraph_format.keep_with_next = True
    border(title._p.get_or_add_pPr(), "top", 6, "14202A")
    tag(document, "for words in one.lines")
    line = text(document, "{{ words }}")
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(14)
    line.paragraph_format.keep_with_next = True
    tag(document, "endfor")
    text(document, "", "Dim")
    tag(document, "endfor")


def _evidence(document: Doc) -> None:
    words = "指纹是文件内容 SHA-256 的前 12 位，可在平台的资料页核对；日期是该版本的上传日期。"
    text(document, words, "Dim")
    loop_table(
        document,
        "one in evidence",
        (
            ("编号", 18, "{{ one.label }}"),
            ("名称", 57, "{{ one.title }}"),
            ("指纹", 30, "{{ one.sha256 }}"),
            ("日期", 31, "{{ one.date }}"),
            ("用于", 34, "{{ one.used }}"),
        ),
    )


def _basis(document: Doc) -> None:
    label_lines(document, "basis")
    tag(document, "if unverified")
    document.add_heading("尚待核对官方原文的内容", 2)
    columns = (("内容", 60, "{{ one.label }}"), ("说明", 110, "{{ one.text }}"))
    loop_table(document, "one in unverified", columns)
    tag(document, "endif")
    tag(document, "if notices")
    document.add_heading("提示", 2)
    tag(document, "for one in notices")
    text(document, "{{ one }}")
    tag(document, "endfor")
    tag(document, "endif")


_PARTS = {
    "summary": _summary,
    "charts": _charts,
    "change": _change,
    "questions": _questions,
    "scenarios": _scenarios,
    "notes": _notes,
    "scenario_list": _scenario_list,
    "way": _way,
    "plan": _plan,
    "signatures": _signatures,
    "evidence": _evidence,
    "basis": _basis,
}


def main() -> int:
    """Write both templates beside this file."""
    for kind in ("diagnosis", "acceptance"):
        (FOLDER / f"{kind}.docx").write_bytes(build(kind))
    return 0


if __name__ == "__main__":
    sys.exit(main())
