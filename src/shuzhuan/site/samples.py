"""Real content for the components page: figures from the packs, never lorem ipsum."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.paginator import Paginator

from shuzhuan.engine import charts
from shuzhuan.site.places import places

ROWS_PER_PAGE = 5
# （一）of the Quanzhou document: 80万元 of eligible spend, level three after the work.
QUANZHOU_SHARES = (("中央", 180_000.0), ("市级", 60_000.0), ("县级", 60_000.0))
# What the four documents promise at most for reaching level three, in 万元.
CAPS_LEVEL_THREE = (("红寺堡", 50.0), ("彭阳", 40.0), ("泉州", 30.0))


class SampleForm(forms.Form):
    """A form as an enterprise meets it: few questions, each with a hint."""

    place = forms.ChoiceField(label="地区", choices=())
    eligible_spend = forms.DecimalField(
        label="改造投入（元）",
        help_text="只算软件、云服务和数据采集必需的设备，不含税。",
        max_digits=14,
        decimal_places=2,
        min_value=0,
        # Not a number field: it would hide what was typed wrong, and a wheel would change it.
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": "请填写改造投入，例如 800000。",
            "invalid": "请只填数字，不带单位，例如 800000。",
        },
    )
    level_after = forms.ChoiceField(
        label="改造后的数字化水平",
        help_text="以验收评测的结果为准。",
        choices=(("2", "二级（规范级）"), ("3", "三级（集成级）"), ("4", "四级（协同级）")),
        widget=forms.RadioSelect,
        error_messages={"required": "请选择改造后的水平。"},
    )
    note = forms.CharField(
        label="补充说明", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    truthful = forms.BooleanField(
        label="以上情况属实", error_messages={"required": "请确认填写的情况属实。"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择"), *((place.key, place.name) for place in places())]


def _charts() -> dict[str, charts.Chart]:
    return {
        "bars": charts.bars(
            "caps",
            "改造到三级，每家企业最多补多少",
            "万元",
            CAPS_LEVEL_THREE,
            emphasis="泉州",
            source="各地政策文件；红寺堡为首批、一次通过验收的上限",
        ),
        "shares": charts.shares(
            "shares", "30万元由谁承担", "元", QUANZHOU_SHARES, source="泉州（一），中央:市:县 3:1:1"
        ),
        "lines": charts.lines(
            "steps",
            "补助随投入怎样变化（泉州，改造到三级）",
            "万元",
            ("0", "20", "40", "60", "80", "100"),
            (("补助", tuple(min(spend * 0.5, 30) for spend in (0, 20, 40, 60, 80, 100))),),
            limit=("上限", 30),
            source="泉州（一）：投入的50%，三级最多30万元；横轴为改造投入（万元）",
        ),
        "radar": charts.radar(
            "radar",
            "应用场景等级（示例企业）",
            "级",
            tuple(
                (name, 4.0)
                for name in ("研发设计", "生产管控", "采购供应", "仓储物流", "销售服务", "财务管理")
            ),
            (("自评", (2, 3, 2, 1, 2, 3)), ("同行业中位数", (1, 2, 2, 2, 2, 2))),
            source="示例数据；实线为自评，虚线为同行业中位数，满级为四级",
        ),
    }


def _rows() -> list[dict[str, Any]]:
    clauses = (
        ("（一）", "改造补助", "applicable", 30_000_000, "最多"),
        ("（二）", "上云上平台", "applicable", 1_800_000, "最多"),
        ("（三）", "技术改造", "undetermined", None, ""),
        ("（四）", "园区企业改造", "not_applicable", None, ""),
        ("（十八）", "高新技术企业奖励", "applicable", 20_000_000, ""),
        ("（五）", "智能工厂", "not_applicable", None, ""),
        ("（六）", "智能制造示范工厂", "undetermined", None, ""),
    )
    names = ("number", "title", "kind", "fen", "limit")
    return [dict(zip(names, clause, strict=True)) for clause in clauses]


def context(query: Mapping[str, str]) -> dict[str, Any]:
    """Gather what the components page shows."""
    wrong = SampleForm({"place": "quanzhou", "eligible_spend": "80万", "level_after": ""})
    wrong.is_valid()
    rows = _rows()
    return {
        "form": SampleForm(prefix="new"),
        "wrong": wrong,
        "charts": _charts(),
        "rows": rows,
        "total_fen": sum(row["fen"] or 0 for row in rows),
        "page": Paginator(rows * 24, ROWS_PER_PAGE).get_page(query.get("page", "3")),
        "timeline": (
            ("done", "2025-03-03", "提交申报", "材料齐全，当场受理"),
            ("done", "2025-03-10", "县级初审", "5个工作日，通过"),
            ("now", "2025-03-17", "公示", "还剩3个工作日，3月21日结束"),
            ("next", "", "兑付", "公示无异议后10个工作日内"),
        ),
    }
