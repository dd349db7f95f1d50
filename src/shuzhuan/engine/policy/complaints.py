"""What pydantic found wrong, said in Chinese, once per mistake.

Only the type of an error and its numbers are taken from pydantic; none of its words.
A misspelt key is one mistake, not an unknown key and a missing one.
"""

from __future__ import annotations

import difflib
import json
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from .errors import Problem
from .places import describe
from .source import Document, Path

Found = list[tuple[Path, Problem]]
_MAX_KEYS_NAMED = 24


def complaints(document: Document, form: type[BaseModel], error: ValidationError) -> Found:
    """Every mistake of one file as (path, problem).

    A misspelt key has the path of the key that was meant, and a mistake in how the keys
    of a mapping go together a path below it, so that a path says what is in doubt.
    """
    errors = [
        _Error(form, detail) for detail in error.errors(include_url=False, include_input=False)
    ]
    # Entries that were refused are not counted by pydantic, so their list seems too short.
    errors = [
        error
        for error in errors
        if error.type != "too_short"
        or not any(_below(other.path, error.path) for other in errors if other is not error)
    ]
    misspelt = _misspelt(document, errors)
    found: Found = []
    for one in errors:
        if one.path in misspelt.values() and one.type == "missing":
            continue
        path = misspelt.get(one.path, one.path)
        if one.type == "policy" and one.context["key"] == "":
            path = (*path, "")
        found.append((path, _problem(document, one, misspelt)))
    return found


def _below(path: Path, top: Path) -> bool:
    return len(path) > len(top) and path[: len(top)] == top


class _Error:
    """One pydantic error with its path in the YAML and the form it is about."""

    def __init__(self, form: type[BaseModel], detail: Mapping[str, Any]) -> None:
        self.type: str = detail["type"]
        self.context: Mapping[str, Any] = detail.get("ctx") or {}
        self.path, self.owner, self.entry = _resolve(form, detail["loc"])
        self.in_key = bool(detail["loc"]) and detail["loc"][-1] == "[key]"
        more = str(self.context["key"] or "") if self.type == "policy" else ""
        if self.type == "union_tag_invalid":
            more = str(self.context["discriminator"]).strip("'")
        self.path += tuple(int(s) if s.isdigit() else s for s in more.split(".") if s)


def _problem(document: Document, error: _Error, misspelt: Mapping[Path, Path]) -> Problem:
    message, hint = _words(document, error, misspelt)
    if error.type == "extra_forbidden" or error.in_key:
        position = document.at_key(error.path)
    elif error.type == "missing":
        position = document.at(error.path[:-1])
    else:
        position = document.at(error.path)
    named = error.path[:-1] if error.type in ("missing", "extra_forbidden") else error.path
    return Problem(position, describe(document, named), message, hint)


def _words(document: Document, error: _Error, misspelt: Mapping[Path, Path]) -> tuple[str, str]:
    """Message and hint."""
    name = str(error.path[-1]) if error.path else ""
    if error.type == "policy":
        context = error.context
        return str(context["message"]), str(context["hint"]) or _how(name, error.entry)
    if error.type == "missing":
        return f"缺少 {name}", _how(name, error.entry)
    if error.type == "extra_forbidden":
        near = misspelt.get(error.path)
        return f"不认识的键 {name}", f"是否想写 {near[-1]}？" if near else _allowed(error.owner)
    if error.type.startswith("union_tag"):
        return _tag_words(error)
    return _value_words(document, error, name)


def _tag_words(error: _Error) -> tuple[str, str]:
    """The key that tells the members of a union apart is missing or says something unknown."""
    key, tags = str(error.context["discriminator"]).strip("'"), _tags(error.entry)
    if error.type == "union_tag_not_found":
        return f"缺少 {key}", f"{key} 写其中之一：{'、'.join(tags)}"
    found = str(error.context["tag"])
    return f"{key} 不能写“{found[:40]}”", choose(found, tags)


def _value_words(document: Document, error: _Error, name: str) -> tuple[str, str]:
    value = document.get(error.path)
    if error.type == "literal_error":
        found = value if isinstance(value, str) else "这样的值"
        return f"不能写“{found[:40]}”", choose(found, _literals(error.entry))
    if error.type in ("too_short", "tuple_type", "list_type"):
        return _list_words(error.type, error.context, value, name)
    if error.type == "dict_type":
        return "应当是一组“键: 值”", _how(name, error.entry)
    if error.type in ("model_type", "model_attributes_type"):
        return "应当是一组“键: 值”", _allowed(error.owner)
    return "写法不对", _how(name, error.entry)


def _list_words(kind: str, context: Mapping[str, Any], value: object, name: str) -> tuple[str, str]:
    if kind == "too_short":
        return f"至少要有 {context.get('min_length', 1)} 项", "补上，或删去这个键"
    if value is None:
        return "不能写 null", f"没有内容时写 {name}: []"
    example = f"[{value}]" if isinstance(value, str) and value else "[…]"
    return "应当是列表", f"写成 {name}: {example}，或每项另起一行以“- ”开头"


def _how(name: str, entry: FieldInfo | None) -> str:
    """``写 title: 标题，如 …``."""
    if entry is None or not entry.description:
        return "对照政策语言说明改写"
    example = ""
    if entry.examples:
        shown = entry.examples[0]
        text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
        example = f"，如 {name}: {text}"
    return f"{name} 是{entry.description}{example}"


def choose(found: str, options: list[str]) -> str:
    """Hint for a word that is none of ``options``: the nearest, else all of them."""
    if len(options) == 1:
        return f"写 {options[0]}"
    near = difflib.get_close_matches(found, options, n=1)
    return f"是否想写 {near[0]}？" if near else f"写其中之一：{'、'.join(options)}"


def _allowed(owner: type[BaseModel] | None) -> str:
    names = _names(owner) if owner else []
    if not names or len(names) > _MAX_KEYS_NAMED:
        return "删去它，或对照政策语言说明改名"
    return f"可写的键：{'、'.join(names)}"


def _names(owner: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in owner.model_fields.items()]


def _misspelt(document: Document, errors: list[_Error]) -> dict[Path, Path]:
    """Unknown key → the key that was meant, by spelling or because nothing else is missing."""
    meant: dict[Path, Path] = {}
    missing = {error.path for error in errors if error.type == "missing"}
    unknown = [error for error in errors if error.type == "extra_forbidden" and error.owner]
    for error in unknown:
        parent, name = error.path[:-1], str(error.path[-1])
        written = document.get(parent)
        taken = set(written) if isinstance(written, dict) else set()
        free = [n for n in _names(error.owner) if n not in taken] if error.owner else []
        absent = [path[-1] for path in missing if path[:-1] == parent]
        strangers = [e for e in unknown if e.path[:-1] == parent]
        near = difflib.get_close_matches(name.lower(), free, n=1)
        if not near and len(absent) == 1 and len(strangers) == 1:
            near = [str(absent[0])]
        if near:
            meant[error.path] = (*parent, near[0])
    return meant


def _resolve(
    form: type[BaseModel], location: tuple[int | str, ...]
) -> tuple[Path, type[BaseModel] | None, FieldInfo | None]:
    """Path in the YAML, the form that holds it, and the declaration of its last key.

    A pydantic location also names the chosen member of a union and marks keys of
    mappings; both are left out.
    """
    kind: Any = form
    path: list[int | str] = []
    entry: FieldInfo | None = None
    owner: type[BaseModel] | None = form
    for step in location:
        kind = _plain_type(kind)
        member = _member(kind, step)
        if step == "[key]":
            continue
        if member is not None:
            kind = owner = member
            continue
        path.append(step)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            owner = kind
            found = {(f.alias or n): f for n, f in kind.model_fields.items()}.get(str(step))
            entry = found
            kind = _declared(found)
        elif get_origin(kind) in (tuple, dict):
            kind = get_args(kind)[0 if get_origin(kind) is tuple else 1]
        inner = _plain_type(kind)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            owner = inner
    return tuple(path), owner, entry


def _declared(field: FieldInfo | None) -> Any:
    """The declared type of a key, with the discriminator that pydantic keeps beside it."""
    return None if field is None else field.annotation


def _plain_type(kind: Any) -> Any:
    """Without ``Annotated`` and ``| None``."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind):
            rest = [arg for arg in get_args(kind) if arg is not type(None)]
            if len(rest) != 1:
                return kind
            kind = rest[0]
        else:
            return kind


def _members(kind: Any) -> dict[str, type[BaseModel]]:
    """Tag → form, for a union of forms told apart by one key."""
    if get_origin(kind) not in (Union, types.UnionType):
        return {}
    members: dict[str, type[BaseModel]] = {}
    for form in get_args(kind):
        for field in getattr(form, "model_fields", {}).values():
            if get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1:
                members[get_args(field.annotation)[0]] = form
    return members


def _member(kind: Any, step: int | str) -> type[BaseModel] | None:
    return _members(kind).get(str(step)) if isinstance(step, str) else None


def _tags(entry: FieldInfo | None) -> list[str]:
    kind = _plain_type(_declared(entry))
    if get_origin(kind) is tuple:
        kind = _plain_type(get_args(kind)[0])
    return list(_members(kind))


def _literals(entry: FieldInfo | None) -> list[str]:
    kind = _plain_type(_declared(entry))
    return [str(arg) for arg in get_args(kind)] if get_origin(kind) is Literal else []
