"""Files made to harm the reader: each is refused quickly, with one problem, in Chinese."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuzhuan.engine.policy.documents import load_source, load_texts
from shuzhuan.engine.policy.errors import PackError
from shuzhuan.engine.policy.source import MAX_BYTES, MAX_DEPTH, read_document

from .test_malformed import COMMON, PACKS, PLAIN

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
)

HOSTILE: dict[str, tuple[bytes, str]] = {
    "billion-laughs": (LAUGHS.encode(), "不支持 YAML 锚点"),
    "recursive-alias": (b"phases: &p [*p]\n", "不支持 YAML 锚点"),
    "deep-brackets": (b"phases: " + b"[" * 900_000, f"嵌套超过 {MAX_DEPTH} 层"),
    "deep-braces": (b"phases: " + b"{a: " * 400_000, f"嵌套超过 {MAX_DEPTH} 层"),
    "deep-dashes": (b"- " * 900_000, f"嵌套超过 {MAX_DEPTH} 层"),
    "deep-indent": (
        "".join(f"{' ' * n}a:\n" for n in range(900)).encode(),
        f"嵌套超过 {MAX_DEPTH} 层",
    ),
    "too-large": (b"# " + b"x" * MAX_BYTES, "文件超过 2 MiB"),
    "python-object": (b"phases: !!python/object/apply:os.system [id]\n", "不支持 YAML 标签"),
    "python-name": (b"phases: !!python/name:os.system\n", "不支持 YAML 标签"),
    "python-module": (b"phases: !!python/module:os\n", "不支持 YAML 标签"),
    "binary-tag": (b"phases: !!binary aGVsbG8=\n", "不支持 YAML 标签"),
    "set-tag": (b"phases: !!set {a, b}\n", "不支持 YAML 标签"),
    "verbatim-tag": (b"phases: !<tag:yaml.org,2002:str> a\n", "不支持 YAML 标签"),
    "tag-directive": (b"%TAG ! tag:x,2000:\n---\nphases: !a b\n", "不支持 % 开头"),
    "merge": (b"phases: []\n<<: {tasks: []}\n", "不支持 YAML 合并键"),
    "zip": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(range(256)), "不是 UTF-8 编码"),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "不是 UTF-8 编码"),
    "nul": (b"phases: []\x00\n", "看不见的控制字符 U+0000"),
    "bell": (b"phases: [\x07]\n", "看不见的控制字符 U+0007"),
    "utf-16": ("phases: []\n".encode("utf-16"), "不是 UTF-8 编码"),
    "gbk": ("phases: 阶段\n".encode("gbk"), "不是 UTF-8 编码"),
    "overlong": (b"phases: \xc0\xaf\n", "不是 UTF-8 编码"),
    "surrogate": (b"phases: \xed\xa0\x80\n", "不是 UTF-8 编码"),
    "two-marks": (b"\xef\xbb\xbf\xef\xbb\xbfphases: []\n", "看不见的控制字符 U+FEFF"),
    "empty": (b"", "文件是空的"),
    "only-comment": ("# 待写\n".encode(), "文件是空的"),
    "only-marker": (b"---\n", "没有写值"),
    "word": (b"hello\n", "应当是一组“键: 值”"),
    "list": (b"- a\n- b\n", "应当是一组“键: 值”"),
    "null": (b"null\n", "文件是空的"),
    "json-nan": (b'{"phases": NaN}\n', "应当是列表"),
    "many-keys": (b"".join(b"k%d: v\n" % n for n in range(2)), "不认识的键"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused(name: str) -> None:
    data, says = HOSTILE[name]
    files = {file: text.encode() for file, text in PLAIN.items()}
    begin = time.process_time()
    with pytest.raises(PackError) as caught:
        load_texts({**files, "workplan.yaml": data}, COMMON)
    assert time.process_time() - begin < 5
    problems = caught.value.problems
    assert all(problem.position.file == "workplan.yaml" for problem in problems)
    assert says in problems[0].text()
    assert len(problems) == (2 if name == "many-keys" else 1)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = {file: text.encode() for file, text in PLAIN.items()}
    other = {file: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n") for file, data in plain.items()}
    first, second = load_texts(plain, COMMON), load_texts(other, COMMON)
    assert first.digest == second.digest
    assert first.at("clauses.yaml", "clauses", 1, "amount") == second.at(
        "clauses.yaml", "clauses", 1, "amount"
    )


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    document = read_document("x.yaml", data)
    assert document.plain is not None or document.problems


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab: -[]{},\n\"'#&*!|>%@`?~<\t1中", max_size=60))
def test_any_yaml_like_text_is_read_or_refused(text: str) -> None:
    document = read_document("x.yaml", text.encode())
    for path, position in document.values.items():
        assert 1 <= position.line <= text.count("\n") + 2
        document.at(path, 3)
    for _, problem in document.problems:
        assert problem.message
        assert problem.hint


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_pack_never_breaks_the_loader(seed: int) -> None:
    """Bytes cut out, doubled or exchanged at random: PackError or a sound pack, nothing else."""
    chance = random.Random(seed)
    files = {file: text.encode() for file, text in PLAIN.items()}
    name = chance.choice(sorted(files))
    data = files[name]
    for _ in range(chance.randint(1, 3)):
        begin = chance.randrange(len(data))
        end = min(len(data), begin + chance.choice([1, 2, 7, 40]))
        piece = chance.choice([b"", data[begin:end] * 2, b": ", b"\n", b"null", b"[", b"- "])
        data = data[:begin] + piece + data[end:]
    try:
        load_texts({**files, name: data}, COMMON)
    except PackError as error:
        assert error.problems
        assert all(problem.message for problem in error.problems)


# Folders ------------------------------------------------------------------------------


def _copy(folder: Path) -> Path:
    for file, text in PLAIN.items():
        (folder / file).write_text(text, "utf-8")
    return folder


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _rename(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / old).rename(folder / new)

    return change


def _add(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_text("a: 1\n")

    return change


def _folder_for_file(folder: Path) -> None:
    (folder / "cases.yaml").unlink()
    (folder / "cases.yaml").mkdir()


def _dead_link(folder: Path) -> None:
    (folder / "cases.yaml").unlink()
    (folder / "cases.yaml").symlink_to(folder / "nowhere")


def _fifo(folder: Path) -> None:
    (folder / "cases.yaml").unlink()
    os.mkfifo(folder / "cases.yaml")


FOLDERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "no-pack": (_remove("pack.yaml"), "pack.yaml:1:1 缺少这个文件"),
    "no-facts": (_remove("facts.yaml"), "facts.yaml:1:1 缺少这个文件"),
    "no-clauses": (_remove("clauses.yaml"), "clauses.yaml:1:1 缺少这个文件"),
    "no-cases": (_remove("cases.yaml"), "cases.yaml:1:1 缺少这个文件"),
    "unknown": (_add("people.yaml"), "people.yaml:1:1 政策包里没有这种文件"),
    "unknown-yml": (_add("people.YML"), "people.YML:1:1 政策包里没有这种文件"),
    "misspelt": (_rename("cases.yaml", "case.yaml"), "case.yaml:1:1 政策包里没有这种文件"),
    "yml": (_rename("clauses.yaml", "clauses.yml"), "是否想写 clauses.yaml？"),
    "upper": (_rename("facts.yaml", "Facts.yaml"), "是否想写 facts.yaml？"),
    "folder": (_folder_for_file, "cases.yaml:1:1 不是普通文件"),
    "dead-link": (_dead_link, "cases.yaml:1:1 没有这个文件"),
    "fifo": (_fifo, "cases.yaml:1:1 不是普通文件"),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_wrong_folder(name: str, tmp_path: Path) -> None:
    change, says = FOLDERS[name]
    change(_copy(tmp_path))
    with pytest.raises(PackError) as caught:
        load_source(tmp_path, PACKS / "common")
    assert len(caught.value.problems) == 1, str(caught.value)
    assert says in str(caught.value)


def test_other_files_are_none_of_our_business(tmp_path: Path) -> None:
    _copy(tmp_path)
    (tmp_path / "原文.txt").write_text("任何内容")
    assert load_source(tmp_path, PACKS / "common").id == "plain"


def test_no_folder_and_no_common_facts(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="没有这个文件夹"):
        load_source(tmp_path / "nowhere", PACKS / "common")
    with pytest.raises(PackError, match=r"common/facts\.yaml:1:1 没有这个文件"):
        load_source(_copy(tmp_path), tmp_path / "nowhere")
