"""A package of files (.zip): every file in it is checked as if it had come alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import IO

from shuzhuan.apps.evidence.checks.archives import Archive, Limits
from shuzhuan.apps.evidence.checks.names import check_name
from shuzhuan.apps.evidence.checks.refused import UploadRefused
from shuzhuan.apps.evidence.slots import MIB, Kind

LIMITS = Limits(entries_max=300, total_bytes_max=200 * MIB, entry_bytes_max=60 * MIB)
DEPTH_MAX = 8


def check_package(file: IO[bytes], check_content: Callable[[IO[bytes], Kind], object]) -> None:
    """Raise UploadRefused, naming the file inside, unless every entry is acceptable."""
    archive = Archive(file, LIMITS)
    if not archive.entries:
        raise UploadRefused("empty", "压缩包里没有文件")
    for entry in archive.entries:
        folders, _, name = entry.filename.rpartition("/")
        if folders.count("/") >= DEPTH_MAX:
            raise UploadRefused("zip-deep", "压缩包里的文件夹太深，请重新打包")
        try:
            _, kind = check_name(name)
            if kind.key == "zip":
                raise UploadRefused("zip-nested", "压缩包里还有压缩包，请直接放文件")
            with tempfile.SpooledTemporaryFile(8 * MIB) as content:
                for piece in archive.chunks(entry):
                    content.write(piece)
                if content.tell() > kind.bytes_max:
                    raise UploadRefused("size", f"超过 {kind.bytes_max // MIB} MB")
                if content.tell() == 0:
                    raise UploadRefused("empty", "是空文件")
                check_content(content, kind)
        except UploadRefused as error:
            raise UploadRefused(error.code, f"压缩包里的“{name[:60]}”：{error.reason}") from None
