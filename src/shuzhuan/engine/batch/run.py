"""批量测算: one file of enterprises in, one file of decisions out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shuzhuan.engine.policy.program import Program

from .decide import ClauseSummary, Decisions
from .errors import BatchError
from .load import HEADER_ROW, Cases, Problem, load
from .marked import marked_path, row_number, write_marked
from .write import SHEET_ROWS, Notes, all_or_nothing, open_writer, totals_path

Progress = Callable[[str, int, int], None]
DONE, PARTLY, REFUSED = 0, 1, 3


@dataclass(frozen=True)
class Report:
    """What became of a file. ``target`` None: nothing was decided; ``marked``: copy with errors."""

    rows: int
    decided: int
    problems: tuple[Problem, ...]
    told: tuple[str, ...]
    target: Path | None
    marked: Path | None
    summaries: tuple[ClauseSummary, ...]

    @property
    def exit_code(self) -> int:
        """0 all rows decided; 1 bad rows left out; 3 nothing decided."""
        if not self.problems:
            return DONE
        return REFUSED if self.target is None else PARTLY

    def lines(self, most: int = 20) -> list[str]:
        """What happened, in Chinese; at most so many of the problems."""
        lines = list(self.told[:most])
        if len(self.told) > most:
            lines.append(f"……还有 {len(self.told) - most} 处，见错误标注。")
        if self.target is None:
            lines.append(f"共 {len(self.problems)} 处错误，没有测算。改正后再运行。")
        else:
            left = self.rows - self.decided
            lines.append(
                f"共 {self.rows} 行，测算了 {self.decided} 行"
                + (f"，有错误的 {left} 行没有测算。" if left else "。")
            )
            lines.append(f"结果：{self.target}")
        if self.marked is not None:
            lines.append(f"错误标注：{self.marked}")
            if self.rows >= SHEET_ROWS:
                lines.append(f"表超过 {SHEET_ROWS:,} 行，标注里只有前面的行；“错误”清单是全的。")
        return lines


def run(
    program: Program,
    source: Path,
    target: Path,
    progress: Progress | None = None,
    *,
    skip_bad: bool = False,
    repeats: bool = False,
) -> Report:
    """Decide every row of ``source`` and write ``target`` (.xlsx, .csv or .parquet).

    With a single bad cell nothing is decided and a marked copy of the input is written
    beside ``target``; with ``skip_bad`` the other rows are decided all the same.
    ``repeats``: an enterprise may have several rows. ``progress(stage, done, total)``
    may raise to stop; nothing is then left behind. Raises BatchError for what concerns
    the whole file, OSError when the disk does not take it.
    """
    step = progress or _quiet
    _writable(source, target)
    cases = load(program, source, repeats=repeats, step=step)
    bad = {problem.row for problem in cases.problems}
    marked = marked_path(target)
    if bad and (not skip_bad or HEADER_ROW in bad or len(bad) == cases.table.height):
        step("标注错误", 0, 1)
        with all_or_nothing(marked) as (path,):
            write_marked(path, cases)
        return _report(cases, 0, None, marked, ())
    rows = [row for row in range(cases.table.height) if row not in bad]
    decisions = Decisions(program, cases.frame)
    summaries = decisions.summaries(rows)
    targets = [target, totals_path(target)] + ([marked] if bad else [])
    with all_or_nothing(*targets) as paths:
        writer = open_writer(paths[0], len(rows) * len(program.computed), len(rows))
        done = 0
        step("测算", 0, len(rows))
        for lines, totals in decisions.blocks(rows, cases.table.numbers, cases.names, cases.codes):
            writer.add(lines, totals)
            done += len(totals)
            step("测算", done, len(rows))
        step("写出", 0, 1)
        writer.finish(summaries, _notes(program, cases, len(rows)))
        if bad:
            write_marked(paths[-1], cases)
        step("写出", 1, 1)
    return _report(cases, len(rows), target, marked if bad else None, summaries)


def _quiet(stage: str, done: int, total: int) -> None:
    pass


def _writable(source: Path, target: Path) -> None:
    if target.suffix.lower() not in (".xlsx", ".csv", ".parquet"):
        raise BatchError(f"不会写 {target.name} 的格式，可以用 .xlsx、.csv、.parquet")
    if not target.parent.is_dir():
        raise BatchError(f"没有 {target.parent} 这个文件夹")
    if source.resolve() in (target.resolve(), marked_path(target).resolve()):
        raise BatchError("结果不能写回原来的文件，请换一个名字")


def _report(
    cases: Cases,
    decided: int,
    target: Path | None,
    marked: Path | None,
    summaries: Sequence[ClauseSummary],
) -> Report:
    told = tuple(f"第 {row_number(cases, p)} 行“{p.header}”：{p.message}" for p in cases.problems)
    return Report(
        cases.table.height, decided, tuple(cases.problems), told, target, marked, tuple(summaries)
    )


def _notes(program: Program, cases: Cases, decided: int) -> Notes:
    table = cases.table
    given = {field.fact.key for field in cases.match.fields}
    used = [f"{f.header} → {f.fact.label}（{f.fact.key}）" for f in cases.match.fields]
    absent = [fact.label for fact in program.facts if fact.key not in given]
    readings = [
        f"{reading}：{program.option_labels.get((reading, option), option)}"
        for reading, option in sorted(program.chosen.items())
    ]
    rows: list[tuple[str, str]] = [
        ("政策包", f"{program.pack_id} {program.pack_version}"),
        ("摘要", program.pack_digest),
        ("测算日期", program.as_of.isoformat()),
        ("已知日期", program.known_on.isoformat()),
        ("口径", "；".join(readings) or "没有可选的口径"),
        ("输入", f"{table.path.name}，工作表“{table.sheet}”，{table.height} 行"),
        (
            "测算",
            f"{decided} 行"
            + (
                f"，另有 {table.height - decided} 行有错误，没有测算"
                if decided < table.height
                else ""
            ),
        ),
        ("空行", f"{table.blank_rows} 行是空的，略过" if table.blank_rows else "没有"),
        ("用到的列", "；".join(used)),
        ("表中没有的事实", "、".join(absent) + "（一律按未知处理）" if absent else "没有"),
        ("金额（元）", "适用的条款；性质为“不超过”“酌情核定”的是上限，不是承诺"),
        ("若资料补齐（元）", "资料不足的条款，在未定的条件都成立时的金额；没有数字的还算不出来"),
        ("企业合计", "按文件的叠加规则计算，不等于各条金额相加；只计给申报人的条款"),
    ]
    rows += [("提示", notice) for notice in program.notices]
    return rows
