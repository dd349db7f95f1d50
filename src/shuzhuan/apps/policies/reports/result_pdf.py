"""The result of 算一算 as one A4 document, set by typst with the bundled Chinese fonts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from shuzhuan.apps.policies.case import Case
from shuzhuan.apps.policies.queries.result import ClauseView, ResultView
from shuzhuan.engine.money import format_cn, format_yuan

TEMPLATE = Path(__file__).with_name("result.typ")
FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
_MARKS = {True: "yes", False: "no", None: "open"}


def result_pdf(case: Case, view: ResultView, link: str) -> bytes:
    """Set the result. The template takes plain data and computes nothing."""
    content: bytes = typst.compile(
        str(TEMPLATE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_data(case, view, link), ensure_ascii=False)},
    )
    return content


def _data(case: Case, view: ResultView, link: str) -> dict[str, Any]:
    document = case.pack.source.pack.document
    return {
        "place": case.pack.name,
        "title": document.title,
        "number": document.number or "",
        "issuer": document.issuer,
        "as_of": f"{case.as_of.year}年{case.as_of.month}月{case.as_of.day}日",
        "version": case.pack.version,
        "digest": case.pack.digest[:16],
        "link": link,
        "notices": list(view.notices),
        "qualifier": view.qualifier,
        "note": view.note,
        "total": _amount(view.total_fen),
        "total_cn": view.total_cn,
        "more": view.more_cn,
        "answers": [[a.fact.label, a.text] for a in view.answers],
        "applicable": [_clause(c) for c in view.applicable],
        "undetermined": [_clause(c) for c in view.undetermined],
        "not_applicable": [
            [c.result.clause.number, c.result.clause.title, "；".join(r.text for r in c.reasons)]
            for c in view.not_applicable
        ],
        "stacking": [note.text for note in view.stacking],
        "readings": [[r.question, r.chosen.label, r.cite] for r in view.readings],
    }


def _amount(fen: int | None) -> str:
    return "" if fen is None else format_yuan(fen)


def _clause(view: ClauseView) -> dict[str, Any]:
    clause = view.result.clause
    return {
        "number": clause.number,
        "title": clause.title,
        "cite": clause.cite,
        "qualifier": view.qualifier,
        "amount": _amount(view.amount_fen) if view.has_amount else "",
        "amount_cn": "" if view.amount_fen is None else format_cn(view.amount_fen),
        "counted": view.counted,
        "dropped": view.kind == "applicable" and not view.paid,
        "payee": view.payee,
        "steps": list(view.result.steps),
        "conditions": [[_MARKS[c.state], c.text, c.cite] for c in view.conditions],
        "checks": [[_MARKS[c.state], c.text, c.cite] for c in view.checks],
        "shares": [[s.name, _amount(s.fen)] for s in view.shares],
        "instalments": [[i.name, _amount(i.amount_fen)] for i in view.result.instalments],
        "missing": [fact.label for fact in view.missing],
        "readings": [[r.question, r.chosen.label] for r in view.readings],
        "notes": list(view.notes),
        "evidence": list(view.model.evidence),
        "quota": view.quota,
    }
