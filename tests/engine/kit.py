"""A one-clause pack in a temporary folder: what the language tests are written with."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path

from shuzhuan.engine.policy.decision import ClauseResult, Decision
from shuzhuan.engine.policy.pack import Pack, load_pack

AS_OF = date(2026, 1, 1)

PACK = """
schema: shuzhuan.pack/1
id: {id}
version: 1.0.0
place: {{name: 试验县, level: county, code: "999999"}}
document: {{title: 试验措施（虚构）, issuer: 试验局, status: 有效}}
"""

FACTS = """
facts:
  - {key: t.yes, label: 试点企业, ask: 是吗？, type: bool, source: officer, yes: 属于试点企业, no: 不属于试点企业}
  - {key: t.no, label: 第二个条件, ask: 是吗？, type: bool, source: officer}
  - {key: t.spend, label: 投入, ask: 多少？, type: money, source: project, max: 10亿元}
  - {key: t.other, label: 其他投入, ask: 多少？, type: money, source: project, max: 10亿元}
  - {key: t.level, label: 等级, ask: 几级？, type: int, unit: 级, min: 0, max: 4, source: project,
     names: {0: 无等级, 1: 一级, 2: 二级, 3: 三级, 4: 四级}}
  - {key: t.count, label: 个数, ask: 几个？, type: int, unit: 个, min: 0, max: 100, source: project}
  - {key: t.people, label: 人数, ask: 几人？, type: int, unit: 人, min: 0, max: 1000, source: project}
  - {key: t.rate, label: 利率, ask: 多少？, type: ratio, min: 0%, max: 30%, source: project}
  - {key: t.day, label: 日期, ask: 哪天？, type: date, source: project}
  - {key: t.moment, label: 时间, ask: 何时？, type: datetime, source: project}
  - {key: t.kind, label: 类别, ask: 哪类？, type: enum, source: project, values: {none: 无, a: 甲类, b: 乙类}}
  - key: t.lines
    label: 发票
    ask: 有哪些？
    type: list
    source: project
    fields:
      - {key: amount, label: 金额, ask: 多少？, type: money, max: 1亿元}
      - {key: paid_on, label: 付款日期, ask: 哪天？, type: date}
      - {key: kind, label: 类别, ask: 哪类？, type: enum, values: {soft: 软件, hard: 硬件}}
"""


def write_pack(
    root: Path, clauses: str, pack: str = "", facts: str = FACTS, cases: str = "cases: []"
) -> Path:
    """Write a pack named after its folder; ``clauses`` is the text below ``clauses:``."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "pack.yaml").write_text(PACK.format(id=root.name) + textwrap.dedent(pack), "utf-8")
    (root / "facts.yaml").write_text(facts, "utf-8")
    (root / "clauses.yaml").write_text(
        "clauses:\n" + textwrap.indent(textwrap.dedent(clauses), "  "), "utf-8"
    )
    (root / "cases.yaml").write_text(cases, "utf-8")
    return root


def one_clause(root: Path, body: str, pack: str = "", facts: str = FACTS) -> Pack:
    """A pack with the single clause ``1``; ``body`` are its keys after title and summary."""
    head = "- id: '1'\n  number: （一）\n  cite: 一（一）\n  title: 试验条款\n  summary: 试验\n"
    kind = "" if "kind:" in body else "  kind: subsidy\n  payee: enterprise\n  certainty: at_most\n"
    return load_pack(
        write_pack(root, head + kind + textwrap.indent(textwrap.dedent(body), "  "), pack, facts)
    )


def amount_pack(root: Path, formula: str) -> Pack:
    """A pack whose single clause pays ``formula`` without conditions."""
    return one_clause(
        root, f"amount: {formula!r}\n" if '"' in formula else f'amount: "{formula}"\n'
    )


def decide(pack: Pack, facts: dict[str, object], as_of: date = AS_OF, **readings: str) -> Decision:
    return pack.bind(as_of, readings=readings).decide(facts)


def result(
    pack: Pack, facts: dict[str, object], as_of: date = AS_OF, **readings: str
) -> ClauseResult:
    return decide(pack, facts, as_of, **readings).result("1")
