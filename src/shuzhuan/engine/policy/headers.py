"""The titles of the packs, read without loading the packs: a list must not wait for a compiler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .source import read_document

ROOT = Path(__file__).resolve().parents[2] / "packs"  # the packs that ship with the product


def headers(root: Path) -> list[dict[str, Any]]:
    """id, place, title, status, version and end of validity of every pack under ``root``, by id.

    A pack that cannot be read is listed with the status 有错误 instead of being left out.
    """
    return [_header(path) for path in sorted(root.glob("*/pack.yaml"))]


def _header(path: Path) -> dict[str, Any]:
    plain = read_document("pack.yaml", path.read_bytes()).plain
    pack = plain if isinstance(plain, dict) else {}
    place, document = pack.get("place"), pack.get("document")
    place = place if isinstance(place, dict) else {}
    document = document if isinstance(document, dict) else {}
    return {
        "id": path.parent.name,
        "place": place.get("name") or path.parent.name,
        "title": document.get("title") or "",
        "status": document.get("status") or "有错误",
        "version": pack.get("version") or "",
        "valid_to": document.get("valid_to"),
    }
