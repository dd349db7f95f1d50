"""``shuzhuan policy``: list, show, check, test, decide, run in bulk, replay.

Exit codes: 0 done; 1 the answer is no (a pack has mistakes, a case fails, a replay
differs); 2 the command line is wrong; 3 the input cannot be used. See
docs/policy-language.md section 9.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shuzhuan.site.terminal import table, wrap

if TYPE_CHECKING:
    from shuzhuan.engine.policy.decision import Decision
    from shuzhuan.engine.policy.pack import Pack

OK, NO, USAGE, BAD_INPUT = 0, 1, 2, 3
_BEIJING = timezone(timedelta(hours=8))
MAX_JSON_BYTES = 4 * 1024 * 1024


class InputError(Exception):
    """What the user gave cannot be used; one Chinese message."""


def main(arguments: Sequence[str]) -> int:
    """Run one command of the group; returns the exit code."""
    options = parser().parse_args(list(arguments))
    try:
        return int(options.run(options))
    except InputError as error:
        print(f"错误：{error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        return OK


def parser() -> argparse.ArgumentParser:
    """The command line of the group."""
    root = argparse.ArgumentParser(
        prog="shuzhuan policy", description="政策包：列出、查看、检查、测算、批量、重放。"
    )
    root.add_argument(
        "--packs", type=Path, default=None, metavar="目录", help="政策包所在的目录（默认用自带的）"
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="命令")
    for name, words, run, about in _COMMANDS:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        for word in words:
            flags, settings = _ARGUMENTS[word]
            command.add_argument(*flags, **settings)
    return root


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} 不是日期，请写成 2026-01-31") from None


def _reading(text: str) -> tuple[str, str]:
    reading, sign, option = text.partition("=")
    if not sign or not reading or not option:
        raise argparse.ArgumentTypeError(f"{text} 应当写成 口径=选项，如 hardware=gate")
    return reading, option


def today() -> date:
    """The day in Beijing. Only the outermost layer may read a clock."""
    return datetime.now(_BEIJING).date()


# -- helpers ----------------------------------------------------------------------


def _library(options: argparse.Namespace) -> Any:
    from shuzhuan.engine.policy.pack import Library

    return Library.load(options.packs)


def _pack(options: argparse.Namespace) -> Pack:
    from shuzhuan.engine.policy.errors import PackError

    library = _library(options)
    try:
        found: Pack = library.get(options.place)
    except KeyError:
        raise InputError(
            f"没有 {options.place} 这个地方；可选的有 {'、'.join(library.ids)}"
        ) from None
    except PackError as error:
        raise InputError("政策包有错误\n" + str(error)) from None
    return found


def _program(pack: Pack, options: argparse.Namespace) -> Any:
    from shuzhuan.engine.policy.bind import BindError

    try:
        return pack.bind(options.as_of or today(), readings=dict(options.reading))
    except BindError as error:
        raise InputError(str(error)) from None


def _json_file(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise InputError(f"{path} 超过 4 MiB")
        return json.loads(path.read_text("utf-8"), object_pairs_hook=_no_repeats)
    except OSError as error:
        raise InputError(f"读不了 {path}：{error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} 不是 UTF-8 文字") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{path} 第 {error.lineno} 行第 {error.colno} 列不是有效的 JSON") from None
    except RecursionError:
        raise InputError(f"{path} 嵌套太深") from None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f"键 {key} 写了两次")
        found[key] = value
    return found


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _print(text: str, indent: str = "") -> None:
    print("\n".join(wrap(text, indent)))


# -- commands ---------------------------------------------------------------------


def _list(options: argparse.Namespace) -> int:
    from shuzhuan.engine.policy.headers import ROOT, headers

    rows = headers(options.packs or ROOT)
    if options.json:
        _print_json(rows)
        return OK
    body = [
        (r["id"], r["place"], _standing(r), r["valid_to"] or "未写明", r["title"]) for r in rows
    ]
    print("\n".join(table(("代号", "地方", "状态", "有效期至", "文件"), body)))
    return OK


def _standing(row: dict[str, Any]) -> str:
    """The status, and what the calendar says of it."""
    past = bool(row["valid_to"]) and row["valid_to"] < today().isoformat()
    return "已过期" if past and row["status"] == "有效" else str(row["status"])


def _show(options: argparse.Namespace) -> int:
    from shuzhuan.site import policy_text

    pack = _pack(options)
    if options.clause is None:
        lines = policy_text.pack_lines(pack)
    else:
        models = {model.id: model for model in pack.source.clauses}
        if options.clause not in models:
            raise InputError(f"{pack.name}没有条款 {options.clause}；可选的有 {'、'.join(models)}")
        lines = policy_text.clause_lines(pack, models[options.clause])
    print("\n".join(lines))
    return OK


def _facts(options: argparse.Namespace) -> int:
    from shuzhuan.site import policy_text

    pack = _pack(options)
    used = pack.bind(options.as_of or today()).facts
    if options.json:
        _print_json([policy_text.fact_json(fact) for fact in used])
    else:
        print("\n".join(policy_text.fact_lines(used)))
    return OK


def _check(options: argparse.Namespace) -> int:
    from shuzhuan.engine.policy.errors import PackError
    from shuzhuan.engine.policy.pack import load_pack

    try:
        pack = load_pack(options.path)
    except PackError as error:
        for problem in error.problems:
            _print(problem.text(), "  ")
        print(f"共 {len(error.problems)} 处错误。")
        return NO
    print(f"{pack.name}：{len(pack.source.clauses)} 条，没有错误。内容指纹 {pack.digest[:16]}")
    return OK


def _test(options: argparse.Namespace) -> int:
    from shuzhuan.engine.policy.errors import PackError
    from shuzhuan.engine.policy.pack import load_pack
    from shuzhuan.engine.policy.testing import run_cases

    try:
        pack = load_pack(options.path)
    except PackError as error:
        print(str(error))
        return NO
    outcomes = run_cases(pack, options.as_of or today())
    failed = [o for o in outcomes if o.failures]
    for outcome in failed:
        _print(f"{outcome.position} {outcome.name}", "  ")
        for failure in outcome.failures:
            _print(f"  {failure}", "    ")
    print(f"{pack.name}：{len(outcomes)} 个用例，{len(failed)} 个不符。")
    return NO if failed or not outcomes else OK


def _decide(options: argparse.Namespace) -> int:
    from shuzhuan.engine.policy.facts import FactError

    program = _program(_pack(options), options)
    facts = _json_file(options.facts)
    if not isinstance(facts, dict):
        raise InputError(f"{options.facts} 应当是一个 JSON 对象：{{事实: 值}}")
    try:
        decision = program.decide(facts)
    except FactError as error:
        raise InputError(
            "事实有错误\n" + "\n".join(f"  {k}：{m}" for k, m in error.problems)
        ) from None
    if options.json:
        _print_json(decision.to_json())
    else:
        _print_decision(decision)
    return OK


def _print_decision(decision: Decision) -> None:
    for line in decision.lines():
        _print(line, "    ")
    for result in decision.results:
        for _, option, label in result.readings:
            if result.status != "不适用":
                _print(f"口径：{result.clause.number}按“{label}”（{option}）计算。", "    ")
        if result.shares and result.clause.shares:
            names = {party: name for party, name, _ in result.clause.shares.parts}
            parts = "、".join(f"{names[p]}{_yuan(fen)}" for p, fen in result.shares.items())
            _print(f"分担：{result.clause.number}{parts}。", "    ")


def _yuan(fen: int) -> str:
    from shuzhuan.engine.money import format_cn

    return format_cn(fen)


def _batch(options: argparse.Namespace) -> int:
    from shuzhuan.site import policy_batch

    return policy_batch.run(_program(_pack(options), options), options)


def _template(options: argparse.Namespace) -> int:
    from shuzhuan.site import policy_batch

    return policy_batch.write_template(_pack(options), options.output)


def _replay(options: argparse.Namespace) -> int:
    from shuzhuan.engine.policy.replay import ReplayError, replay

    try:
        differences = replay(_json_file(options.decision), _library(options))
    except ReplayError as error:
        raise InputError(str(error)) from None
    for difference in differences:
        _print(difference, "  ")
    print("与当时的结果逐字节相同。" if not differences else f"共 {len(differences)} 处不同。")
    return NO if differences else OK


def _sql(options: argparse.Namespace) -> int:
    from shuzhuan.engine.policy.readings.sql import sql_text

    print(sql_text(_program(_pack(options), options), dialect=options.dialect))
    return OK


def _schema(options: argparse.Namespace) -> int:
    from shuzhuan.engine.policy.documents import json_schemas

    schemas = json_schemas()
    if options.name is None:
        print("\n".join(schemas))
        return OK
    if options.name not in schemas:
        raise InputError(f"没有 {options.name} 的格式；可选的有 {'、'.join(schemas)}")
    _print_json(schemas[options.name])
    return OK


def _attach(options: argparse.Namespace) -> int:
    """Put the official wording beside the rules; needs the site's database."""
    pack = _pack(options)
    if options.clause_id and options.clause_id not in {c.id for c in pack.source.clauses}:
        raise InputError(f"{pack.name}没有条款 {options.clause_id}")
    text = _text_file(options.input)
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuzhuan.site.settings")
    import django

    django.setup()
    from django.db import DatabaseError

    from shuzhuan.apps.policies.actions.attach_text import AttachError, attach_text

    try:
        row = attach_text(
            pack.id, text, clause_id=options.clause_id or "", source=options.source or ""
        )
    except AttachError as error:
        raise InputError(f"{options.input}：{error}") from None
    except DatabaseError as error:
        raise InputError(f"数据库不能使用，请先运行 shuzhuan setup（{error}）") from None
    where = f"第 {options.clause_id} 条" if options.clause_id else "全文"
    print(f"已附上{pack.name}{where}的原文，{len(row.text):,} 字。")
    return OK


def _text_file(path: Path) -> str:
    """A text of at most 4 MiB in UTF-8 or GB 18030."""
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise InputError(f"{path} 超过 4 MiB")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"读不了 {path}：{error.strerror}") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path} 不是文字文件，请另存为 UTF-8 的 .txt")


_Argument = tuple[tuple[str, ...], dict[str, Any]]
_ARGUMENTS: dict[str, _Argument] = {
    "place": (("place",), {"metavar": "地方", "help": "政策包代号，如 quanzhou"}),
    "clause": (("clause",), {"metavar": "条款", "nargs": "?", "default": None}),
    "path": (("path",), {"metavar": "目录", "type": Path}),
    "facts": (("facts",), {"metavar": "事实.json", "type": Path}),
    "decision": (("decision",), {"metavar": "结果.json", "type": Path}),
    "input": (("input",), {"metavar": "输入", "type": Path, "help": "xlsx、csv 或 parquet"}),
    "output": (("output",), {"metavar": "输出", "type": Path}),
    "name": (("name",), {"metavar": "文件", "nargs": "?", "default": None}),
    "json": (("--json",), {"action": "store_true", "help": "输出 JSON"}),
    "reading": (
        ("--reading",),
        {
            "metavar": "口径=选项",
            "type": _reading,
            "action": "append",
            "default": [],
            "help": "换一种口径",
        },
    ),
    "as_of": (
        ("--as-of",),
        {"metavar": "日期", "type": _day, "default": None, "help": "测算日期（默认今天）"},
    ),
    "clause_id": (
        ("--clause",),
        {"dest": "clause_id", "metavar": "条款", "default": None, "help": "只附这一条的原文"},
    ),
    "source": (("--source",), {"metavar": "来源", "default": None, "help": "原文的来源，如网址"}),
    "skip_bad": (("--skip-bad",), {"action": "store_true", "help": "有错的行跳过，其余照算"}),
    "repeats": (("--repeats",), {"action": "store_true", "help": "同一企业可以有多行"}),
    "dialect": (("--dialect",), {"choices": ("duckdb", "spark"), "default": "duckdb"}),
}
_Run = Callable[[argparse.Namespace], int]
_COMMANDS: tuple[tuple[str, tuple[str, ...], _Run, str], ...] = (
    ("list", ("json",), _list, "列出政策包"),
    ("show", ("place", "clause"), _show, "查看一个政策包或其中一条"),
    ("facts", ("place", "json", "as_of"), _facts, "列出测算要用的事实"),
    ("check", ("path",), _check, "检查一个政策包，指出每一处错误"),
    ("test", ("path", "as_of"), _test, "运行政策包的用例"),
    ("decide", ("place", "facts", "json", "reading", "as_of"), _decide, "测算一家企业"),
    (
        "batch",
        ("place", "input", "output", "reading", "as_of", "skip_bad", "repeats"),
        _batch,
        "批量测算一张表",
    ),
    ("template", ("place", "output"), _template, "生成批量测算的 Excel 模板"),
    (
        "attach",
        ("place", "input", "clause_id", "source"),
        _attach,
        "附上政策原文（文字文件），在页面上与规则并排显示",
    ),
    ("replay", ("decision",), _replay, "重放一份测算结果"),
    ("sql", ("place", "reading", "as_of", "dialect"), _sql, "打印同一套规则的 SQL"),
    ("schema", ("name",), _schema, "打印政策包文件的 JSON Schema"),
)
