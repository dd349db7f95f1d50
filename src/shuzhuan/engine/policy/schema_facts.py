"""facts.yaml as typed forms: which facts a policy asks for, their units and ranges."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from .scalars import (
    Bool,
    Date,
    DateTime,
    FactKey,
    Int,
    Money,
    Natural,
    Percent,
    Slug,
    Text,
    Unit,
    refusal,
)

MAX_LIST_ITEMS = 10_000
_MAX_DIGITS = 4


class Form(BaseModel):
    """A mapping of the YAML: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def entry(description: str, *examples: object, **more: Any) -> Any:
    """A key of a form with the Chinese words that editors and messages show."""
    return Field(description=description, examples=list(examples), **more)


Source = Literal[
    "archive",
    "self_assessment",
    "diagnosis",
    "acceptance",
    "project",
    "officer",
    "finance",
    "public",
]


class _Described(Form):
    label: Text = entry("叫法，出现在说明里", "改造后数字化水平")
    ask: Text = entry("算一算里的问法", "改造后，验收评定的数字化水平是几级？")


class _Declared(_Described):
    key: FactKey = entry("事实的 key：小写，至少一个点", "project.level_after")
    source: Source = entry(
        "从哪里来：archive 档案 self_assessment 自评 diagnosis 诊断 acceptance 验收 "
        "project 项目 officer 经办人 finance 财政 public 公开信息",
        "acceptance",
    )
    personal: Bool = entry("true 的事实不进入可分享的链接", False, default=False)


class _Field(_Described):
    key: Slug = entry("字段名：小写，不带点", "amount")


class _Bool(Form):
    type: Literal["bool"] = entry("是否", "bool")
    yes: Text | None = entry("成立时的短语", "属于试点企业", default=None)
    no: Text | None = entry("不成立时的短语", "不属于试点企业", default=None)


# To JSON all keys are text, so a schema made from the type could not tell 0 from 零.
_NAMES = {
    "type": "object",
    "patternProperties": {"^-?(0|[1-9][0-9]*)$": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}


class _Int(Form):
    type: Literal["int"] = entry("整数", "int")
    unit: Unit = entry('单位，没有单位写 ""', "级", "家")
    min: Int = entry("最小值", 0)
    max: Int = entry("最大值", 4)
    names: Annotated[dict[Int, Text], WithJsonSchema(_NAMES)] = entry(
        "各个数的叫法", {0: "无等级", 1: "一级"}, default={}
    )

    @model_validator(mode="after")
    def _check(self) -> _Int:
        _ordered(self.min, self.max)
        for number in self.names:
            if not self.min <= number <= self.max:
                message = f"{number} 不在 {self.min} 至 {self.max} 之内"
                raise refusal(message, "删去这一项，或放宽 min、max", "names")
        return self


class _Money(Form):
    """Bounds in fen."""

    type: Literal["money"] = entry("金额", "money")
    min: Money = entry("最小值，默认 0元", "0元", default=0)
    max: Money = entry("最大值，默认 100亿元", "100亿元", default=1_000_000_000_000)

    @model_validator(mode="after")
    def _check(self) -> _Money:
        _ordered(self.min, self.max)
        return self


class _Ratio(Form):
    """Bounds are exact fractions, 50% = 1/2."""

    type: Literal["ratio"] = entry("比例", "ratio")
    min: Percent = entry("最小值", "0%")
    max: Percent = entry("最大值", "100%")
    digits: Int = entry("百分数的小数位，0 至 4", 2, default=2)

    @model_validator(mode="after")
    def _check(self) -> _Ratio:
        _ordered(self.min, self.max)
        if not 0 <= self.digits <= _MAX_DIGITS:
            raise refusal(f"{self.digits} 不在 0 至 {_MAX_DIGITS} 之内", "一般写 2", "digits")
        for name, bound in (("min", self.min), ("max", self.max)):
            if bound * 100 * 10**self.digits % 1:
                raise refusal(f"小数位多于 {self.digits} 位", "增加 digits，或少写小数", name)
        return self


class _Date(Form):
    type: Literal["date"] = entry("日期", "date")
    min: Date = entry("最早，默认 2000-01-01", "2000-01-01", default=date(2000, 1, 1))
    max: Date = entry("最晚，默认 2099-12-31", "2099-12-31", default=date(2099, 12, 31))

    @model_validator(mode="after")
    def _check(self) -> _Date:
        _ordered(self.min, self.max)
        return self


def _moment(value: object, clock: str) -> object:
    """A day stands for its first or last second, so that a range reads like that of a date."""
    plain_day = isinstance(value, str) and "T" not in value
    return f"{value}T{clock}" if plain_day else value


_FIRST = datetime(2000, 1, 1)  # noqa: DTZ001 - Beijing time throughout, without a zone
_LAST = datetime(2099, 12, 31, 23, 59, 59)  # noqa: DTZ001


class _DateTime(Form):
    type: Literal["datetime"] = entry("北京时间，精确到秒", "datetime")
    min: Annotated[DateTime, BeforeValidator(lambda v: _moment(v, "00:00:00"))] = entry(
        "最早，默认 2000-01-01", "2000-01-01", default=_FIRST
    )
    max: Annotated[DateTime, BeforeValidator(lambda v: _moment(v, "23:59:59"))] = entry(
        "最晚，默认 2099-12-31", "2099-12-31", default=_LAST
    )

    @model_validator(mode="after")
    def _check(self) -> _DateTime:
        _ordered(self.min, self.max)
        return self


class _Enum(Form):
    type: Literal["enum"] = entry("选项", "enum")
    values: dict[Slug, Text] = entry(
        "各个值和叫法，按先后", {"none": "未认定", "first": "首次认定"}, min_length=1
    )


class BoolFact(_Declared, _Bool):
    """是否。"""


class IntFact(_Declared, _Int):
    """有单位的整数。"""


class MoneyFact(_Declared, _Money):
    """金额。"""


class RatioFact(_Declared, _Ratio):
    """比例。"""


class DateFact(_Declared, _Date):
    """日期。"""


class DateTimeFact(_Declared, _DateTime):
    """北京时间。"""


class EnumFact(_Declared, _Enum):
    """选项。"""


class BoolField(_Field, _Bool):
    """明细里的是否。"""


class IntField(_Field, _Int):
    """明细里的整数。"""


class MoneyField(_Field, _Money):
    """明细里的金额。"""


class RatioField(_Field, _Ratio):
    """明细里的比例。"""


class DateField(_Field, _Date):
    """明细里的日期。"""


class DateTimeField(_Field, _DateTime):
    """明细里的时间。"""


class EnumField(_Field, _Enum):
    """明细里的选项。"""


FieldModel = Annotated[
    BoolField | IntField | MoneyField | RatioField | DateField | DateTimeField | EnumField,
    Field(discriminator="type"),
]


class ListFact(_Declared):
    """明细，如发票；每行有同样的字段。"""

    type: Literal["list"] = entry("明细", "list")
    fields: tuple[FieldModel, ...] = entry("每行的字段", min_length=1)
    max_items: Natural = entry("最多多少行，默认 500", 500, default=500)

    @model_validator(mode="after")
    def _check(self) -> ListFact:
        if self.max_items > MAX_LIST_ITEMS:
            message = f"{self.max_items} 超过 {MAX_LIST_ITEMS} 行"
            raise refusal(message, "改小，或先汇总再填", "max_items")
        return self


FactModel = Annotated[
    BoolFact | IntFact | MoneyFact | RatioFact | DateFact | DateTimeFact | EnumFact | ListFact,
    Field(discriminator="type"),
]


class FactsFile(Form):
    """facts.yaml：本地方专有的事实。"""

    facts: tuple[FactModel, ...] = entry("本地方专有的事实，没有写 []")


def _ordered(low: int | Fraction | date, high: int | Fraction | date) -> None:
    if not low <= high:  # type: ignore[operator]  # both have the type of the fact
        raise refusal("最小值大于最大值", "交换 min 和 max", "min")
