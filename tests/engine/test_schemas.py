"""The published JSON Schemas are current, accept what the loader accepts, and speak Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from shuzhuan.engine.policy.forms import FORMS
from shuzhuan.engine.policy.schemas import file_name, json_schemas, main, text_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "schema"
HERE = Path(__file__).parent / "packs"
SHIPPED = sorted(path.parent for path in (ROOT / "src/shuzhuan/packs").glob("*/pack.yaml"))


class _EditorLoader(yaml.CSafeLoader):
    """YAML 1.2 as editors read it: dates stay text, ``yes`` is a word."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the base class has it too


for _tag, _pattern, _first in (
    ("bool", "^(true|false)$", "tf"),
    ("null", "^(null|)$", "n"),
    ("int", "^-?(0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?[0-9]+\.[0-9]+$", "-0123456789"),
):
    _EditorLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first)
    )


def _as_editor_sees(path: Path) -> Any:
    def text_keys(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): text_keys(entry) for key, entry in value.items()}
        return [text_keys(entry) for entry in value] if isinstance(value, list) else value

    return text_keys(yaml.load(path.read_text("utf-8"), Loader=_EditorLoader))  # noqa: S506


def test_the_published_schemas_are_current() -> None:
    """Otherwise: python -m shuzhuan.engine.policy.schemas docs/schema."""
    expected = {file_name(name): text_of(schema) for name, schema in json_schemas().items()}
    published = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert published == expected


def test_they_are_written_where_asked(tmp_path: Path) -> None:
    main([str(tmp_path / "new")])
    assert len(list((tmp_path / "new").iterdir())) == len(FORMS)


@pytest.mark.parametrize(
    "folder", [HERE / "plain", HERE / "everything", *SHIPPED], ids=lambda path: path.name
)
def test_sound_packs_fit_the_schemas(folder: Path) -> None:
    for path in sorted(folder.glob("*.yaml")):
        schema = json.loads((FOLDER / file_name(path.name)).read_text("utf-8"))
        validator = jsonschema_rs.Draft202012Validator(schema)
        assert [str(e) for e in validator.iter_errors(_as_editor_sees(path))] == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("clauses.yaml", "title: 投入补助", "titel: 投入补助"),
        ("clauses.yaml", "kind: bonus", "kind: award"),
        ("clauses.yaml", "count: 10", "count: 0"),
        ("facts.yaml", "max: 1亿元", "max: 1亿"),
        ("facts.yaml", "type: money\n", "type: number\n"),
        ("facts.yaml", "personal: false", "personal: yes"),
        ("facts.yaml", "names: {0: 没有}", "names: {零: 没有}"),
        ("pack.yaml", "2025-01-02", "2025/01/02"),
        ("pack.yaml", "rule: exclusive", "rule: only_one"),
        ("budget.yaml", "ratio: 90%", "ratio: 0.9"),
        ("cases.yaml", "status: 资料不足", "status: 资料不全"),
    ],
)
def test_control_editors_mark_a_mistake(name: str, old: str, new: str, tmp_path: Path) -> None:
    text = (HERE / "plain" / name).read_text("utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), "utf-8")
    validator = jsonschema_rs.Draft202012Validator(json_schemas()[name])
    assert not validator.is_valid(_as_editor_sees(tmp_path / name))


def test_every_property_is_described_in_chinese() -> None:
    for name, schema in json_schemas().items():
        forms = [schema, *schema.get("$defs", {}).values()]
        for form in forms:
            for key, entry in form.get("properties", {}).items():
                assert re.search(r"[\u4e00-\u9fff]", entry.get("description", "")), (name, key)
                leaf = "$ref" not in json.dumps(entry)
                free_text = entry["description"] in ("读者应当知道的", "待核对官方原文的理由")
                assert entry.get("examples") or not leaf or free_text, (name, key)
        assert schema["title"] == name
