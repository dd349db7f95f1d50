"""What may be uploaded: small enough, an allowed extension, and content that is what it says."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import PurePath
from typing import IO

MIB = 1024 * 1024
UPLOAD_BYTES_MAX = 64 * MIB
UNPACKED_BYTES_MAX = 2048 * MIB  # 200,000 rows of sixty columns need about a third
PARTS_MAX = 2_000
SNIFF_BYTES = 64 * 1024
EXTENSIONS = ("xlsx", "csv")
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class UploadRefused(ValueError):
    """The file cannot be accepted; the message says what to do instead."""


def extension_of(name: str) -> str:
    """The allowed extension of a name."""
    extension = PurePath(name).suffix.lower().removeprefix(".")
    if extension in EXTENSIONS:
        return extension
    if extension in ("xls", "et", "ods", "xlsm", "xlsb"):
        raise UploadRefused(f"不支持 .{extension}，请在 Excel 或 WPS 里另存为 .xlsx 再上传")
    raise UploadRefused("只支持 .xlsx 和 .csv 文件")


def check_upload(name: str, size: int, file: IO[bytes]) -> str:
    """Accept a file and return its extension; nothing of its name is trusted further."""
    extension = extension_of(name)
    if size == 0:
        raise UploadRefused("文件是空的，请选择填好的表")
    if size > UPLOAD_BYTES_MAX:
        raise UploadRefused(f"文件超过 {UPLOAD_BYTES_MAX // MIB} MB，请分成几个文件上传")
    file.seek(0)
    head = file.read(SNIFF_BYTES)
    if extension == "xlsx":
        _check_xlsx(head, file)
    else:
        _check_csv(head)
    file.seek(0)
    return extension


def _check_xlsx(head: bytes, file: IO[bytes]) -> None:
    if head.startswith(_OLD_EXCEL):
        raise UploadRefused("这是旧版或加了密码的 Excel 文件，请另存为不加密的 .xlsx 再上传")
    if not head.startswith(_ZIP):
        raise UploadRefused("文件的内容不是 Excel 表，请确认没有改过扩展名")
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UploadRefused("Excel 文件已损坏，请重新保存后再上传") from None
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise UploadRefused("文件的内容不是 Excel 表，请确认没有改过扩展名")
    if "xl/vbaProject.bin" in names:
        raise UploadRefused("文件带有宏，请另存为不带宏的 .xlsx 再上传")
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
        raise UploadRefused("Excel 文件展开后太大，请只保留要测算的一张表")


def _check_csv(head: bytes) -> None:
    if b"\x00" in head or head.startswith((_ZIP, _OLD_EXCEL)):
        raise UploadRefused("文件的内容不是 CSV 文字，请确认没有改过扩展名")
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            # The last character may be cut by the end of what was read.
            decoder.decode(head, final=len(head) < SNIFF_BYTES)
        except UnicodeDecodeError:
            continue
        return
    raise UploadRefused("CSV 文件的编码看不懂，请另存为 UTF-8 编码")
