"""XML that is only data: no document type, no entity, well formed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn
from xml.parsers import expat

from shuzhuan.apps.evidence.checks.refused import UploadRefused

DEPTH_MAX = 200
Start = Callable[[str, dict[str, str]], None]


def _no_doctype(*_: object) -> NoReturn:
    raise UploadRefused("xml-entity", "内部数据带有外部引用（DOCTYPE），没有接受")


def walk(content: bytes, start: Start, text: Callable[[str], None] | None = None) -> None:
    """Call ``start`` for every element (local name, attributes), ``text`` for what is between."""
    depth = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise UploadRefused("xml-deep", "内部数据嵌套太深，没有接受")
        start(name.rpartition("}")[2], attributes)

    def on_end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.EntityDeclHandler = _no_doctype
    parser.ExternalEntityRefHandler = _no_doctype
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, UploadRefused):
            raise
        raise UploadRefused("xml-damaged", "内部数据已损坏，请重新保存后再上传") from None
