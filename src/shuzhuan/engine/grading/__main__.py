"""Indicator sets on the command line: ``python -m shuzhuan.engine.grading check|import|schema``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from shuzhuan.engine.policy.errors import PackError

from .importing import figure_differences, import_set
from .loading import dump_set, json_schema, read_set, shipped_sets


def main(arguments: Sequence[str] | None = None) -> int:
    """0: done. 1: the file has mistakes, all written to standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        text: str = chosen.run(chosen)
    except PackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"读写不了文件：{error.filename}\n")
        return 1
    sys.stdout.write(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shuzhuan.engine.grading", description="指标集")
    commands = parser.add_subparsers(required=True)
    check = commands.add_parser("check", help="检查一份指标集")
    check.add_argument("file", type=Path, help="set.yaml，或存下的 JSON")
    check.set_defaults(run=_check)
    load = commands.add_parser("import", help="由导入文件生成指标集")
    load.add_argument("file", type=Path, help="导入文件（JSON）")
    load.add_argument("--id", required=True, help="指标集 id")
    load.add_argument("--version", required=True, help="版本，如 1.0.0")
    load.add_argument("--base", choices=sorted(shipped_sets()), help="沿用它的填写帮助")
    load.add_argument("--verified", action="store_true", help="已与官方原文逐字核对")
    load.add_argument("--to", type=Path, required=True, help="写到这个文件")
    load.set_defaults(run=_import)
    commands.add_parser("schema", help="输出 JSON Schema").set_defaults(run=_schema)
    return parser


def _check(chosen: argparse.Namespace) -> str:
    file: Path = chosen.file
    indicators = read_set(file.name, file.read_bytes())
    return f"{indicators.title}：{len(indicators.questions)} 题，{len(indicators.scenarios)} 个场景，没有错误\n"


def _import(chosen: argparse.Namespace) -> str:
    file: Path = chosen.file
    base = shipped_sets().get(chosen.base)
    made = import_set(
        file.name, file.read_bytes(), chosen.id, chosen.version, base, chosen.verified
    )
    chosen.to.write_text(dump_set(made), encoding="utf-8")
    lines = [f"已写入 {chosen.to}"]
    if base:
        lines += figure_differences(base, made) or [f"数字与 {base.ref} 完全一致，只有措辞不同"]
    return "\n".join(lines) + "\n"


def _schema(chosen: argparse.Namespace) -> str:
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
