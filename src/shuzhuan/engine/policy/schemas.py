"""JSON Schemas of the YAML files, for editors: ``python -m shuzhuan.engine.policy.schemas DIR``.

They help while writing; the judge of a pack is ``load_source``, which also knows what
a schema cannot say (references between files, units, formulas).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from .forms import FORMS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Leaves out the English titles that pydantic makes from Python names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schemas() -> dict[str, dict[str, Any]]:
    """File name (``clauses.yaml``) → JSON Schema with Chinese descriptions and examples."""
    return {name: _schema(name, form) for name, form in FORMS.items()}


def _schema(name: str, form: type[BaseModel]) -> dict[str, Any]:
    schema = form.model_json_schema(schema_generator=_Generator)
    schema.pop("title", None)
    return {"$schema": _DIALECT, "title": name, **_plain(schema)}


def _plain(node: Any, names: bool = False) -> Any:
    """Without Python class names; keys of mappings are text to JSON, whatever they mean to us."""
    if isinstance(node, list):
        return [_plain(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    cleaned = {
        key: _plain(value, names=key in ("properties", "$defs"))
        for key, value in node.items()
        if names or (key != "title" and not (key == "examples" and not value))
    }
    if not names and "propertyNames" in cleaned:
        del cleaned["propertyNames"]  # says the same as the patterns, without what they hold
        cleaned["additionalProperties"] = False
    return cleaned


def text_of(schema: dict[str, Any]) -> str:
    """The file's text, the same every time."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def file_name(name: str) -> str:
    """``clauses.yaml`` → ``clauses.schema.json``."""
    return name.removesuffix(".yaml") + ".schema.json"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write all schemas into a folder."""
    parser = argparse.ArgumentParser(description="写出各个 YAML 文件的 JSON Schema")
    parser.add_argument("folder", type=Path, help="写到哪个文件夹，如 docs/schema")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in json_schemas().items():
        (folder / file_name(name)).write_text(text_of(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
