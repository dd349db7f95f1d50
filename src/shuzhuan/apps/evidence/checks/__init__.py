"""What may be uploaded: extension, magic bytes and parsed type agree, and nothing acts by itself.

``inspect`` is the one way in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from shuzhuan.apps.evidence.checks.images import rebuild_image
from shuzhuan.apps.evidence.checks.names import check_name
from shuzhuan.apps.evidence.checks.office import check_office
from shuzhuan.apps.evidence.checks.package import check_package
from shuzhuan.apps.evidence.checks.pdf import check_pdf
from shuzhuan.apps.evidence.checks.refused import UploadRefused
from shuzhuan.apps.evidence.checks.tables import check_csv
from shuzhuan.apps.evidence.slots import MIB, SLOTS, Kind

__all__ = ["Accepted", "UploadRefused", "inspect"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A checked file: what to store, which is not always what came (pictures are rewritten)."""

    name: str
    kind: Kind
    content: IO[bytes]


def inspect(name: str, file: IO[bytes], slot: str) -> Accepted:
    """Check one file for a slot. Raises UploadRefused with the reason."""
    shown, kind = check_name(name)
    if kind.key not in SLOTS[slot].kinds:
        raise UploadRefused("slot", f"“{SLOTS[slot].label}”只接受 {SLOTS[slot].kinds_text}")
    size = file.seek(0, 2)
    if size == 0:
        raise UploadRefused("empty", "文件是空的，请确认选对了文件")
    if size > kind.bytes_max:
        raise UploadRefused("size", f"超过 {kind.bytes_max // MIB} MB，请压缩或拆分后再上传")
    return Accepted(shown, kind, check_content(file, kind))


def check_content(file: IO[bytes], kind: Kind) -> IO[bytes]:
    """Check the content against the kind; return what is stored."""
    content = _CHECKS[kind.key](file) or file
    content.seek(0)
    return content


def _office(kind: str) -> Callable[[IO[bytes]], None]:
    return lambda file: check_office(file, kind)


_CHECKS: dict[str, Callable[[IO[bytes]], IO[bytes] | None]] = {
    "pdf": check_pdf,
    "jpg": lambda file: rebuild_image(file, "jpg"),
    "png": lambda file: rebuild_image(file, "png"),
    "xlsx": _office("xlsx"),
    "docx": _office("docx"),
    "csv": check_csv,
    "zip": lambda file: check_package(file, check_content),
}
