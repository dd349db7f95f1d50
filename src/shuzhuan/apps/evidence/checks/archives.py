"""Zip archives, read within limits: nothing is trusted that the directory declares."""

from __future__ import annotations

import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from shuzhuan.apps.evidence.checks.refused import UploadRefused
from shuzhuan.apps.evidence.slots import MIB

LOCAL, END = b"PK\x03\x04", b"PK\x05\x06"
END_BYTES = 22
LOCAL_BYTES = 30
CHUNK_BYTES = 64 * 1024
ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Limits:
    """What one archive may hold."""

    entries_max: int
    total_bytes_max: int
    entry_bytes_max: int
    ratio_max: int = 200
    # Small entries compress to almost nothing; the ratio counts beyond this size.
    ratio_from_bytes: int = MIB


class Archive:
    """An archive whose directory has been checked. ``read`` counts what really comes out."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self._limits = limits
        self._left = limits.total_bytes_max
        self._zip = _opened(file)
        self.entries = [each for each in self._zip.infolist() if not each.is_dir()]
        _check_directory(self._zip.infolist(), limits)
        _check_layout(file, self._zip)

    def names(self) -> list[str]:
        return [entry.filename for entry in self.entries]

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        """The whole entry. Raises UploadRefused as soon as a limit is passed."""
        return b"".join(self.chunks(entry))

    def chunks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """The entry in pieces."""
        size = 0
        try:
            with self._zip.open(entry) as source:
                while piece := source.read(CHUNK_BYTES):
                    size += len(piece)
                    self._left -= len(piece)
                    self._check_size(entry, size)
                    yield piece
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            ValueError,
        ) as e:
            if isinstance(e, UploadRefused):
                raise
            raise UploadRefused("zip-damaged", "压缩的内容已损坏，请重新保存后再上传") from None

    def _check_size(self, entry: zipfile.ZipInfo, size: int) -> None:
        limits = self._limits
        if size > limits.entry_bytes_max or self._left < 0:
            raise UploadRefused("zip-size", "解压后太大，请分成几个文件上传")
        if size > limits.ratio_from_bytes and size > limits.ratio_max * max(entry.compress_size, 1):
            raise UploadRefused("zip-ratio", "压缩比例异常，像是压缩炸弹，没有接受")


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    file.seek(0)
    if file.read(len(LOCAL)) != LOCAL:
        raise UploadRefused("magic", "文件的内容与扩展名不符，请确认没有改过扩展名")
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error, EOFError):
        raise UploadRefused("zip-damaged", "文件已损坏或不完整，请重新保存后再上传") from None


def _check_directory(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.entries_max:
        raise UploadRefused("zip-entries", f"里面的文件超过 {limits.entries_max} 个，请分开上传")
    if sum(entry.file_size for entry in entries) > limits.total_bytes_max:
        raise UploadRefused("zip-size", "解压后太大，请分成几个文件上传")
    seen: set[str] = set()
    for entry in entries:
        _check_entry(entry)
        same = unicodedata.normalize("NFC", entry.filename).casefold()
        if same in seen:
            raise UploadRefused("zip-twice", "里面有两个同名的文件，请重新打包")
        seen.add(same)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    parts = name.replace("\\", "/").split("/")
    if "\\" in name or name.startswith("/") or ":" in name or ".." in parts or "\x00" in name:
        raise UploadRefused("zip-slip", "里面有指向压缩包外面的路径，没有接受")
    if any(unicodedata.category(sign) in ("Cc", "Cf") for sign in name):
        raise UploadRefused("zip-names", "里面的文件名有控制字符，没有接受")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UploadRefused("zip-link", "里面有链接或设备文件，没有接受")
    if entry.flag_bits & ENCRYPTED:
        raise UploadRefused("zip-locked", "加了密码的文件无法检查，请去掉密码后再上传")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UploadRefused("zip-method", "压缩方式太少见，请用普通 ZIP 重新打包")


def _check_layout(file: IO[bytes], archive: zipfile.ZipFile) -> None:
    """Nothing before, behind or between the entries, and no two that share their bytes."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - END_BYTES))
    end = file.read(END_BYTES)
    if not end.startswith(END) or end[-2:] != b"\x00\x00":
        raise UploadRefused("zip-tail", "文件末尾有多余的内容，请重新保存后再上传")
    here = 0
    for entry in sorted(archive.infolist(), key=lambda each: each.header_offset):
        if entry.header_offset < here or (here == 0 and entry.header_offset != 0):
            raise UploadRefused("zip-overlap", "压缩包的结构异常，没有接受")
        here = entry.header_offset + LOCAL_BYTES + len(entry.orig_filename) + entry.compress_size
    if here > size:
        raise UploadRefused("zip-overlap", "压缩包的结构异常，没有接受")
