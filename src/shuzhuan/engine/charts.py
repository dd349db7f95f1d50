"""Charts: one builder of ECharts options for the page, the PDF and the Word report.

An option names colours by role (`$accent`); the browser fills in the colours of the light or
dark page, `resolved` those of the printed one. Every number that a reader needs stands beside
its mark, so there are no legends to match and few axes to read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Option = dict[str, Any]

FONT = (
    "'PingFang SC','HarmonyOS Sans SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',"
    "sans-serif"
)
# The colours of paper, by role; the page has the same names as custom properties (--z-…).
PAPER: Mapping[str, str] = {
    "$ink": "#14202a",
    "$muted": "#56626b",
    "$rule": "#d5d8d6",
    "$sunk": "#f2f1ec",
    "$paper": "#ffffff",
    "$accent": "#14506b",
    "$series1": "#14506b",
    "$onseries1": "#ffffff",
    "$series2": "#5b93ab",
    "$series3": "#a9c6d2",
    "$series4": "#8b8f92",
}
SERIES = ("$series1", "$series2", "$series3", "$series4")
ROW_PX = 38
PAIR_PX = 56
PART_LABEL_SHARE_MIN = 0.09
RADAR_AXES_FEW = 8


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, the sentence that says the same, and the table behind it."""

    key: str
    title: str
    summary: str
    unit: str
    option: Option
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    height_px: int
    source: str = ""

    @property
    def script_id(self) -> str:
        return f"chart-{self.key}-option"


def resolved(option: Any, palette: Mapping[str, str] = PAPER) -> Any:
    """Replace the roles by colours, for drawings outside a page."""
    if isinstance(option, str):
        return palette.get(option, option)
    if isinstance(option, Mapping):
        return {key: resolved(value, palette) for key, value in option.items()}
    if isinstance(option, list | tuple):
        return [resolved(value, palette) for value in option]
    return option


def _base() -> Option:
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "textStyle": {"fontFamily": FONT, "color": "$ink", "fontSize": 13},
        "aria": {"enabled": False},  # the figure has its own words
    }


def _label(colour: str = "$ink", **more: Any) -> Option:
    return {"show": True, "color": colour, "fontSize": 13, "fontFamily": FONT, **more}


def _shown(value: float) -> str:
    """At most three decimals: thousandths of a point are exact, fen in 元 too."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}".rstrip("0")


def _alike(values: Sequence[float]) -> Callable[[float], str]:
    """How to show figures that stand under each other: as many decimals for all as one needs."""
    places = max((len(_shown(value).partition(".")[2]) for value in values), default=0)
    return lambda value: f"{value:,.{places}f}"


def _hidden_axis(**more: Any) -> Option:
    return {"type": "value", "show": False, **more}


_AXIS_LABEL: Option = {"color": "$ink", "fontSize": 13, "fontFamily": FONT, "margin": 10}


def _category_axis(names: Sequence[str], **more: Any) -> Option:
    return {
        "type": "category",
        "data": list(names),
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": "$ink", "width": 1}},
        "axisLabel": _AXIS_LABEL,
        **more,
    }


def bars(
    key: str,
    title: str,
    unit: str,
    values: Sequence[tuple[str, float]],
    *,
    emphasis: str = "",
    source: str = "",
) -> Chart:
    """Compare amounts by name: bars from the largest down, each with its figure."""
    ordered = sorted(values, key=lambda pair: -pair[1])
    shown = _alike([value for _, value in values])
    data = [
        {
            "value": value,
            "itemStyle": {"color": "$series1" if emphasis in ("", name) else "$series3"},
            "label": {"formatter": shown(value)},
        }
        for name, value in ordered
    ]
    option = _base() | {
        "grid": {"left": 4, "right": 76, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": _hidden_axis(min=0),
        "yAxis": _category_axis([name for name, _ in ordered], inverse=True),
        "series": [
            {
                "type": "bar",
                "data": data,
                "barWidth": 18,
                "silent": True,
                "label": _label(position="right", distance=8),
            }
        ],
    }
    first, last = ordered[0], ordered[-1]
    return Chart(
        key=key,
        title=title,
        unit=unit,
        summary=(
            f"{title}：{first[0]}最高，{shown(first[1])}{unit}；"
            f"{last[0]}最低，{shown(last[1])}{unit}。"
        ),
        option=option,
        columns=("名称", unit),
        rows=tuple((name, shown(value)) for name, value in ordered),
        height_px=ROW_PX * len(ordered) + 16,
        source=source,
    )


def fills(
    key: str,
    title: str,
    unit: str,
    values: Sequence[tuple[str, float, float]],
    *,
    columns: tuple[str, str, str] = ("名称", "现有", "满分"),
    source: str = "",
) -> Chart:
    """How much of what is wanted is there: each bar in its own full track, in the given order.

    ``values``: (name, found, wanted). More than wanted fills the track and no more.
    """
    texts = [f"{_shown(found)} / {_shown(wanted)}" for _, found, wanted in values]
    data = [
        {
            "value": round(100 * min(found / wanted, 1.0), 3) if wanted else 100.0,
            "itemStyle": {"color": "$series1" if found >= wanted else "$series2"},
        }
        for _, found, wanted in values
    ]
    beside = _category_axis(texts, inverse=True, position="right", axisLine={"show": False})
    option = _base() | {
        "grid": {"left": 4, "right": 4, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": _hidden_axis(min=0, max=100),
        "yAxis": [_category_axis([name for name, _, _ in values], inverse=True), beside],
        "series": [
            {
                "type": "bar",
                "data": data,
                "barWidth": 18,
                "silent": True,
                "showBackground": True,
                "backgroundStyle": {"color": "$sunk"},
            }
        ],
    }
    said = "；".join(f"{name}{text}" for (name, _, _), text in zip(values, texts, strict=True))
    return Chart(
        key=key,
        title=title,
        unit=unit,
        summary=f"{title}：{said}。",
        option=option,
        columns=columns,
        rows=tuple((name, _shown(found), _shown(wanted)) for name, found, wanted in values),
        height_px=ROW_PX * len(values) + 16,
        source=source,
    )


def pairs(
    key: str,
    title: str,
    unit: str,
    names: tuple[str, str],
    values: Sequence[tuple[str, float, float]],
    *,
    source: str = "",
) -> Chart:
    """Two amounts by name, as before and after: the second bar dark, the first pale above it.

    ``names``: what the two are called; ``values``: (name, first, second) in the given order.
    """
    option = _base() | {
        "grid": {"left": 4, "right": 120, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": _hidden_axis(min=0),
        "yAxis": _category_axis([name for name, _, _ in values], inverse=True),
        "series": [
            {
                "type": "bar",
                "name": name,
                "data": [
                    {"value": found[at], "label": {"formatter": f"{name} {_shown(found[at])}"}}
                    for _, *found in values
                ],
                "barWidth": 14,
                "barGap": "20%",
                "silent": True,
                "itemStyle": {"color": ("$series3", "$series1")[at]},
                "label": _label(("$muted", "$ink")[at], position="right", distance=8, fontSize=12),
            }
            for at, name in enumerate(names)
        ],
    }
    said = "；".join(
        f"{name}{names[0]}{_shown(one)}、{names[1]}{_shown(two)}" for name, one, two in values
    )
    return Chart(
        key=key,
        title=title,
        unit=unit,
        summary=f"{title}：{said}。",
        option=option,
        columns=("名称", *(f"{name}（{unit}）" for name in names)),
        rows=tuple((name, _shown(one), _shown(two)) for name, one, two in values),
        height_px=PAIR_PX * len(values) + 16,
        source=source,
    )


def shares(
    key: str,
    title: str,
    unit: str,
    parts: Sequence[tuple[str, float]],
    *,
    source: str = "",
) -> Chart:
    """Show who pays which part of one sum: a single bar, its parts named inside or in a key."""
    total = sum(value for _, value in parts) or 1.0
    shown = _alike([value for _, value in parts])
    narrow = any(0 < value / total < PART_LABEL_SHARE_MIN for _, value in parts)
    series = []
    for index, (name, value) in enumerate(parts):
        colour = SERIES[index % len(SERIES)]
        series.append(
            {
                "type": "bar",
                "stack": "sum",
                "name": f"{name} {shown(value)}",
                "data": [value],
                "barWidth": 44,
                "silent": True,
                "itemStyle": {"color": colour, "borderColor": "$paper", "borderWidth": 2},
                "label": _label(
                    "$onseries1" if index == 0 else "$ink",
                    show=not narrow and value > 0,
                    position="insideLeft" if index == 0 else "bottom",
                    distance=10 if index == 0 else 6,
                    formatter=f"{name} {shown(value)}",
                ),
            }
        )
    option = _base() | {
        "grid": {"left": 0, "right": 0, "top": 0, "bottom": 28},
        "xAxis": _hidden_axis(min=0, max=total),
        "yAxis": {"type": "category", "show": False, "data": [title]},
        "series": series,
        # A part too narrow for its name would go without one: then all are named in a key.
        "legend": {
            "show": narrow,
            "left": 0,
            "bottom": 0,
            "padding": 0,
            "itemWidth": 12,
            "itemHeight": 12,
            "itemGap": 16,
            "selectedMode": False,
            "textStyle": {"color": "$ink", "fontSize": 13, "fontFamily": FONT},
        },
    }
    said = "，".join(f"{name}{shown(value)}{unit}" for name, value in parts)
    return Chart(
        key=key,
        title=title,
        unit=unit,
        summary=f"{title}：合计{shown(total)}{unit}，其中{said}。",
        option=option,
        columns=("承担方", unit, "占比"),
        rows=tuple((name, shown(value), f"{value / total:.1%}") for name, value in parts),
        height_px=76,
        source=source,
    )


def lines(
    key: str,
    title: str,
    unit: str,
    times: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    *,
    limit: tuple[str, float] | None = None,
    source: str = "",
) -> Chart:
    """Follow amounts over time; each line is named at its end, where the eye arrives."""
    drawn = [_line(at == 0, name, values) for at, (name, values) in enumerate(series)]
    if limit is not None:
        drawn[0]["markLine"] = _limit_line(*limit)
    option = _base() | {
        "grid": {"left": 4, "right": 104, "top": 30, "bottom": 4, "containLabel": True},
        "xAxis": _category_axis(
            times,
            boundaryGap=False,
            # The first label begins with the axis: centred, it would be cut by the edge.
            axisLabel=_AXIS_LABEL | {"alignMinLabel": "left"},
        ),
        "yAxis": {
            "type": "value",
            "splitNumber": 3,
            "axisLabel": {"color": "$muted", "fontSize": 12, "fontFamily": FONT},
            "splitLine": {"lineStyle": {"color": "$rule"}},
        },
        "series": drawn,
    }
    first_name, first_values = series[0]
    return Chart(
        key=key,
        title=title,
        unit=unit,
        summary=f"{title}：{first_name}由{_said(first_values)}{unit}。",
        option=option,
        columns=("时间", *(f"{name}（{unit}）" for name, _ in series)),
        rows=tuple(
            (
                time,
                *("—" if values[at] is None else _shown(values[at] or 0) for _, values in series),
            )
            for at, time in enumerate(times)
        ),
        height_px=250,
        source=source,
    )


def _line(leads: bool, name: str, values: Sequence[float | None]) -> Option:
    """One line over time; the one that leads is drawn strong, the others are there to compare."""
    colour = "$series1" if leads else "$series4"
    known = [value for value in values if value is not None]
    return {
        "type": "line",
        "name": name,
        "data": list(values),
        "symbol": "circle" if leads else "none",
        "symbolSize": 6,
        "silent": True,
        "lineStyle": {
            "color": colour,
            "width": 2.5 if leads else 1.5,
            "type": "solid" if leads else "dashed",
        },
        "itemStyle": {"color": colour},
        "endLabel": _label(
            "$ink" if leads else "$muted",
            formatter=f"{name} {_shown(known[-1])}" if known else name,
            distance=8,
        ),
    }


def _limit_line(name: str, value: float) -> Option:
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"color": "$muted", "type": "dashed", "width": 1.5},
        "label": _label("$muted", position="insideStartTop", formatter=f"{name} {_shown(value)}"),
        "data": [{"yAxis": value}],
    }


def _said(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{_shown(known[0])}变为{_shown(known[-1])}" if known else "（没有数据）"


def radar(
    key: str,
    title: str,
    unit: str,
    axes: Sequence[tuple[str, float]],
    series: Sequence[tuple[str, Sequence[float]]],
    *,
    source: str = "",
) -> Chart:
    """Compare two profiles; the first is filled, the second is only a dashed outline."""
    data = [
        {
            "name": name,
            "value": list(values),
            "symbolSize": 4,
            "lineStyle": {
                "color": "$series1" if index == 0 else "$series4",
                "type": "solid" if index == 0 else "dashed",
                "width": 2,
            },
            "itemStyle": {"color": "$series1" if index == 0 else "$series4"},
            "areaStyle": {"color": "$series1", "opacity": 0.14 if index == 0 else 0},
        }
        for index, (name, values) in enumerate(series)
    ]
    indicator = [
        {"name": f"{name}\n{_shown(series[0][1][at])}/{_shown(top)}", "max": top}
        for at, (name, top) in enumerate(axes)
    ]
    few = len(axes) <= RADAR_AXES_FEW
    option = _base() | {
        "radar": {
            "indicator": indicator,
            "radius": "66%" if few else "72%",
            "center": ["50%", "50%"],
            "splitNumber": 4,
            "axisName": {
                "color": "$ink",
                "fontSize": 12 if few else 11,
                "fontFamily": FONT,
                "lineHeight": 17 if few else 13,
            },
            "splitArea": {"show": False},
            "splitLine": {"lineStyle": {"color": "$rule"}},
            "axisLine": {"lineStyle": {"color": "$rule"}},
        },
        "series": [{"type": "radar", "silent": True, "data": data}],
    }
    said = "，".join(f"{name}{_shown(series[0][1][at])}" for at, (name, _) in enumerate(axes))
    dashed = f"虚线为{series[1][0]}。" if len(series) > 1 else ""
    return Chart(
        key=key,
        title=title,
        unit=unit,
        summary=f"{title}，{series[0][0]}（实线）：{said}。{dashed}",
        option=option,
        columns=("方面", "满分", *(name for name, _ in series)),
        rows=tuple(
            (name, _shown(top), *(_shown(values[at]) for _, values in series))
            for at, (name, top) in enumerate(axes)
        ),
        height_px=330 if few else 420,
        source=source,
    )
