"""YAML text → plain values with positions; only the plainest part of YAML is let in.

Every scalar stays text: whether ``no``, ``2025-05`` or ``1.0`` is a word, a month or a
number is decided by the form that reads it, never by YAML. The document is built from
the parser's events with an explicit stack, because composing nested input recursively
would let a hostile file exhaust the C stack. Anchors, aliases, tags, merge keys and
further documents are refused, so the size of the result is bounded by the size of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

import yaml

from .errors import Position, Problem

Plain = None | str | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20

# Characters that a reader cannot see, or that reorder what is seen, could hide a rule.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]"
)
_NULLS = frozenset({"", "~", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """Where a scalar's text begins in the file, to point inside it; offsets count characters."""

    begin: int
    end: int
    block: bool


@dataclass(slots=True)
class Document:
    """One file. ``plain`` is None when it could not be read; then ``problems`` is not empty."""

    file: str
    plain: Plain = None
    problems: list[tuple[Path, Problem]] = field(default_factory=list)
    values: dict[Path, Position] = field(default_factory=dict)
    keys: dict[Path, Position] = field(default_factory=dict)
    scalars: dict[Path, Scalar] = field(default_factory=dict)
    text: str = ""
    line_starts: list[int] = field(default_factory=list)

    def at(self, path: Path, offset: int | None = None) -> Position:
        """The value at ``path`` (the nearest parent that exists), or a character of its text."""
        while path and path not in self.values:
            path, offset = path[:-1], None
        if offset is not None and path in self.scalars:
            return self._inside(path, offset)
        return self.values.get(path, Position(self.file))

    def at_key(self, path: Path) -> Position:
        """The key that holds ``path``; a list entry has none, so its value."""
        return self.keys.get(path) or self.at(path)

    def get(self, path: Path) -> Plain:
        """The plain value at ``path``, None where there is none."""
        value = self.plain
        for step in path:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def _inside(self, path: Path, offset: int) -> Position:
        """Folding only changes white space: the n-th visible character is the n-th in the file."""
        value, scalar = self.get(path), self.scalars[path]
        if not isinstance(value, str):
            return self.values[path]
        visible = sum(not char.isspace() for char in value[:offset])
        index = scalar.begin
        while index < scalar.end and (visible or self.text[index].isspace()):
            visible -= not self.text[index].isspace()
            index += 1
        return self.position(min(index, max(scalar.end - 1, scalar.begin)))

    def position(self, index: int) -> Position:
        """Line and column of a character of the text."""
        line = bisect_right(self.line_starts, index)
        return Position(self.file, line, index - self.line_starts[line - 1] + 1)


def read_document(file: str, data: bytes) -> Document:
    """The content of one YAML file. Never raises: mistakes are in ``problems``."""
    document = Document(file)
    if len(data) > MAX_BYTES:
        _fail(document, Position(file), "文件超过 2 MiB", "政策包只放规则，原文和附件另行存放")
        return document
    try:
        document.text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _fail(document, Position(file, line), "文件不是 UTF-8 编码", "请另存为 UTF-8 后再试")
        return document
    breaks = re.finditer(r"\r\n|\r|\n", document.text)
    document.line_starts = [0, *(match.end() for match in breaks)]
    hidden = _HIDDEN.search(document.text)
    if hidden:
        _fail(document, document.position(hidden.start()), *_hidden_char(hidden.group()))
        return document
    try:
        _Builder(document).build()
    except _RefusedError:
        document.plain = None
    except yaml.YAMLError as error:
        document.plain = None
        _fail(document, *_yaml_mistake(document, error))
    return document


class _RefusedError(Exception):
    """The file uses a part of YAML that is not let in; the problem has been recorded."""


@dataclass(slots=True)
class _List:
    """An open list."""

    path: Path
    value: list[Plain] = field(default_factory=list)


@dataclass(slots=True)
class _Mapping:
    """An open mapping. ``key`` waits for its value; ``repeated`` when it was there before."""

    path: Path
    value: dict[str, Plain] = field(default_factory=dict)
    key: str | None = None
    repeated: bool = False
    braces: bool = False


class _Builder:
    """Builds one document from parser events, without recursion."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[_List | _Mapping] = []
        self.seen_document = False

    def build(self) -> None:
        for event in yaml.parse(self.document.text, Loader=yaml.CSafeLoader):
            self._take(event)
        read = self.document.plain is not None or self.document.problems
        if not self.seen_document or not read:
            self._refuse(None, "文件是空的", "写上内容，或删去这个文件")

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            if self.seen_document:
                self._refuse(event, "一个文件里有多个文档（---）", "拆成一份，删去多余的 ---")
            if event.version or event.tags:
                self._refuse(event, "不支持 % 开头的 YAML 指令", "删去这一行")
            self.seen_document = True
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(event, "不支持 YAML 别名（*）", "把内容照写一遍；* 开头的文字加双引号")
        elif isinstance(event, yaml.ScalarEvent):
            self._check_node(event)
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._check_node(event)
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._put(self.stack.pop().value)

    def _check_node(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, "不支持 YAML 锚点（&）", "把内容照写一遍；& 开头的文字加双引号")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, "不支持 YAML 标签（!）", "去掉标签；! 开头的文字加双引号")

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if self._mapping_without_key():
            self._refuse(event, "键应当是一个词，不能是列表或映射", "括号 [ { 开头的文字要加双引号")
        if len(self.stack) >= MAX_DEPTH:
            self._refuse(event, f"嵌套超过 {MAX_DEPTH} 层", "检查括号和缩进")
        path = self._place(event)
        if isinstance(event, yaml.MappingStartEvent):
            self.stack.append(_Mapping(path, braces=bool(event.flow_style)))
        else:
            self.stack.append(_List(path))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        mapping = self._mapping_without_key()
        if mapping is not None:
            self._key(mapping, event)
            return
        path = self._place(event)
        block = event.style in ("|", ">")
        text = event.value.rstrip("\n") if block else event.value
        begin, end = _mark(event).index, _mark(event, "end_mark").index
        if block:  # the text begins below the line of the indicator
            begin = self._line_end(begin)
        elif event.style:
            begin += 1
        self.document.scalars[path] = Scalar(begin, end, block)
        hidden = _HIDDEN.search(text)
        value: Plain = text
        if hidden:
            self._note(path, self._position(event), *_hidden_char(hidden.group()))
        elif not event.style and text == "null":
            value = None
        elif not event.style and text in _NULLS:
            if not text:  # the parser places an empty value after the line; its key is meant
                self.document.values[path] = self.document.at_key(path)
            self._note(path, self.document.values[path], *self._empty(text))
        self._put(value)

    def _empty(self, text: str) -> tuple[str, str]:
        frame = self.stack[-1] if self.stack else None
        if text:
            return f"空值不写 {text}", "表示没有时写 null"
        if isinstance(frame, _Mapping) and frame.braces:
            return "花括号里这一段没有值", "文字或算式里有逗号、花括号时，整段加双引号"
        return "没有写值", "写上值，或删去这一行；表示没有时写 null"

    def _key(self, frame: _Mapping, event: yaml.ScalarEvent) -> None:
        key = event.value
        if key == "<<" and not event.style:
            self._refuse(event, "不支持 YAML 合并键（<<）", "把内容照写一遍")
        if not event.style and key in _NULLS:
            self._refuse(event, "冒号前没有写键", "在冒号前写上键")
        path = (*frame.path, key)
        frame.key, frame.repeated = key, key in frame.value
        if frame.repeated:
            first = self.document.keys[path].line
            self._note(
                path, self._position(event), f"键 {key} 重复，第 {first} 行已经写过", "只留一个"
            )
        else:
            self.document.keys[path] = self._position(event)

    def _mapping_without_key(self) -> _Mapping | None:
        """The open mapping, if what comes next is one of its keys."""
        frame = self.stack[-1] if self.stack else None
        return frame if isinstance(frame, _Mapping) and frame.key is None else None

    def _place(self, event: yaml.NodeEvent) -> Path:
        """The path of the value that begins, whose position is noted."""
        path: Path = ()
        frame = self.stack[-1] if self.stack else None
        if isinstance(frame, _List):
            path = (*frame.path, len(frame.value))
        elif isinstance(frame, _Mapping):
            # The value of a repeated key is read but not kept: the first one stands.
            path = (*frame.path, f"{frame.key} (重复)" if frame.repeated else str(frame.key))
        self.document.values[path] = self._position(event)
        return path

    def _put(self, value: Plain) -> None:
        frame = self.stack[-1] if self.stack else None
        if frame is None:
            self.document.plain = value
        elif isinstance(frame, _List):
            frame.value.append(value)
        else:
            if not frame.repeated:
                frame.value[str(frame.key)] = value
            frame.key, frame.repeated = None, False

    def _line_end(self, index: int) -> int:
        line = bisect_right(self.document.line_starts, index)
        starts = self.document.line_starts
        return starts[line] if line < len(starts) else len(self.document.text)

    def _position(self, event: yaml.Event) -> Position:
        mark = _mark(event)
        return Position(self.document.file, mark.line + 1, mark.column + 1)

    def _note(self, path: Path, position: Position, message: str, hint: str) -> None:
        self.document.problems.append((path, Problem(position, "", message, hint)))

    def _refuse(self, event: yaml.Event | None, message: str, hint: str) -> None:
        position = Position(self.document.file) if event is None else self._position(event)
        _fail(self.document, position, message, hint)
        raise _RefusedError


def _mark(event: yaml.Event, which: str = "start_mark") -> yaml.Mark:
    """Events that come from a text always have their marks; the type stubs allow for none."""
    mark: yaml.Mark = getattr(event, which)
    return mark


def _fail(document: Document, position: Position, message: str, hint: str) -> None:
    document.problems.append(((), Problem(position, "", message, hint)))


def _hidden_char(char: str) -> tuple[str, str]:
    return f"有看不见的控制字符 U+{ord(char):04X}", "删去它，重新输入这一处"


_UNCLEAR = ("不是正确的 YAML", "检查缩进、冒号、引号和括号")
# libyaml's words (its only language) → ours; the first that occurs in the message wins.
_MISTAKES = (
    ("tab character", "缩进用了制表符（Tab）", "改用空格"),
    ("mapping values are not allowed", "冒号用在了不该用的地方", "含有“: ”的文字要用双引号括起来"),
    ("found unexpected ':'", "冒号后面没有值", "写上值，冒号后空一格"),
    ("could not find expected ':'", "漏了冒号", "写成“键: 值”，冒号后空一格"),
    ("did not find expected key", "缩进不对，或这一行漏了冒号", "与上面同级的键对齐"),
    ("did not find expected '-'", "列表的缩进不对", "各项的“- ”要对齐"),
    ("did not find expected ',' or ']'", "方括号没有配对，或漏了逗号", "检查 [ ] 和逗号"),
    ("did not find expected ',' or '}'", "花括号没有配对，或漏了逗号", "检查 { } 和逗号"),
    ("unexpected end of stream", "引号没有配对", "补上结尾的引号"),
    ("unexpected document indicator", "引号没有配对", "补上结尾的引号"),
    ("block sequence entries are not allowed", "列表写错了地方", "“- ”要另起一行"),
    ("block mapping", "映射写错了地方", "检查缩进"),
    ("escape", "双引号里的反斜杠写法不对", "反斜杠写两个，或改用单引号"),
    ("document start", "文件末尾有多出来的内容", "检查缩进，第一层的键要顶格"),
    ("node content", "这里漏了值，或多了符号", "补上值，或用双引号把文字括起来"),
    ("indentation", "缩进不对", "用空格对齐"),
    ("nesting", f"嵌套超过 {MAX_DEPTH} 层", "检查括号和缩进"),
    ("tag", "不支持 YAML 标签（!）", "去掉标签；! 开头的文字加双引号"),
    ("alias", "& 和 * 在 YAML 里另有用处", "这样开头的文字加双引号"),
    ("anchor", "& 和 * 在 YAML 里另有用处", "这样开头的文字加双引号"),
    ("directive", "不支持 % 开头的 YAML 指令", "% 开头的文字加双引号"),
)


def _yaml_mistake(document: Document, error: yaml.YAMLError) -> tuple[Position, str, str]:
    """Where and why libyaml stopped, from its own words."""
    said = str(getattr(error, "problem", None) or "")
    context = str(getattr(error, "context", None) or "")
    end = getattr(error, "problem_mark", None)
    start = getattr(error, "context_mark", None)
    mark = end or start
    if mark is None:
        return Position(document.file), *_UNCLEAR
    if start and (_about_its_beginning(said) or ("flow" in context and start.line < mark.line)):
        mark = start  # what was never closed is found where it began, not where the file ends
    position = Position(document.file, mark.line + 1, mark.column + 1)
    char = document.text[mark.index : mark.index + 1]
    return position, *_mistake_at(char, said, context)


def _about_its_beginning(said: str) -> bool:
    words = ("end of stream", "document indicator", "could not find expected ':'")
    return any(phrase in said for phrase in words)


def _mistake_at(char: str, said: str, context: str) -> tuple[str, str]:
    if "cannot start any token" in said:
        if char == "\t":
            return "缩进用了制表符（Tab）", "改用空格"
        return f"{char} 不能作开头", "用双引号把这段文字括起来"
    if char == ":" and "flow" in context:
        return "冒号用在了不该用的地方", "含有“: ”的文字要用双引号括起来"
    if char and char in "]}" and "flow" not in context:
        return f"多了一个 {char}", "删去它，或补上前一半"
    for words, message, hint in _MISTAKES:
        if words in said or words in context:
            return message, hint
    return _UNCLEAR
