"""pack.yaml, clauses.yaml and cases.yaml as typed forms (``docs/policy-language.md``).

A form holds what one mapping of the YAML may say. Formulas stay text here; names that
point elsewhere are checked in ``references``. Chinese reasons come from ``refusal``
and ``complaints``; nothing that pydantic says reaches a reader.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from .scalars import (
    Bool,
    ClauseId,
    Date,
    FactKey,
    Formula,
    Money,
    Natural,
    PackId,
    PlaceCode,
    Slug,
    Text,
    Version,
    refusal,
)
from .schema_facts import Form, entry

Level = Literal["province", "city", "county", "park"]
Kind = Literal["subsidy", "bonus", "innovation", "loan", "service", "estimate", "text"]
Payee = Literal["enterprise", "vendor", "chain_leader", "county", "park", "platform", "services"]
Certainty = Literal["exact", "at_most", "discretion"]
Status = Literal["适用", "不适用", "资料不足", "符合", "不符合"]


class Condition(Form):
    """一个条件；checks 里的写法相同，但只提醒。"""

    id: Slug = entry("条件 id，本条款内唯一", "pilot")
    test: Formula = entry("成立时为 true 的算式", "project.level_after >= 2")
    say: Text | None = entry("成立时的说法", "改造后达到{project.level_after}", default=None)
    fail: Text | None = entry(
        "不成立时的说法", "改造后为{project.level_after}，未达到二级", default=None
    )
    cite: Text | None = entry("在文件中的位置", "一（一）", default=None)


class Dated(Form):
    """参数的一个取值：从哪天起算，哪天起为人所知。"""

    from_: Date = entry("从这一天起", "2025-01-01", alias="from")
    known: Date | None = entry("这一天起为人所知，不写则一直知道", "2024-12-20", default=None)
    value: Formula = entry("取值", "50%")


class Param(Form):
    """参数：一个值，或随日期变化的几个值。"""

    name: Slug = entry("名字，算式里用", "rate")
    label: Text = entry("叫法，出现在说明里", "补助比例")
    value: Formula | None = entry(
        "取值", "50%", "by(project.level_after, 2 -> 20万元, else -> 0元)", default=None
    )
    on: Formula | None = entry(
        "按哪个日期取值，不写则按测算日期", "project.contract_on", default=None
    )
    dated: tuple[Dated, ...] | None = entry("随日期变化的取值，按先后", default=None, min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Param:
        if (self.value is None) == (self.dated is None):
            found = "只能写一个" if self.value is not None else "要写一个"
            hint = "固定的写 value；随日期变化的写 dated"
            raise refusal(f"value 和 dated {found}", hint, "value" if self.value else "")
        if self.on is not None and self.dated is None:
            raise refusal("on 只用于随日期变化的参数", "删去 on，或改写 dated", "on")
        for index, (earlier, later) in enumerate(
            zip(self.dated or (), (self.dated or ())[1:], strict=False)
        ):
            _in_order(earlier, later, index + 1)
        return self


def _in_order(earlier: Dated, later: Dated, index: int) -> None:
    """Later entries hold from a later day; a correction repeats the day and was known later."""
    if later.from_ > earlier.from_:
        return
    path = f"dated.{index}.from"
    if later.from_ < earlier.from_:
        raise refusal("取值没有按日期先后排列", "早的写在前面", path)
    if later.known is None or (earlier.known is not None and later.known <= earlier.known):
        hint = "更正同一天的取值时，写上更晚的 known；否则删去一个"
        raise refusal(f"{later.from_} 有两个取值", hint, path)


class Step(Form):
    """有名字的中间步骤。"""

    name: Slug = entry("名字，后面的算式里用", "base")
    label: Text = entry("叫法，出现在说明里", "计补投入")
    value: Formula = entry("算式", "project.eligible_spend")


class SharePart(Form):
    """分担的一方。"""

    party: Slug = entry("一方的标识", "central")
    name: Text = entry("一方的名称", "中央")
    weight: Natural = entry("份数", 3)


class ShareFloor(Form):
    """某一方至少承担多少；总额不足时全由它承担。"""

    party: Slug = entry("一方的标识", "county")
    amount: Money = entry("至少承担", "5万元")


class Shares(Form):
    """资金由各级按份分担，分毫不差。"""

    cite: Text | None = entry("在文件中的位置", "一（一）", default=None)
    parts: tuple[SharePart, ...] = entry("分担各方", min_length=1)
    remainder: Slug = entry("除不尽的分归谁", "central")
    floors: tuple[ShareFloor, ...] = entry("各方至少承担", default=())


class Instalment(Form):
    """分期拨付的一期。"""

    name: Text = entry("这一期的名称", "预付")
    amount: Formula | None = entry(
        "金额", "min(project.contract_amount * 30%, 10万元)", default=None
    )
    rest: Bool = entry("true：付清余下的，只用于最后一期", True, default=False)
    when: Formula | None = entry("什么时候付", "project.accepted", default=None)

    @model_validator(mode="after")
    def _check(self) -> Instalment:
        if self.rest == (self.amount is not None):
            found = "只能写一个" if self.rest else "要写一个"
            hint = "前几期写 amount，最后一期写 rest: true"
            raise refusal(f"amount 和 rest {found}", hint, "rest" if self.rest else "")
        return self


class Quota(Form):
    """名额。"""

    count: Natural = entry("多少", 6)
    unit: Text = entry("单位", "家")
    per: Literal["pilot", "year", "batch", "enterprise"] = entry(
        "按什么计：pilot 试点 year 年 batch 批 enterprise 每家企业", "pilot"
    )


class Clause(Form):
    """条款：给谁、何时、多少、从哪里出、谁分担、凭什么。"""

    id: ClauseId = entry("条款 id，包内唯一", "1", "9-1")
    number: Text = entry("文件里的编号", "（一）")
    cite: Text = entry("在文件中的位置", "一（一）")
    section: Text | None = entry("所在章节", "一、支持试点企业数字化转型", default=None)
    title: Text = entry("标题", "支持试点企业数字化改造")
    summary: Text = entry("用自己的话概括，数字一个不少", "按计补投入的50%补助")
    kind: Kind = entry(
        "subsidy 补助 bonus 奖励 innovation 科技创新 loan 贷款 service 服务支出 "
        "estimate 估算 text 无金额",
        "subsidy",
    )
    payee: Payee | None = entry(
        "付给谁：enterprise 企业 vendor 服务商 chain_leader 链主 county 县（市、区） "
        "park 园区 platform 平台 services 服务；有金额的必写",
        "enterprise",
        default=None,
    )
    bureau: Text | None = entry("责任部门", "市工信局", default=None)
    requires: tuple[Slug, ...] = entry("要满足的条件组", ["eligibility"], default=())
    when: tuple[Condition, ...] = entry("条件", default=())
    checks: tuple[Condition, ...] = entry("只提醒、不影响是否适用的条件", default=())
    params: tuple[Param, ...] = entry("参数", default=())
    let: tuple[Step, ...] = entry("有名字的中间步骤，按顺序", default=())
    amount: Formula | None = entry("金额", "min(base * rate, cap)", default=None)
    certainty: Certainty | None = entry(
        "exact 按…给予 at_most 不超过、最高 discretion 原则上、酌情；有 amount 的必写",
        "at_most",
        default=None,
    )
    shares: Shares | None = entry("各级分担", default=None)
    instalments: tuple[Instalment, ...] = entry("分期拨付", default=())
    quota: Quota | None = entry("名额", default=None)
    budget: tuple[Slug, ...] = entry("budget.yaml 里的预算行", ["rebuild"], default=())
    evidence: tuple[Text, ...] = entry("佐证材料", ["验收申请"], default=())
    notes: tuple[Text, ...] = entry("读者应当知道的", default=())
    unverified: Text | None = entry("待核对官方原文的理由", default=None)

    @model_validator(mode="after")
    def _check(self) -> Clause:
        if self.amount is None:
            self._check_without_amount()
            return self
        if self.kind == "text":
            hint = "删去 amount，或把 kind 改为 subsidy、bonus 等"
            raise refusal("kind: text 的条款没有金额", hint, "amount")
        for name in ("certainty", "payee"):
            if getattr(self, name) is None:
                hint = "exact、at_most 或 discretion" if name == "certainty" else "如 enterprise"
                raise refusal(f"有 amount 的条款要写 {name}", f"写 {name}: {hint}", "")
        self._check_instalments()
        return self

    def _check_without_amount(self) -> None:
        for name in ("certainty", "shares", "instalments"):
            if getattr(self, name):
                hint = f"写上 amount，或删去 {name}"
                raise refusal(f"没有 amount，不能写 {name}", hint, name)
        if self.kind != "text" and not self.checks:
            hint = "写上 amount；只供浏览的写 kind: text，只核对的写 checks"
            raise refusal(f"kind: {self.kind} 的条款没有 amount", hint, "kind")

    def _check_instalments(self) -> None:
        for index, instalment in enumerate(self.instalments):
            last = index == len(self.instalments) - 1
            if instalment.rest != last:
                message = "最后一期要付清" if last else "rest: true 只能写在最后一期"
                hint = "最后一期写 rest: true" if last else "移到最后，或改写 amount"
                raise refusal(message, hint, f"instalments.{index}.{'' if last else 'rest'}")


class ClausesFile(Form):
    """clauses.yaml：条款。"""

    clauses: tuple[Clause, ...] = entry("条款，按文件的顺序", min_length=1)


class Place(Form):
    """地方。"""

    name: Text = entry("名称", "泉州市")
    level: Level = entry("province 省 city 市 county 县 park 园区", "city")
    code: PlaceCode | None = entry("行政区划代码", "350500", default=None)


class PolicyDocument(Form):
    """文件。"""

    title: Text = entry("文件全名", "某市推动中小企业数字化转型若干措施")
    number: Text | None = entry("文号", "某工信〔2025〕1号", default=None)
    issuer: Text = entry("发文机关", "某市工业和信息化局")
    status: Literal["征求意见", "有效", "失效"] = entry("征求意见 有效 失效", "有效")
    issued_on: Date | None = entry("成文日期", "2025-01-01", default=None)
    published_on: Date | None = entry("发布日期", "2025-01-02", default=None)
    valid_from: Date | None = entry("施行日期", "2025-01-01", default=None)
    valid_to: Date | None = entry("有效期至", "2027-03-31", default=None)
    validity_note: Text | None = entry("有效期的说法", "自印发之日起施行", default=None)
    bureau: Text | None = entry("牵头部门", "市工信局", default=None)
    interpreters: tuple[Text, ...] = entry("负责解释的部门", ["市工信局"], default=())
    jurisdiction: Text | None = entry("适用范围一句话", "全市试点企业", default=None)
    industries: tuple[Text, ...] = entry("试点行业", ["食品加工"], default=())
    basis: tuple[Text, ...] = entry("依据的上级文件", ["某省数字化转型办法"], default=())
    annexes: tuple[Text, ...] = entry("附件", ["附件1 目标表"], default=())
    notes: tuple[Text, ...] = entry("读者应当知道的", default=())

    @model_validator(mode="after")
    def _check(self) -> PolicyDocument:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise refusal("有效期在施行之前就结束", "检查 valid_from 和 valid_to", "valid_to")
        return self


class ConditionGroup(Form):
    """条件组，可被多条条款 requires。"""

    id: Slug = entry("条件组 id", "eligibility")
    title: Text = entry("标题", "申报基本条件")
    cite: Text | None = entry("在文件中的位置", "第八条", default=None)
    all: tuple[Condition, ...] = entry("都要成立的条件", min_length=1)


class ReadingOption(Form):
    """口径的一个选项。"""

    id: Slug = entry("选项 id", "trim")
    label: Text = entry("叫法", "超出部分不计入")
    why: Text = entry("这样理解的理由", "文件写的是“不超过”，没有说不支持")


class Reading(Form):
    """口径：有歧义的地方取哪种理解。"""

    id: Slug = entry("口径 id", "hardware")
    clause: ClauseId = entry("哪一条款", "1")
    cite: Text = entry("在文件中的位置", "三（十）后")
    question: Text = entry("问题", "硬件超过30%时怎么算？")
    default: Slug = entry("默认取哪个选项", "trim")
    options: tuple[ReadingOption, ...] = entry("选项，至少两个", min_length=2)


class _Rule(Form):
    """What all rules say. Those without a limit or a scope answer None when asked for it."""

    id: Slug = entry("叠加规则 id", "one_subsidy")
    cite: Text = entry("在文件中的位置", "（二十五）")
    say: Text = entry("给读者的说法", "补助类同一项目不重复享受")


class ExclusiveRule(_Rule):
    """取最高的一条，相同取先列的。"""

    limit: ClassVar[None] = None
    rule: Literal["exclusive"] = entry("取最高的一条", "exclusive")
    clauses: tuple[ClauseId, ...] = entry("条款，至少两条", ["1", "2"], min_length=2)
    scope: Literal["project", "enterprise"] | None = entry(
        "在什么范围内：project 同一项目 enterprise 同一企业", "project", default=None
    )


class AdditiveRule(_Rule):
    """可以叠加；只作说明。"""

    limit: ClassVar[None] = None
    scope: ClassVar[None] = None
    rule: Literal["additive"] = entry("可以叠加", "additive")
    clauses: tuple[ClauseId, ...] = entry("条款", ["5"], min_length=1)


class CeilingRule(_Rule):
    """合计不超过；超出部分从后列的条款减。"""

    rule: Literal["ceiling"] = entry("合计封顶", "ceiling")
    clauses: tuple[ClauseId, ...] = entry("条款", ["4", "5"], min_length=1)
    limit: Formula = entry("合计不超过", "70万元")
    scope: Literal["project", "enterprise"] | None = entry(
        "在什么范围内合计：不写是一次测算；enterprise 是同一企业的所有项目，限额要是固定金额",
        "enterprise",
        default=None,
    )


StackingRule = Annotated[ExclusiveRule | AdditiveRule | CeilingRule, Field(discriminator="rule")]


class FundRule(Form):
    """资金用途与禁止用途。"""

    id: Slug = entry("标识", "banned")
    text: Text = entry("规定", "不得用于人员福利")
    cite: Text = entry("在文件中的位置", "第三条")


class PackFile(Form):
    """pack.yaml：身份、文件、口径、条件组、叠加规则。"""

    schema_: Literal["shuzhuan.pack/1"] = entry("格式", "shuzhuan.pack/1", alias="schema")
    id: PackId = entry("政策包 id", "quanzhou")
    version: Version = entry("版本", "1.0.0")
    place: Place = entry("地方")
    document: PolicyDocument = entry("文件")
    conditions: tuple[ConditionGroup, ...] = entry("条件组", default=())
    params: tuple[Param, ...] = entry("全包共用的参数", default=())
    readings: tuple[Reading, ...] = entry("口径", default=())
    stacking: tuple[StackingRule, ...] = entry("叠加规则，按顺序执行", default=())
    funds: tuple[FundRule, ...] = entry("资金用途与禁止用途", default=())


class Expectation(Form):
    """用例里对一条条款的预期。"""

    clause: ClauseId = entry("条款", "1")
    status: Status = entry("结果", "适用")
    amount: Money | None = entry("金额", "300000元", default=None)
    certainty: Certainty | None = entry("确定程度", "at_most", default=None)
    shares: dict[Slug, Money] | None = entry("各方承担", {"central": "180000元"}, default=None)
    missing: tuple[FactKey, ...] | None = entry("缺少的事实", ["project.invested"], default=None)
    because: tuple[Slug, ...] | None = entry("不成立的条件 id", ["level"], default=None)


class Case(Form):
    """用例：给出事实，预期结果。"""

    name: Text = entry("名称", "三级八十万")
    as_of: Date | None = entry("测算日期", "2026-01-01", default=None)
    readings: dict[Slug, Slug] = entry("换用的口径", {"hardware": "gate"}, default={})
    # Text from the YAML; ``documents`` replaces it by JSON values, of the types of the facts.
    facts: dict[FactKey, object] = entry(
        "事实，JSON 写法", {"project.eligible_spend": "800000", "project.level_after": 3}
    )
    expect: tuple[Expectation, ...] = entry("预期", min_length=1)
    total: Money | None = entry("适用条款叠加后的合计", "300000元", default=None)


class CasesFile(Form):
    """cases.yaml：用例。"""

    cases: tuple[Case, ...] = entry("用例")
