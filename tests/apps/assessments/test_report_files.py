"""PDF and Word of whole sheets, opened by LibreOffice and poppler and read back."""

from __future__ import annotations

import asyncio
import re
import subprocess
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from docx import Document
from PIL import Image

from shuzhuan.apps.assessments.models import AssessmentKind
from shuzhuan.apps.assessments.reports import drawing, word_template
from shuzhuan.apps.assessments.reports.data import report_of
from shuzhuan.apps.assessments.reports.drawing import svgs
from shuzhuan.apps.assessments.reports.material import Cost, Material
from shuzhuan.apps.assessments.reports.model import ReportData, chapters_of
from shuzhuan.apps.assessments.reports.pdf import phone_pdf, report_pdf
from shuzhuan.apps.assessments.reports.word import SHIPPED, report_docx
from tests.apps.assessments.report_kit import material

PAGES_MIN = 12
MARGIN_POINTS = 20 / 25.4 * 72
HANGING_POINTS = 11
LONG = "W" * 300
HOSTILE = (
    "{{ 7*191 }}", "{% for x in y %}", "{# c #}", "{{ cycler.__init__.__globals__ }}", "{%p if %}",
    '#panic("x")', '#read("/etc/passwd")', "$ x^2 $", "@label", "\\ ~ -- ---", "*粗* _斜_ `码`",
    "<w:p/>", "</w:t>", "&amp; & <b>", "]]>", "= 标题", "// 注释", "[内容]", "\u201c引\u201d '号'",
)  # fmt: skip
EMOJI = "🏭"


def bare(kind: AssessmentKind = AssessmentKind.DIAGNOSIS) -> Material:
    """A visit of which nothing was written down but the answers."""
    return replace(material(kind), findings=(), plan=None, uses=())


def hostile() -> Material:
    """Every text that somebody types holds every trap."""
    trap = " ".join(HOSTILE)
    found = material()
    assert found.plan is not None
    measure = Cost("s9", "2", "软件", f"软件{LONG}", trap[:100], 1, trap)
    return replace(
        found,
        enterprise=f"甲厂 {HOSTILE[0]} <b>&",
        body=f"机构 {HOSTILE[5]}",
        committed_name="李{%明",
        remarks={"q1": (trap, LONG), "s16": (f"{trap}\n{EMOJI}", trap)},
        uses=tuple(replace(one, title=f"{HOSTILE[2]}{n}") for n, one in enumerate(found.uses)),
        findings=(("problem", "q1", trap), ("need", "", LONG), ("scenario", "s1", trap)),
        plan=replace(found.plan, summary=f"{trap}\n{LONG}", measures=(measure,)),
    )


@dataclass(frozen=True)
class Files:
    """The files of one report; ``word_pdf`` is what LibreOffice made of the Word file."""

    data: ReportData
    pdf: Path
    docx: Path

    @property
    def word_pdf(self) -> Path:
        return self.docx.with_suffix(".pdf")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Files]]:
    """All reports at once, because LibreOffice takes seconds to start."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "word").mkdir()
    made = {}
    for name, found in (
        ("diagnosis", material()),
        ("acceptance", material(AssessmentKind.ACCEPTANCE)),
        ("hostile", hostile()),
        ("bare", bare()),
    ):
        data = report_of(found)
        made[name] = Files(data, folder / f"{name}.pdf", folder / "word" / f"{name}.docx")
        made[name].pdf.write_bytes(report_pdf(data))
        made[name].docx.write_bytes(report_docx(data))
    command = [
        "soffice", "--headless", f"-env:UserInstallation=file://{folder}/office",
        "--convert-to", "pdf", "--outdir", folder / "word", *(one.docx for one in made.values()),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    yield made


def pages(path: Path) -> list[str]:
    """The text of every page without any blank."""
    command = ["pdftotext", "-layout", str(path), "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [squeezed(page) for page in text.split("\f")][:-1]


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u2060]", "", text)


def docx_text(path: Path) -> str:
    """Every text in the Word file, tables, heads and feet included."""
    document = Document(str(path))
    parts = [document.element.body]
    for section in document.sections:
        parts += [section.header._element, section.footer._element]
    words = [node.text or "" for part in parts for node in part.iter() if node.tag.endswith("}t")]
    return squeezed("".join(words))


def everything(data: ReportData) -> list[str]:
    """What must stand in every form of a report."""
    items = [*data.questions, *data.scenarios]
    texts = [data.title, data.enterprise, data.number, data.level, *data.sentences]
    texts += [f"{one.label}{one.text}" for one in data.cover]
    texts += [one.result for one in items] + [line for one in items for line in one.answer]
    texts += [f"{one.number}{one.title}" for one in items]
    texts += [one.finding for one in items] + [one.remark for one in items]
    texts += [one.text for one in (*data.problems, *data.needs, *data.proposed)]
    texts += [f"{one.label}{one.title}{one.sha256}" for one in data.evidence]
    texts += [chart.summary for chart in data.charts] + [chart.title for chart in data.charts]
    texts += [*data.way.steps, data.way.sentence, *data.declaration]
    texts += [f"{one.label}{one.text}" for one in data.basis]
    if data.plan is not None:
        texts += [one.cost for one in data.plan.measures] + [data.plan.total, data.plan.subsidy]
        texts += [line for one in data.plan.clauses for line in one.lines]
    return [text for text in texts if text]


# A line may break anywhere in the file, and a page may break between a text's lines.
def absent(texts: list[str], whole: str) -> list[str]:
    return [text for text in texts if squeezed(text) not in whole]


@pytest.mark.parametrize("name", ["diagnosis", "acceptance"])
def test_pdf_and_word_say_the_same(files: dict[str, Files], name: str) -> None:
    made = files[name]
    wanted = everything(made.data)
    assert len(wanted) > 150
    assert absent(wanted, docx_text(made.docx)) == []
    for path in (made.pdf, made.word_pdf):
        found = pages(path)
        assert len(found) >= PAGES_MIN, path
        whole = "".join(found)
        # In columns a text is interleaved with its neighbours: its signs are compared instead.
        assert [text for text in made.data.marks if text not in whole] == []
        for one in (*made.data.questions, *made.data.scenarios):
            assert f"{one.number}{one.title}" in whole, (path, one.number)
            assert squeezed(one.finding)[:24] in whole, (path, one.number)
        assert made.data.number in whole
        assert "{{" not in whole and "{%" not in whole and "None" not in whole


@pytest.mark.parametrize("name", ["diagnosis", "bare"])
def test_the_contents_of_the_pdf_name_the_right_pages(files: dict[str, Files], name: str) -> None:
    made = files[name]
    found = pages(made.pdf)
    for chapter in made.data.chapters:
        title = squeezed(chapter.title)
        entry = re.search(rf"{re.escape(title)}[.…]*(\d+)", found[1])
        assert entry, title
        assert title in found[int(entry[1]) - 1]
        assert f"第{entry[1]}页，共{len(found)}页" in found[int(entry[1]) - 1]


@pytest.mark.parametrize("name", ["diagnosis", "bare"])
def test_the_contents_of_the_word_file_name_the_right_pages(
    files: dict[str, Files], name: str
) -> None:
    """Every chapter counts its pages from one, so 三-1 is true in every program."""
    made = files[name]
    found = pages(made.word_pdf)
    for chapter in made.data.chapters:
        title = squeezed(chapter.title)
        assert re.search(rf"{re.escape(title)}[.…_]*{chapter.short}-1", found[1]), title
        foot = f"{made.data.marks[-1]}{chapter.short}-1"
        (first,) = [page for page in found[2:] if page.endswith(foot)]
        assert title in first


def test_chapters_without_content_are_left_out_and_one_line_says_so(
    files: dict[str, Files],
) -> None:
    made = files["bare"]
    said = "本次没有记录问题、需求和拟建场景，没有附一企一策方案，没有附证据，报告不列相应章节。"
    assert made.data.sentences[-1] == said
    for path in (made.pdf, made.word_pdf):
        found = pages(path)
        whole = "".join(found)
        assert said in whole and "五、应用场景清单" in found[1] and "附录依据与口径" in found[1]
        for gone in ("问题清单", "一企一策方案预期", "证据目录", "附录二", "五、问题"):
            assert gone not in whole, (path, gone)
        for page in found[2:]:
            assert len(page) > 150, (path, page)
    full = files["diagnosis"].data
    assert not full.absent and "不列相应章节" not in "".join(full.sentences)


def test_an_acceptance_report_never_speaks_of_a_plan() -> None:
    found = report_of(bare(AssessmentKind.ACCEPTANCE))
    assert found.sentences[-1] == "本次没有记录问题、需求和拟建场景，没有附证据，报告不列相应章节。"
    assert [one.short for one in found.chapters] == [*"一二三四五六七", "附"]
    assert "不列相应章节" not in "".join(report_of(bare(AssessmentKind.SELF)).sentences)


def test_hostile_texts_stay_texts(files: dict[str, Files]) -> None:
    made = files["hostile"]
    inside = docx_text(made.docx)
    assert absent(everything(made.data), inside) == []
    for path in (made.pdf, made.word_pdf):
        found = pages(path)
        whole = "".join(found)
        assert len(found) >= PAGES_MIN
        assert absent([text for text in HOSTILE if len(text) < 30], whole) == [], path
        for evaluated in ("1337", "root:", "NameError", "jinja"):
            assert evaluated not in whole, (path, evaluated)
        assert whole.count("W") >= 3 * len(LONG), path
    assert EMOJI in inside


def test_nothing_runs_off_the_paper(files: dict[str, Files]) -> None:
    for made in files.values():
        for path in (made.pdf, made.word_pdf):
            command = ["pdftotext", "-bbox", str(path), "-"]
            text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            width = float(re.findall(r'<page width="([\d.]+)"', text)[0])
            widest = max(float(x) for x in re.findall(r'xMax="([\d.]+)"', text))
            # A full stop at the end of a line may hang into the margin.
            assert widest <= width - MARGIN_POINTS + HANGING_POINTS, path


def test_control_a_long_word_would_run_off_the_paper(tmp_path: Path) -> None:
    """Without the rule that breaks long words the check above turns red."""
    import typst

    from shuzhuan.apps.assessments.reports.drawing import fonts

    source = f'#set page(paper: "a4", margin: 20mm)\n#set text(font: "Noto Sans SC")\n{LONG}'
    content = typst.Compiler(source.encode(), font_paths=fonts()).compile(format="pdf")
    assert isinstance(content, bytes)
    (tmp_path / "x.pdf").write_bytes(content)
    command = ["pdftotext", "-bbox", str(tmp_path / "x.pdf"), "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert max(float(x) for x in re.findall(r'xMax="([\d.]+)"', text)) > 595


def test_the_word_file_shows_the_charts_as_pictures(files: dict[str, Files]) -> None:
    made = files["diagnosis"]
    with zipfile.ZipFile(made.docx) as packed:
        names = [name for name in packed.namelist() if name.endswith(".png")]
        assert len(names) == 4
        for name in names:
            picture = Image.open(BytesIO(packed.read(name))).convert("L")
            assert picture.width >= 1300
            histogram = picture.histogram()
            assert sum(histogram[:128]) > 2000, "the drawing is empty"
    document: Any = Document(str(made.docx))
    said = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert said == [chart.summary for chart in made.data.charts]


def test_the_drawing_is_the_pages_drawing() -> None:
    """The names and figures of the one option builder stand in the picture as text."""
    data = report_of(material())
    for chart, picture in zip(data.charts, svgs(data.charts), strict=True):
        texts = "".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture))
        for row in chart.rows:
            if chart.key != "costs" or row[0] == "软件":
                assert row[0] in texts and row[1] in texts, (chart.key, row)


def test_the_same_sheet_gives_the_same_pdf() -> None:
    assert report_pdf(report_of(material())) == report_pdf(report_of(material()))


def test_people_at_once_get_their_own_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """One drawing engine serves all threads, whichever asks first and however often it is opened."""
    sheets = [report_of(replace(material(), pk=number)) for number in range(6)]
    with ThreadPoolExecutor(max_workers=6) as pool:
        wanted = list(pool.map(report_pdf, sheets))
        monkeypatch.setattr(drawing, "_CALLS_MAX", 1)
        assert list(pool.map(report_pdf, sheets)) == wanted
    assert [report_pdf(data) for data in sheets] == wanted


def test_the_drawing_engine_takes_no_loop_of_its_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened while an event loop runs, it still draws after that loop has ended."""
    data = report_of(material())
    monkeypatch.setattr(drawing, "_CALLS_MAX", 1)

    async def made() -> bytes:
        return report_pdf(data)

    with ThreadPoolExecutor(max_workers=1) as pool:
        wanted = pool.submit(asyncio.run, made()).result()
    monkeypatch.setattr(drawing, "_CALLS_MAX", 100)
    assert report_pdf(data) == wanted


def test_the_phone_gets_narrow_pages(tmp_path: Path) -> None:
    path = tmp_path / "self.pdf"
    path.write_bytes(phone_pdf(report_of(material(AssessmentKind.SELF))))
    found = pages(path)
    assert 4 <= len(found) <= 9
    whole = "".join(found)
    for words in (
        "二级（规范级）",
        "56.625",
        "待核对官方原文",
        "第15题百元营收成本",
        "场景16决策支持",
    ):
        assert words in whole, words
    info = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    assert "297.6" in info  # 105 mm


@pytest.mark.parametrize("kind", ["diagnosis", "acceptance"])
def test_the_committed_template_is_the_built_one(kind: str) -> None:
    """`python -m shuzhuan.apps.assessments.reports.word_template` writes it again."""

    def inside(content: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            names = [n for n in packed.namelist() if n.endswith(".xml") and "docProps" not in n]
            return {name: packed.read(name) for name in names}

    assert inside(word_template.build(kind)) == inside((SHIPPED / f"{kind}.docx").read_bytes())
    assert len(chapters_of(kind)) in (10, 11)


def test_an_operators_template_is_used_and_a_broken_one_explained(
    settings: Any, tmp_path: Path
) -> None:
    settings.REPORT_TEMPLATES_DIR = tmp_path
    data = report_of(material())
    own = Document()
    own.add_paragraph("本地样式 {{ enterprise }}：{{ level }}")
    own.save(str(tmp_path / "diagnosis.docx"))
    made = Document(BytesIO(report_docx(data)))
    assert made.paragraphs[0].text == "本地样式 彭阳杂粮加工厂：二级（规范级）"
    for broken in ("{{ enterprize }}", "{{ level.__class__.__mro__ }}", "{% if %}"):
        own = Document()
        own.add_paragraph(broken)
        own.save(str(tmp_path / "diagnosis.docx"))
        with pytest.raises(ValidationError, match="用不了"):
            report_docx(data)
    (tmp_path / "diagnosis.docx").write_bytes(b"not a package")
    with pytest.raises(ValidationError, match="用不了"):
        report_docx(data)
