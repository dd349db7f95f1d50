"""Packs, clauses and facts as text for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shuzhuan.engine.policy.facts import FactDef
from shuzhuan.engine.policy.pack import Pack
from shuzhuan.site.terminal import table, wrap

KINDS = {
    "subsidy": "补助",
    "bonus": "奖励",
    "innovation": "科技创新",
    "loan": "贷款",
    "service": "服务支出",
    "estimate": "估算",
    "text": "无金额",
}
CERTAINTY = {"exact": "按标准给予", "at_most": "不超过", "discretion": "原则上，由主管部门核定"}


def pack_lines(pack: Pack) -> list[str]:
    """The document and its clauses."""
    document = pack.source.pack.document
    lines = wrap(f"《{document.title}》")
    lines.append(
        f"发文机关：{document.issuer}　状态：{document.status}　文号：{document.number or '未写明'}"
    )
    until = f"至 {document.valid_to}" if document.valid_to else "未写明"
    lines.extend(wrap(f"有效期：{document.validity_note or until}"))
    lines.append("")
    rows = [(c.id, KINDS[c.kind], c.cite, c.title) for c in pack.source.clauses]
    lines.extend(table(("条款", "类别", "出处", "标题"), rows))
    for reading in pack.source.pack.readings:
        lines.append("")
        lines.extend(wrap(f"口径 {reading.id}（{reading.cite}）：{reading.question}", "  "))
        for option in reading.options:
            mark = "●" if option.id == reading.default else "○"
            lines.extend(wrap(f"  {mark} {option.id} {option.label}：{option.why}", "      "))
    return lines


def clause_lines(pack: Pack, model: Any) -> list[str]:
    """One clause: what it says and how it is computed."""
    lines = [f"{model.number or model.id} {model.title}", f"出处：{pack.name} {model.cite}"]
    lines += [f"类别：{KINDS[model.kind]}　责任部门：{model.bureau or '未写明'}"]
    lines += wrap(f"要点：{model.summary}", "      ")
    for condition in (*model.when, *model.checks):
        lines += wrap(f"条件 {condition.id}：{condition.test}", "      ")
    for group in model.requires:
        lines.append(f"还须满足条件组：{group}")
    for param in model.params:
        value = param.value or "；".join(f"{d.from_} 起 {d.value}" for d in param.dated or ())
        lines += wrap(f"参数 {param.name}（{param.label}）：{value}", "      ")
    for step in model.let:
        lines += wrap(f"步骤 {step.name}（{step.label}）：{step.value}", "      ")
    if model.amount:
        lines += wrap(
            f"金额：{model.amount}　（{CERTAINTY[model.certainty or 'exact']}）", "      "
        )
    if model.shares:
        parts = "、".join(f"{p.name}{p.weight}份" for p in model.shares.parts)
        lines.append(f"分担：{parts}")
    for note in model.notes:
        lines += wrap(f"说明：{note}", "      ")
    if model.unverified:
        lines += wrap(f"待核对官方原文：{model.unverified}", "      ")
    return lines


def fact_lines(facts: Sequence[FactDef]) -> list[str]:
    """The facts that the pack asks for."""
    return table(("事实", "写法", "名称"), [(f.key, fact_form(f), f.label) for f in facts])


def fact_form(fact: FactDef) -> str:
    """How a value is written."""
    match fact.kind:
        case "enum":
            return "/".join(fact.codes)
        case "int":
            return f"{fact.lo}–{fact.hi}{fact.unit}"
        case "money":
            return '元，如 "800000"'
        case "ratio":
            return '如 "3.3%"'
        case "date":
            return '如 "2025-05-20"'
        case "datetime":
            return '如 "2025-05-20T17:00:00"'
        case "list":
            return "明细列表"
    return "true/false"


def fact_json(fact: FactDef) -> dict[str, Any]:
    """The stable JSON form of a declared fact."""
    found: dict[str, Any] = {
        "key": fact.key,
        "label": fact.label,
        "ask": fact.ask,
        "type": fact.kind,
    }
    if fact.kind == "int":
        found |= {"unit": fact.unit, "min": fact.lo, "max": fact.hi}
    if fact.kind == "enum":
        found["values"] = dict(zip(fact.codes, fact.names.values(), strict=True))
    if fact.kind == "list":
        found["fields"] = [fact_json(f) for f in fact.fields]
    return found
