"""PDF files: whole, open to inspection, and without script, launch, form post or attachment.

The names that matter are looked for in the raw bytes and in every stream that can be unpacked,
however they are escaped (``/J#61vaScript``); what cannot be unpacked is refused, not passed.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from typing import IO

from shuzhuan.apps.evidence.checks.refused import UploadRefused
from shuzhuan.apps.evidence.slots import MIB

TAIL_BYTES = 1024
HEAD_BYTES = 16 * 1024
STREAMS_MAX = 50_000
UNPACKED_BYTES_MAX = 400 * MIB
STREAM_BYTES_MAX = 100 * MIB
_VERSION = re.compile(rb"%PDF-[12]\.\d[\s%]")
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_STREAM = re.compile(rb"(?<!end)stream(\r\n|\n|\r)")
_PICTURES = {b"DCTDecode", b"DCT", b"JPXDecode", b"CCITTFaxDecode", b"CCF", b"JBIG2Decode"}


def _escaped(name: str) -> bytes:
    """A pattern for a name, each sign plain or as #xx."""
    signs = (f"(?:{sign}|#(?i:{ord(sign):02x}))".encode() for sign in name)
    return b"".join(signs)


_NAMES = {
    "pdf-script": ("JavaScript", "Rendition", "RichMedia"),
    "pdf-launch": ("Launch", "ImportData", "SubmitForm", "GoToE"),
    "pdf-embedded": ("EmbeddedFiles", "EmbeddedFile", "FileAttachment"),
}
_SAYS = {
    "pdf-script": "PDF 里带有脚本或多媒体，请用“打印成 PDF”另存后再上传",
    "pdf-launch": "PDF 里带有启动程序或外发数据的动作，请用“打印成 PDF”另存后再上传",
    "pdf-embedded": "PDF 里夹带了别的文件，请用“打印成 PDF”另存后再上传",
}
_FORBIDDEN = {
    code: re.compile(b"/(?:" + b"|".join(_escaped(name) for name in names) + rb")(?![A-Za-z0-9#])")
    for code, names in _NAMES.items()
}
_XFA = re.compile(b"/" + _escaped("XFA") + rb"\s*[\[\d]")
_ENCRYPT = re.compile(b"/" + _escaped("Encrypt") + rb"\s*(<<|\d+\s+\d+\s+R)")
_FILTER = re.compile(rb"/Filter\s*(\[[^\]]*\]|/[A-Za-z0-9]+|\d+\s+\d+\s+R)")
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")


def check_pdf(file: IO[bytes]) -> None:
    """Raise UploadRefused unless the file is a plain, complete PDF."""
    file.seek(0)
    content = file.read()
    if not _VERSION.match(content):
        raise UploadRefused("magic", "文件的内容不是 PDF，请确认没有改过扩展名")
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise UploadRefused("polyglot", "PDF 里藏有压缩包，没有接受")
    found = _START.search(content[-TAIL_BYTES:])
    if found is None or not _points_at_table(content, int(found.group(1))):
        raise _damaged()
    plain, streams = _split(content)
    if not re.search(rb"/Root\s+\d+\s+\d+\s+R", content):
        raise _damaged()
    if _ENCRYPT.search(plain) or _ENCRYPT.search(b"".join(head for head, _ in streams)):
        raise UploadRefused("pdf-locked", "加了密码或限制的 PDF 无法检查，请去掉后再上传")
    _refuse_names(content)
    if _XFA.search(plain):
        raise UploadRefused("pdf-script", _SAYS["pdf-script"])
    _check_streams(content, streams)


def _damaged() -> UploadRefused:
    return UploadRefused("pdf-damaged", "PDF 已损坏或不完整，请重新导出后再上传")


def _points_at_table(content: bytes, offset: int) -> bool:
    here = content[offset : offset + 40].lstrip()
    return here.startswith(b"xref") or re.match(rb"\d+\s+\d+\s+obj", here) is not None


def _split(content: bytes) -> tuple[bytes, list[tuple[bytes, int]]]:
    """What is outside of streams; the dictionary of each stream and where its data begin.

    A stream that seems to lie inside the data of another is listed as well: a reader that goes
    by the table of offsets would find it there.
    """
    outside: list[bytes] = []
    streams: list[tuple[bytes, int]] = []
    here = 0
    for found in _STREAM.finditer(content):
        start = content.rfind(b"obj", 0, found.start())
        head = content[start + 3 : found.start()] if start >= 0 else b""
        if b"<<" not in head:
            continue
        streams.append((head[:HEAD_BYTES], found.end()))
        if len(head) > HEAD_BYTES or len(streams) > STREAMS_MAX:
            raise UploadRefused("pdf-size", "PDF 太复杂，请用“打印成 PDF”另存或拆成几个文件")
        if found.start() >= here:
            outside.append(content[here : found.start()])
            here = content.find(b"endstream", found.end())
            if here < 0:
                raise _damaged()
    outside.append(content[here:])
    return b"".join(outside), streams


def _refuse_names(content: bytes) -> None:
    for code, pattern in _FORBIDDEN.items():
        if pattern.search(content):
            raise UploadRefused(code, _SAYS[code])


def _check_streams(content: bytes, streams: list[tuple[bytes, int]]) -> None:
    left = UNPACKED_BYTES_MAX
    for raw_head, start in streams:
        head = _HEX.sub(lambda found: bytes([int(found.group(1), 16)]), raw_head)
        filters = _filters(head)
        # A stream that can hold objects (it has /First) must be open to the search below.
        masked = b"/Predictor" in head or _PICTURES.intersection(filters)
        if masked and (b"/First" in head or b"/ObjStm" in head):
            raise UploadRefused("pdf-hidden", "PDF 的内部结构无法检查，请用“打印成 PDF”另存")
        if not filters or filters[0] in _PICTURES:
            continue  # plain data were searched with the whole file; pictures hold no objects
        unpacked = _unpacked(content, start, filters)
        left -= len(unpacked)
        if left < 0:
            raise UploadRefused("pdf-size", "PDF 展开后太大，请拆成几个文件上传")
        _refuse_names(unpacked)
        if b"/ObjStm" in head and _XFA.search(unpacked):
            raise UploadRefused("pdf-script", _SAYS["pdf-script"])


def _filters(head: bytes) -> list[bytes]:
    found = _FILTER.search(head)
    if found is None:
        if b"/Filter" in head or re.search(rb"/F\s*[(<]", head):
            raise UploadRefused("pdf-hidden", "PDF 的内部结构无法检查，请用“打印成 PDF”另存")
        return []
    if found.group(1).endswith(b"R") and not found.group(1).startswith((b"/", b"[")):
        raise UploadRefused("pdf-hidden", "PDF 的内部结构无法检查，请用“打印成 PDF”另存")
    return [name.strip() for name in re.findall(rb"/([A-Za-z0-9]+)", found.group(1))]


def _unpacked(content: bytes, start: int, filters: list[bytes]) -> bytes:
    """The data of one stream, through all its filters up to a picture."""
    data = content[start : start + STREAM_BYTES_MAX]
    if filters[0] not in (b"FlateDecode", b"Fl"):
        data = data[: max(0, data.find(b"endstream"))]
    for name in filters:
        if name in _PICTURES:
            return b""
        try:
            data = _DECODERS[name](data)
        except KeyError:
            raise UploadRefused(
                "pdf-hidden", "PDF 用了太旧的压缩方式，请用“打印成 PDF”另存"
            ) from None
        except (ValueError, zlib.error, IndexError) as error:
            if isinstance(error, UploadRefused):
                raise
            raise _damaged() from None
    return data


def _flate(data: bytes) -> bytes:
    """Unpack to the end that the data themselves state, whatever a dictionary says."""
    engine = zlib.decompressobj()
    out = engine.decompress(data, STREAM_BYTES_MAX)
    if engine.unconsumed_tail:
        raise UploadRefused("pdf-size", "PDF 展开后太大，请拆成几个文件上传")
    return out


def _hex(data: bytes) -> bytes:
    digits = re.sub(rb"\s", b"", data.split(b">", 1)[0])
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _ascii85(data: bytes) -> bytes:
    body = data.split(b"~>", 1)[0].strip().removeprefix(b"<~")
    return base64.a85decode(body, ignorechars=b" \t\n\r\v\f\x00")


def _run_length(data: bytes) -> bytes:
    out, here = bytearray(), 0
    while here < len(data) and data[here] != 128:  # noqa: PLR2004 - end of data
        count = data[here]
        if count < 128:  # noqa: PLR2004 - that many and one more, as they are
            out += data[here + 1 : here + 2 + count]
            here += 2 + count
        else:
            out += data[here + 1 : here + 2] * (257 - count)
            here += 2
        if len(out) > STREAM_BYTES_MAX:
            raise UploadRefused("pdf-size", "PDF 展开后太大，请拆成几个文件上传")
    return bytes(out)


_DECODERS = {
    b"FlateDecode": _flate,
    b"Fl": _flate,
    b"ASCIIHexDecode": _hex,
    b"AHx": _hex,
    b"ASCII85Decode": _ascii85,
    b"A85": _ascii85,
    b"RunLengthDecode": _run_length,
    b"RL": _run_length,
}
