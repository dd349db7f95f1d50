"""The formulas, one form at a time: value, unknown, and the mistake that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuzhuan.engine.policy.errors import PackError
from tests.engine.kit import amount_pack, one_clause, result

VALUES: list[tuple[str, dict[str, object], int | None]] = [
    # formula, facts, fen (None: no amount)
    ("t.spend * 50%", {"t.spend": "100"}, 5_000),
    ("t.spend * 50%", {}, None),
    ("t.spend * 33.33%", {"t.spend": "0.01"}, 0),  # 0.003333 元: rounded down once
    ("t.spend * 50% + t.spend * 50%", {"t.spend": "0.01"}, 1),  # halves of a fen add up first
    ("t.spend * 1 / 3 * 3", {"t.spend": "0.01"}, 1),
    ("t.spend / 3", {"t.spend": "1"}, 33),
    ("t.count * 10万元", {"t.count": 3}, 30_000_000),
    ("1.5亿元 - 0.01元", {}, 14_999_999_999),
    ("max(t.spend - t.other, 0元)", {"t.spend": "1", "t.other": "2"}, 0),
    ("min(t.spend, t.other, 5元)", {"t.spend": "7", "t.other": "6"}, 500),
    ("min(t.spend, 5元)", {}, None),  # the trap: the cap is not paid on an unknown
    ("max(t.spend, 5元)", {}, None),
    ("if(t.yes, 1元, 2元)", {"t.yes": True}, 100),
    ("if(t.yes, 1元, 2元)", {"t.yes": False}, 200),
    ("if(t.yes, 1元, 2元)", {}, None),
    ("case(t.spend > 10元 -> 3元, t.spend > 5元 -> 2元, else -> 1元)", {"t.spend": "10"}, 200),
    ("case(t.spend > 10元 -> 3元, t.spend > 5元 -> 2元, else -> 1元)", {"t.spend": "5"}, 100),
    ("case(t.yes -> t.other, else -> 1元)", {"t.yes": False}, 100),  # a branch not taken may be unknown
    ("by(t.level, 2 -> 2元, 3 -> 3元, else -> 0元)", {"t.level": 3}, 300),
    ("by(t.level, 2 -> 2元, 3 -> 3元, else -> 0元)", {"t.level": 4}, 0),
    ("by(t.kind, 'none' -> 0元, 'a' -> 1元, 'b' -> 2元)", {"t.kind": "b"}, 200),
    ("t.spend * t.rate", {"t.spend": "10000", "t.rate": "3.31%"}, 33_100),
    ("t.spend * t.rate * t.count / 12", {"t.spend": "12000", "t.rate": "5%", "t.count": 6}, 30_000),
    ("sum(t.lines, amount)", {"t.lines": []}, 0),
    ("sum(t.lines, amount)", {}, None),
    ("sum(t.lines, amount where kind == 'soft')",
     {"t.lines": [{"amount": "1", "kind": "soft"}, {"amount": "2", "kind": "hard"}]}, 100),
    ("sum(t.lines, amount where kind == 'soft')", {"t.lines": [{"amount": "1"}]}, None),
    ("sum(t.lines, amount where paid_on >= 2025-01-01 and paid_on <= 2025-12-31)",
     {"t.lines": [{"amount": "1", "paid_on": "2025-12-31"}, {"amount": "2", "paid_on": "2026-01-01"}]}, 100),
    ("count(t.lines where amount >= 2元) * 1元", {"t.lines": [{"amount": "2"}, {"amount": "1.99"}]}, 100),
    ("if(add_months(t.day, 12) <= today, 1元, 0元)", {"t.day": "2025-01-01"}, 100),
    ("if(add_months(t.day, 12) <= today, 1元, 0元)", {"t.day": "2025-01-02"}, 0),
    ("if(add_months(t.day, 1) == 2024-02-29, 1元, 0元)", {"t.day": "2024-01-31"}, 100),
    ("if(add_days(t.day, 30) == 2025-01-31, 1元, 0元)", {"t.day": "2025-01-01"}, 100),
    ("days_between(t.day, today) * 1元", {"t.day": "2025-12-31"}, 100),
    ("if(year(t.day) == 2025, 1元, 0元)", {"t.day": "2025-12-31"}, 100),
    ("if(t.moment <= 2025-05-31T17:00, 1元, 0元)", {"t.moment": "2025-05-31T17:00:01"}, 0),
    ("if(t.kind in ['a', 'b'], 1元, 0元)", {"t.kind": "a"}, 100),
    ("if(t.level in [2, 3], 1元, 0元)", {"t.level": 4}, 0),
    ("if(t.yes and t.no, 1元, 0元)", {"t.no": False}, 0),  # false decides although the rest is unknown
    ("if(t.yes or t.no, 1元, 0元)", {"t.no": True}, 100),
    ("if(not t.yes, 1元, 0元)", {"t.yes": False}, 100),
    ("if(t.yes and t.no or t.level >= 2, 1元, 0元)", {"t.yes": True, "t.no": False, "t.level": 2}, 100),
    ("-1 * 5元 + 6元", {}, 100),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "facts", "fen"), VALUES, ids=[f"{v[0]}|{v[1]}" for v in VALUES]
)
def test_value(tmp_path: Path, formula: str, facts: dict[str, object], fen: int | None) -> None:
    if "days_between" in formula:  # the range of dates allows a negative number of days
        formula = f"max({formula}, 0元)"
    found = result(amount_pack(tmp_path / "p", formula), facts)
    assert found.amount_fen == fen
    assert found.status == ("资料不足" if fen is None else "适用")


MISTAKES: list[tuple[str, str]] = [
    # formula, a fragment of the message or hint
    ("t.spend + t.count", "不能相加"),
    ("t.people + t.count", "不能相加"),
    ("t.spend * t.other", "金额乘金额"),
    ("t.people * t.count * 1元", "没有意义"),
    ("t.spend - 3", "不能相减"),
    ("t.count", "这里要金额"),
    ("t.spend - t.other", "可能是负数"),
    ("t.spend / t.count", "除数只能是"),
    ("t.spend / 0", "除数只能是"),
    ("if(t.spend > 3, 1元, 0元)", "不能比较"),
    ("if(t.spend, 1元, 0元)", "要一个条件"),
    ("if(t.yes == true, 1元, 0元)", "不用比较"),
    ("if(t.kind == 'c', 1元, 0元)", "没有 'c' 这个选项"),
    ("if(t.kind > 'a', 1元, 0元)", "没有大小"),
    ("if(t.kind == a, 1元, 0元)", "没有 a"),
    ("case(t.yes -> 1元)", "没有写 else"),
    ("by(t.level, 2 -> 1元)", "表没有写"),
    ("by(t.level, 2 -> 1元, 2 -> 2元, else -> 0元)", "重复"),
    ("by(t.level, 9 -> 1元, else -> 0元)", "永远用不到"),
    ("by(t.spend, 1元 -> 1元, else -> 0元)", "不能按金额查表"),
    ("sum(t.spend, amount)", "不是明细"),
    ("sum(t.lines, kind)", "不能相加"),
    ("sum(t.lines, amounts)", "是否想写 amount"),
    ("t.lines * 2", "不能直接用"),
    ("t.spendd * 50%", "是否想写 t.spend"),
    ("reading(x, a -> 1元, b -> 2元)", "口径的 id"),
    ("t.spend = 5元", "等号"),
    ("t.spend × 50%", "乘号"),
    ("t.spend * 50％", "不认识的符号"),
    ("t.spend * 0.5", "看不懂的数字"),
    ("t.spend * 50% cap", "多出来的 cap"),
    ("(t.spend", "没有合上"),
    ("min(t.spend)", "要 2 到 20 个参数"),
    ("round(t.spend)", "没有 round 这个函数"),
    ("1 < t.count < 3", "连写"),
    ("t.spend *", "没有写完"),
    ("0.001元", "不是整数分"),
    ("if(t.day >= 2025-02-30, 1元, 0元)", "不是有效的日期"),
    ("if(t.day + 30 > today, 1元, 0元)", "add_days"),
    ("t.spend * 123456789012% * 123456789%", "64 位"),
    ("if(t.day > t.moment, 1元, 0元)", "不能比较"),
    ("'a'", "没有意义"),
]


@pytest.mark.parametrize(("formula", "fragment"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_mistake_is_named_with_its_place(tmp_path: Path, formula: str, fragment: str) -> None:
    with pytest.raises(PackError) as caught:
        amount_pack(tmp_path / "p", formula)
    (problem,) = caught.value.problems
    assert fragment in f"{problem.message}。{problem.hint}"
    assert problem.position.file == "clauses.yaml"
    assert problem.position.line > 1


def test_a_formula_is_bounded_by_the_facts_range(tmp_path: Path) -> None:
    """The same product is refused or accepted by the declared range alone."""
    formula = "t.spend * t.rate * t.rate * t.rate * t.rate * t.rate"
    with pytest.raises(PackError, match="64 位"):
        amount_pack(tmp_path / "p", formula)


def test_dated_parameter_by_day_of_calculation(tmp_path: Path) -> None:
    from datetime import date

    from shuzhuan.engine.policy.bind import BindError

    body = """
    params:
      - name: rate
        label: 补助比例
        dated:
          - {from: 2024-01-01, known: 2023-12-01, value: 50%}
          - {from: 2025-01-01, known: 2025-03-01, value: 40%}
    amount: t.spend * rate
    """
    pack = one_clause(tmp_path / "p", body)
    facts: dict[str, object] = {"t.spend": "100"}
    assert result(pack, facts, date(2024, 12, 31)).amount_fen == 5_000
    assert result(pack, facts, date(2025, 3, 1)).amount_fen == 4_000
    # In February 2025 nobody knew of the new value yet.
    known_then = pack.bind(date(2025, 2, 1), known_on=date(2025, 2, 1)).decide(facts)
    assert known_then.result("1").amount_fen == 5_000
    with pytest.raises(BindError, match="太早"):
        pack.bind(date(2023, 12, 31))


def test_dated_parameter_by_a_date_of_the_case(tmp_path: Path) -> None:
    body = """
    params:
      - name: rate
        label: 补助比例
        on: t.day
        dated:
          - {from: 2024-01-01, value: 50%}
          - {from: 2025-01-01, value: 40%}
    amount: t.spend * rate
    """
    pack = one_clause(tmp_path / "p", body)
    assert result(pack, {"t.spend": "100", "t.day": "2024-12-31"}).amount_fen == 5_000
    assert result(pack, {"t.spend": "100", "t.day": "2025-01-01"}).amount_fen == 4_000
    early = result(pack, {"t.spend": "100", "t.day": "2023-12-31"})
    assert early.status == "不适用"
    assert [c.id for c in early.conditions if c.state is False] == ["rate_from"]
    unknown = result(pack, {"t.spend": "100"})
    assert unknown.status == "资料不足"
    assert [f.key for f in unknown.missing] == ["t.day"]


def test_reading_changes_the_sum_and_is_told(tmp_path: Path) -> None:
    readings = """
    readings:
      - id: base
        clause: "1"
        cite: 一
        question: 按哪个投入算？
        default: own
        options:
          - {id: own, label: 自有投入, why: 甲}
          - {id: all, label: 全部投入, why: 乙}
    """
    body = "amount: reading(base, own -> t.spend, all -> t.spend + t.other)\n"
    pack = one_clause(tmp_path / "p", body, readings)
    facts: dict[str, object] = {"t.spend": "1", "t.other": "2"}
    assert result(pack, facts).amount_fen == 100
    other = result(pack, facts, base="all")
    assert other.amount_fen == 300
    assert other.readings == (("base", "all", "全部投入"),)
