"""The one builder of charts: same drawing for page, PDF and Word."""

import json
from typing import Any

import pytest

from shuzhuan.engine import charts
from shuzhuan.site import samples
from shuzhuan.site.templatetags.shell import wan, yuan

ALL = sorted(samples.context({})["charts"].items())


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in strings(item)]
    return []


@pytest.mark.parametrize(("name", "chart"), ALL, ids=[name for name, _ in ALL])
def test_chart_is_plain_data_with_words_and_a_table(name: str, chart: charts.Chart) -> None:
    json.dumps(chart.option)
    assert chart.summary.startswith(chart.title)
    assert chart.rows
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    roles = {text for text in strings(chart.option) if text.startswith("$")}
    assert roles <= set(charts.PAPER), roles
    assert not [text for text in strings(charts.resolved(chart.option)) if text.startswith("$")]


def test_shares_say_the_whole_sum() -> None:
    chart = charts.shares("x", "分担", "元", [("中央", 180000), ("市", 60000), ("县", 60000)])
    assert chart.rows == (
        ("中央", "180,000", "60.0%"),
        ("市", "60,000", "20.0%"),
        ("县", "60,000", "20.0%"),
    )
    assert "合计300,000元" in chart.summary


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (30_000_000, "300,000.00"),
        (1, "0.01"),
        (None, "—"),
        (0, "0.00"),
        (10**15, "10,000,000,000,000.00"),
    ],
)
def test_amounts_are_shown_exactly(fen: int | None, text: str) -> None:
    assert yuan(fen) == text


def test_wan() -> None:
    assert wan(30_000_000) == "30.00"
    assert wan(None) == "—"
