"""process, targets, budget, workplan and organization as typed forms: the plan around the rules."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from .scalars import (
    Bool,
    ClauseId,
    Int,
    Money,
    MonthOrDate,
    Natural,
    Number,
    Percent,
    PercentPoints,
    Slug,
    Text,
    Unit,
    refusal,
)
from .schema_facts import Form, entry

TimeUnit = Literal["day", "workday", "week", "month", "quarter", "year"]
ReviewLevel = Literal["central", "province", "city", "county", "park"]
Bound = Literal["at_least", "at_most", "exactly"]
_CITE = "在文件中的位置"
_BOUND = "at_least 至少 at_most 至多 exactly 正好"


class ProcessStep(Form):
    """流程的一步。"""

    id: Slug = entry("步骤 id", "filing")
    name: Text = entry("名称", "申报")
    actor: Slug = entry("谁来做", "enterprise", "county")
    cite: Text = entry(_CITE, "第十一条")
    papers: tuple[Text, ...] = entry("材料：名称，或 papers 里的 id", ["申报书"], default=())
    optional: Bool = entry("true：可以不走这一步", False, default=False)


class Review(Form):
    """一级审核。"""

    id: Slug = entry("审核 id", "county")
    name: Text = entry("名称", "县初审")
    level: ReviewLevel = entry(
        "哪一级：central 国家 province 省 city 市 county 县 park 园区", "county"
    )
    cite: Text = entry(_CITE, "第十二条")


class Publicity(Form):
    """公示。"""

    id: Slug = entry("公示 id", "selection")
    name: Text = entry("名称", "遴选公示")
    days: Natural = entry("天数", 5)
    unit: Literal["workday", "day"] = entry("workday 工作日 day 自然日", "workday")
    bound: Literal["at_least", "exactly"] = entry("at_least 不少于 exactly 正好", "at_least")
    fields: tuple[Text, ...] = entry("公示的内容", ["单位名称"], default=())
    cite: Text = entry(_CITE, "第十一条")


class TimeLimit(Form):
    """时限。"""

    id: Slug = entry("时限 id", "rectify")
    name: Text = entry("名称", "限期整改")
    value: Natural = entry("多少", 30)
    unit: TimeUnit = entry("workday 工作日 day 日 week 周 month 月 quarter 季 year 年", "day")
    bound: Literal["within", "at_least", "every"] = entry(
        "within 之内 at_least 至少 every 每隔", "within"
    )
    effect: Text | None = entry("期间或到期的后果", "整改期间暂停拨付", default=None)
    cite: Text = entry(_CITE, "第十三条")


class Paper(Form):
    """一种材料。"""

    id: Slug = entry("材料 id", "application")
    name: Text = entry("名称", "验收申请")
    cite: Text = entry(_CITE, "第十二条")


class ProcessRule(Form):
    """其他应当遵守的。"""

    id: Slug = entry("标识", "separation")
    text: Text = entry("规定", "改造评测分离")
    cite: Text = entry(_CITE, "第九条")


class ProcessFile(Form):
    """process.yaml：办理步骤、材料、时限。"""

    steps: tuple[ProcessStep, ...] = entry("步骤，顺序即流程", default=())
    reviews: tuple[Review, ...] = entry("各级审核，按顺序", default=())
    publicity: tuple[Publicity, ...] = entry("公示", default=())
    time_limits: tuple[TimeLimit, ...] = entry("时限", default=())
    papers: tuple[Paper, ...] = entry("材料", default=())
    rules: tuple[ProcessRule, ...] = entry("其他应当遵守的", default=())


class Column(Form):
    """目标表的一列。"""

    id: Slug = entry("列 id", "y2026_chem")
    period: Text = entry("期间", "2026")
    industry: Text | None = entry("行业", "基础化学原料制造业", default=None)
    region: Text | None = entry("地区", "某区", default=None)


class ColumnSum(Form):
    """应当相等的列，供核对。"""

    total: Slug = entry("合计列", "total")
    parts: tuple[Slug, ...] = entry("分列", ["y2026", "y2027"], min_length=1)


class Row(Form):
    """目标表的一行。"""

    id: Slug = entry("行 id", "rebuilt")
    name: Text = entry("指标", "拟改造企业数量")
    unit: Unit = entry("单位", "家")
    values: tuple[Number | None, ...] = entry("各列的数，无数字写 null", [336, 233, None])


class TargetTable(Form):
    """绩效目标表。"""

    id: Slug = entry("表 id", "by_industry")
    title: Text = entry("标题", "分行业年度目标表")
    cite: Text = entry(_CITE, "附件1")
    columns: tuple[Column, ...] = entry("列", min_length=1)
    sums: tuple[ColumnSum, ...] = entry("应当相等的列，供核对", default=())
    rows: tuple[Row, ...] = entry("行", min_length=1)


class Goal(Form):
    """一个目标。"""

    id: Slug = entry("目标 id", "diagnosed_2025")
    text: Text = entry("目标", "完成诊断企业")
    value: Number = entry("多少", 300)
    unit: Unit = entry("单位", "家")
    bound: Bound = entry(_BOUND, "at_least")
    by: MonthOrDate | None = entry("到什么时候", "2025-12", default=None)
    cite: Text = entry(_CITE, "一")


class TargetsFile(Form):
    """targets.yaml：绩效目标。"""

    tables: tuple[TargetTable, ...] = entry("目标表", default=())
    goals: tuple[Goal, ...] = entry("单列的目标", default=())


class BudgetSource(Form):
    """一个资金来源。"""

    id: Slug = entry("来源 id", "region")
    name: Text = entry("名称", "自治区奖励资金")
    amount: Money | None = entry("金额，不知道写 null", "2000万元", default=None)
    cite: Text = entry(_CITE, "三")


class BudgetRule(Form):
    """资金的比例要求。"""

    id: Slug = entry("标识", "to_enterprises")
    ratio: Percent = entry("比例", "90%")
    bound: Bound = entry(_BOUND, "at_least")
    text: Text = entry("用途", "用于企业改造")
    cite: Text = entry(_CITE, "第四条")


class BudgetLine(Form):
    """一行预算。"""

    id: Slug = entry("预算行 id", "rebuild")
    group: Text = entry("方向", "直接支持")
    name: Text = entry("名称", "改造投入")
    cite: Text = entry(_CITE, "附表")
    clauses: tuple[ClauseId, ...] = entry("支出这些条款", ["1"], default=())
    amounts: dict[Slug, Money] = entry("各来源的金额", {"region": "1800万元"}, default={})
    total: Money | None = entry("合计，不知道写 null", "2050万元", default=None)
    printed: dict[Slug, PercentPoints] = entry(
        "文件印的占比：各来源和 total", {"region": "90.00%", "total": "82.00%"}, default={}
    )
    lends_to: tuple[Slug, ...] = entry("可调剂给哪些预算行", ["benchmark"], default=())
    order: Literal["first_come"] | None = entry("first_come 先到先得", "first_come", default=None)


class BudgetSubtotal(Form):
    """文件印的小计。"""

    group: Text = entry("方向", "直接支持")
    cite: Text = entry(_CITE, "附表")
    amounts: dict[Slug, Money] = entry("各来源的小计", {"region": "200万元"}, default={})
    total: Money | None = entry("小计", "315万元", default=None)
    printed: dict[Slug, PercentPoints] = entry("文件印的占比", {"total": "12.60%"}, default={})


class BudgetFile(Form):
    """budget.yaml：预算。"""

    total: Money | None = entry("总额，不知道写 null", "2500万元", default=None)
    printed: dict[Slug, PercentPoints] = entry("文件印的合计占比", {"total": "100%"}, default={})
    sources: tuple[BudgetSource, ...] = entry("资金来源", default=())
    rules: tuple[BudgetRule, ...] = entry("比例要求", default=())
    lines: tuple[BudgetLine, ...] = entry("预算行", default=())
    subtotals: tuple[BudgetSubtotal, ...] = entry("文件印的小计，供核对", default=())


class Phase(Form):
    """一个阶段。"""

    id: Slug = entry("阶段 id", "prepare")
    name: Text = entry("名称", "谋划准备")
    from_: MonthOrDate | None = entry("从", "2025-07", alias="from", default=None)
    to: MonthOrDate | None = entry("到", "2025-09", default=None)
    work: Text = entry("自己的话", "出台方案，入企诊断")
    cite: Text = entry(_CITE, "三（一）")

    @model_validator(mode="after")
    def _check(self) -> Phase:
        if self.from_ and self.to and str(self.to) < str(self.from_)[: len(str(self.to))]:
            raise refusal("阶段在开始之前就结束", "检查 from 和 to", "to")
        return self


class Measure(Form):
    """任务里能数的部分。"""

    text: Text = entry("内容", "政策宣贯会")
    value: Number = entry("多少", 2)
    unit: Unit = entry("单位", "场")
    bound: Bound = entry(_BOUND, "at_least")


class Task(Form):
    """一项任务。"""

    no: Int = entry("序号", 1)
    work: Text = entry("自己的话", "召开政策宣贯会")
    due: MonthOrDate | None = entry("完成时限", "2024-11", default=None)
    units: tuple[Text, ...] = entry("责任单位", ["工信局"], default=())
    measures: tuple[Measure, ...] = entry("能数的部分", default=())
    cite: Text = entry(_CITE, "附件3")


class WorkplanFile(Form):
    """workplan.yaml：推进计划。"""

    phases: tuple[Phase, ...] = entry("阶段", default=())
    tasks: tuple[Task, ...] = entry("任务", default=())


class UnitDuties(Form):
    """一个单位的职责。"""

    unit: Text = entry("单位", "财政局")
    duties: Text = entry("自己的话", "预算管理和资金保障")
    cite: Text | None = entry(_CITE, "第五条", default=None)


class TaskForce(Form):
    """专班；只写职务，不写人名。"""

    lead: Text = entry("组长的职务", "县政府分管领导")
    deputies: tuple[Text, ...] = entry("副组长的职务或单位", ["工信商务局"], default=())
    members: tuple[UnitDuties, ...] = entry("成员单位", default=())
    duties: Text | None = entry("职责", "统筹推进", default=None)
    cite: Text = entry(_CITE, "附件1")


class OrganizationFile(Form):
    """organization.yaml：专班与职责。"""

    task_force: TaskForce | None = entry("专班", default=None)
    duties: tuple[UnitDuties, ...] = entry("各单位职责", default=())
