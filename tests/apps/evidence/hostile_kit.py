"""What the makers of hostile files share."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

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


def little_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hidden")
    return out.getvalue()
