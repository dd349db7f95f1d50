"""Excel and Word files: only data; no macro, no embedded object, no pull from elsewhere."""

from __future__ import annotations

import re
from typing import IO
from urllib.parse import urlsplit

from python_calamine import CalamineError, load_workbook

from shuzhuan.apps.evidence.checks.archives import Archive, Limits
from shuzhuan.apps.evidence.checks.refused import UploadRefused
from shuzhuan.apps.evidence.checks.xml import walk
from shuzhuan.apps.evidence.slots import MIB
from shuzhuan.engine.batch.scan import believable

LIMITS = Limits(entries_max=2_000, total_bytes_max=120 * MIB, entry_bytes_max=100 * MIB)
TYPES_PART = "[Content_Types].xml"
_MAIN = {
    "xlsx": (
        "xl/workbook.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ),
    "docx": (
        "word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ),
}
_EXTENSIONS = frozenset(
    [
        "xml",
        "rels",
        "png",
        "jpg",
        "jpeg",
        "jfif",
        "gif",
        "bmp",
        "tif",
        "tiff",
        "emf",
        "wmf",
        "vml",
        "odttf",
        "fntdata",
        "bin",
    ]
)
_MACRO = re.compile(r"vba|macro|activex|customui|attachedtoolbars|dialogsheet", re.I)
_EMBEDDED = re.compile(r"embeddings?/|oleobject|afchunk|package\.", re.I)
_OUTSIDE = re.compile(
    r"externallink|connections\.xml|querytable|webextension|websettings_ext", re.I
)
# A formula that starts a program or fetches something: DDE and functions that reach outside.
_FORMULA = re.compile(
    r"[a-z]\w*\s*\|[^!]*!|\b(WEBSERVICE|RTD|CALL|REGISTER(\.ID)?|EXEC|FILTERXML)\s*\(", re.I
)
_QUOTED = re.compile(r'"[^"]*"')
_HYPERLINK = re.compile(r'\bHYPERLINK\s*\(\s*"(?!https?:|mailto:|#)', re.I)
_FIELD = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|MACROBUTTON)\b", re.I)
_LINKS = ("http", "https", "mailto", "")


def check_office(file: IO[bytes], kind: str) -> None:
    """Raise UploadRefused unless the file is a plain document of this kind."""
    archive = Archive(file, LIMITS)
    for name in archive.names():
        _check_part_name(name)
    main, main_type = _MAIN[kind]
    names = set(archive.names())
    if TYPES_PART not in names or main not in names:
        raise UploadRefused("magic", "文件的内容与扩展名不符，请确认没有改过扩展名")
    for entry in archive.entries:
        content = archive.read(entry)  # all of it: sizes and check sums are proven by reading
        if entry.filename == TYPES_PART:
            _check_types(content, f"/{main}", main_type)
        elif entry.filename.endswith(".rels"):
            _check_relations(content)
        elif entry.filename.endswith((".xml", ".vml")):
            _check_xml(entry.filename, content)
        elif entry.filename.endswith(".bin") and not entry.filename.startswith(
            ("xl/printerSettings/", "word/printerSettings/")
        ):
            raise UploadRefused("office-embedded", "文件里嵌有对象，请删去后另存再上传")
        else:
            _check_media(content)
    if kind == "xlsx":
        _check_workbook(file)


def _check_part_name(name: str) -> None:
    if _MACRO.search(name):
        raise UploadRefused("office-macro", "文件带有宏，请另存为不带宏的文件再上传")
    if _EMBEDDED.search(name):
        raise UploadRefused("office-embedded", "文件里嵌有对象，请删去后另存再上传")
    if _OUTSIDE.search(name):
        raise UploadRefused("office-outside", "文件引用了外部数据，请断开链接、只留数值后再上传")
    if name.rpartition(".")[2].lower() not in _EXTENSIONS:
        raise UploadRefused("office-part", "文件里夹带了不该有的内容，请另存后再上传")


def _check_types(content: bytes, main: str, wanted: str) -> None:
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        declared = attributes.get("ContentType", "")
        if _MACRO.search(declared):
            raise UploadRefused("office-macro", "文件带有宏，请另存为不带宏的文件再上传")
        if name == "Override" and attributes.get("PartName") == main:
            found.append(declared)

    walk(content, start)
    if found != [wanted]:
        raise UploadRefused("magic", "文件的内容与扩展名不符，请确认没有改过扩展名")


def _check_relations(content: bytes) -> None:
    def start(name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        if kind.lower() in ("vbaproject", "attachedtoolbars", "control", "userxmlparts"):
            raise UploadRefused("office-macro", "文件带有宏，请另存为不带宏的文件再上传")
        if kind.lower() in ("oleobject", "package", "afchunk", "subdocument"):
            raise UploadRefused("office-embedded", "文件里嵌有对象，请删去后另存再上传")
        if attributes.get("TargetMode", "").lower() != "external":
            return
        target = attributes.get("Target", "")
        if kind != "hyperlink" or urlsplit(target).scheme.lower() not in _LINKS or "\\" in target:
            raise UploadRefused("office-outside", "文件引用了外部内容，请断开链接后再上传")

    walk(content, start)


def _check_xml(part: str, content: bytes) -> None:
    """Well formed, without entities; no formula or field that reaches outside."""
    inside: list[str] = []
    texts: dict[str, list[str]] = {"f": [], "definedName": [], "instrText": []}

    def start(name: str, attributes: dict[str, str]) -> None:
        inside[:] = [name]
        if name == "fldSimple":
            field = [v for key, v in attributes.items() if key.rpartition("}")[2] == "instr"]
            texts["instrText"] += [*field, " "]
        if name in ("ddeLink", "oleLink", "oleObject", "control"):
            raise UploadRefused("office-embedded", "文件里嵌有对象或链接，请删去后另存再上传")
        if name in texts:
            texts[name].append("\n" if name != "instrText" else "")

    def text(piece: str) -> None:
        if inside and inside[0] in texts:
            texts[inside[0]].append(piece)

    walk(content, start, text)
    formulas = "".join(texts["f"]) + "".join(texts["definedName"])
    outside = _FORMULA.search(_QUOTED.sub("", formulas)) or _HYPERLINK.search(formulas)
    if part.startswith("xl/") and outside:
        raise UploadRefused("office-formula", "表里有会启动程序或访问网络的公式，请只留数值再上传")
    if _FIELD.search("".join(texts["instrText"])):
        raise UploadRefused("office-formula", "文档里有会引用外部内容的域，请转成普通文字再上传")


def _check_media(content: bytes) -> None:
    if content.startswith((b"MZ", b"\x7fELF", b"PK\x03\x04", b"#!", b"Rar!", b"7z\xbc\xaf")):
        raise UploadRefused("office-embedded", "文件里嵌有程序或压缩包，没有接受")


def _check_workbook(file: IO[bytes]) -> None:
    file.seek(0)
    try:
        believable(file)
        file.seek(0)
        sheets = load_workbook(file).sheet_names
    except (CalamineError, ValueError, OSError):
        raise UploadRefused("magic", "这不是可以打开的 Excel 表，请重新保存后再上传") from None
    if not sheets:
        raise UploadRefused("magic", "Excel 表里一张工作表也没有")
