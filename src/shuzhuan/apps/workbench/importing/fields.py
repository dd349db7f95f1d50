"""The columns of a 摸底 list, declared as facts so that the batch's reading converts them."""

from __future__ import annotations

from shuzhuan.apps.enterprises.models import Readiness, Willingness
from shuzhuan.apps.enterprises.models.enterprise import PEOPLE_MAX
from shuzhuan.apps.enterprises.models.records import YEAR_MIN
from shuzhuan.engine.money import MAX_FEN
from shuzhuan.engine.policy.dates import EPOCH
from shuzhuan.engine.policy.facts import FactDef
from shuzhuan.engine.sizes import industries

TEXT, PLACE = "text", "place"
ROWS_MAX = 20_000
_DAY_MIN, _DAY_MAX = -25_567, 47_481  # 1900 to 2099


def _fact(key: str, label: str, kind: str, lo: int = 0, hi: int = 0, **more: object) -> FactDef:
    return FactDef(key, label, label, kind, str(more.get("unit", "")), lo, hi,
                   names=more.get("names", {}))  # type: ignore[arg-type]  # fmt: skip


def declared(this_year: int) -> dict[str, FactDef]:
    """Every column besides name and code, by key. ``hi`` of a text is its longest length."""
    trades = {number: rule.name.partition("（")[0] for number, rule in industries().items()}
    will = {int(value): str(label) for value, label in Willingness.choices}
    ready = {int(value): str(label) for value, label in Readiness.choices}
    listed = (
        _fact(PLACE, "所属县区", TEXT, hi=64),
        _fact("park", "所在园区", TEXT, hi=64),
        _fact("industry", "细分行业", TEXT, hi=64),
        _fact("size_industry", "划型行业", "int", 1, max(trades), names=trades),
        _fact("gbt4754", "国民经济行业代码", TEXT, hi=8),
        _fact("registered_on", "成立日期", "date", _DAY_MIN, _DAY_MAX),
        _fact("is_legal_person", "独立法人", "bool", 0, 1),
        _fact("above_scale", "规上工业企业", "bool", 0, 1),
        _fact("uses_cloud", "已上云用云", "bool", 0, 1),
        _fact("figures_year", "数据年度", "int", YEAR_MIN, this_year - 1),
        _fact("people", "从业人员", "int", 0, PEOPLE_MAX, unit="人"),
        _fact("revenue", "营业收入", "money", 0, MAX_FEN),
        _fact("main_revenue", "主营业务收入", "money", 0, MAX_FEN),
        _fact("assets", "资产总额", "money", 0, MAX_FEN),
        _fact("rd", "研发投入", "money", 0, MAX_FEN),
        _fact("contact_name", "联系人", TEXT, hi=64),
        _fact("contact_phone", "联系电话", TEXT, hi=24),
        _fact("bank_name", "开户银行", TEXT, hi=128),
        _fact("bank_account", "银行账号", TEXT, hi=40),
        _fact("willingness", "改造意愿", "int", min(will), max(will), names=will),
        _fact("readiness", "数字化基础", "int", min(ready), max(ready), names=ready),
        _fact("survey_note", "摸底备注", TEXT, hi=500),
    )
    return {fact.key: fact for fact in listed}


FIGURES = ("people", "revenue", "main_revenue", "assets", "rd")
DATES = ("registered_on",)
SENSITIVE = ("contact_name", "contact_phone", "bank_account")
# Which part of the archive a column belongs to: what the enterprise has saved itself is its own.
SECTION_OF = {
    **dict.fromkeys(
        ("name", "industry", "size_industry", "gbt4754", "registered_on", "is_legal_person",
         "above_scale", "park"),
        "basics",
    ),
    **dict.fromkeys(("figures_year", *FIGURES), "figures"),
    **dict.fromkeys(("contact_name", "contact_phone", "bank_name", "bank_account"), "contact"),
    "uses_cloud": "cloud",
}  # fmt: skip

__all__ = [
    "DATES",
    "EPOCH",
    "FIGURES",
    "PLACE",
    "ROWS_MAX",
    "SECTION_OF",
    "SENSITIVE",
    "TEXT",
    "declared",
]
