"""Material for reports without a database: full sheets of 31 items with everything around them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from shuzhuan.apps.assessments.models import AssessmentKind
from shuzhuan.apps.assessments.reports.material import Before, Cost, Material, PlanMaterial, Use
from shuzhuan.engine.grading import IndicatorSet, parse_answers, shipped_sets
from shuzhuan.engine.policy.pack import Library

RAW: dict[str, object] = {
    "q1": ["B", "C"], "q2": {"part": 26, "whole": 60}, "q3": "35.5", "q4": ["B", "F", "G", "H", "M"],
    "q5": "C", "q6": ["B", "C"], "q7": ["C", "E"], "q8": "D", "q9": ["B", "C"], "q10": ["B", "D"],
    "q11": "12.5", "q12": "C", "q13": "C", "q14": "C", "q15": "B",
    "s1": 3, "s2": 1, "s3": 2, "s4": 1, "s5": 2, "s6": 3, "s7": 2, "s8": 2, "s9": 1, "s10": 2,
    "s11": 2, "s12": 3, "s13": 2, "s14": 2, "s15": 1, "s16": 0,
}  # fmt: skip
"""A sheet of level two."""

FINDINGS = {
    "q1": "车间有 2 条工业以太网环网，覆盖机加和装配；仓库只有办公 Wi-Fi，扫码枪离开通道就断线。",
    "q2": "现场清点设备 60 台，其中数控车床 18 台、加工中心 8 台带数据接口，台账与实物一致。",
    "q3": "联网的 21 台都在机加车间，由采集网关接入；其余设备有网口但没有接线。",
    "q4": "抽看生产管控、质量和仓储的数据页，采集时间连续；采购数据由人工月底汇总，不计。",
    "q5": "在用 ERP（财务、采购、库存）和 MES（报工、质量），销售和售后仍用电子表格。",
    "q8": "2024 年完成 MES 一期，投入 86 万元；2025 年计划已列入董事会决议，没有看到效果评价。",
    "q11": "三年软件和数字化设备支出共 412 万元，与审计报告的研发和固定资产明细相符。",
    "s1": "三维设计和 PDM 在用，近半年 126 次变更都有审批记录；常用件库有 340 个零件可直接调用。",
    "s6": "工单、物料和设备状态实时可见，与质量模块共享；工艺参数只采集了热处理工序。",
    "s9": "安全规程为电子文件，没有在线监测。",
    "s16": "经营数据由财务月底汇总成表，没有分析工具。",
}
NEEDS = (
    ("s9", "危险源在线监测和电子作业票，先做喷涂车间。"),
    ("s8", "关键设备的运行参数实时采集，能看综合效率。"),
    ("", "希望有人讲清楚云上软件的年费和数据归谁。"),
)
PROBLEMS = (
    ("q1", "仓库没有覆盖网络，扫码入库要回到通道才能上传，账实平均滞后半天。"),
    ("q3", "三成五的设备联网，数据集中在机加车间，瓶颈工序（热处理）看不到停机原因。"),
    ("s9", "安全作业仍靠纸面许可，风险点没有在线监测，不满足二级。"),
    ("s4", "售后报修由电话登记，处理结果没有回到设计，同一问题半年内重复出现 7 次。"),
)
PROPOSED = (("s9", "危险源在线监测与电子作业票"), ("s8", "热处理和冲压设备联网"))
MEASURES = (
    Cost("s9", "2", "软件", "安全作业与危险源监测系统", "固原数字服务公司", 18_000_000, "含 12 个探测点"),
    Cost("s8", "3", "数据采集传输设备", "设备数据采集网关及传感器", "固原数字服务公司", 26_500_000, "共 18 台"),
    Cost("s4", "2", "云服务", "售后工单云平台（三年）", "", 6_000_000, ""),
    Cost("q1", '["B","C","E"]', "其他", "仓库无线覆盖", "本地集成商", 4_350_050, "8 个接入点，含施工"),
)  # fmt: skip


def indicators() -> IndicatorSet:
    return shipped_sets()["2024-manufacturing"]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def uses() -> tuple[Use, ...]:
    titles = {
        "q1": "车间网络拓扑图", "q2": "设备台账2025年4月", "q3": "采集网关设备清单截图",
        "q4": "MES数据页截图", "q5": "ERP与MES软件合同", "q8": "董事会决议（数字化年度计划）",
        "q11": "近三年审计报告", "s1": "PDM变更记录截图", "s6": "MES数据页截图", "s7": "检验追溯查询截图",
        "s12": "扫码入库照片", "s13": "总账与业财接口说明",
    }  # fmt: skip
    versions = {title: at for at, title in enumerate(dict.fromkeys(titles.values()), start=1)}
    return tuple(
        Use(item, versions[title], title, sha(title), date(2025, 5, 6))
        for item, title in titles.items()
    )


_TRUE = (
    "enterprise.is_sme", "enterprise.registered_here", "enterprise.is_legal_person",
    "enterprise.lawful_tax_compliant", "enterprise.finance_sound", "enterprise.in_leading_industry",
    "enterprise.willing_and_ready", "enterprise.is_pilot", "project.accepted",
    "project.tasks_completed",
)  # fmt: skip
_FALSE = (
    "enterprise.bad_credit", "enterprise.on_abnormal_list", "enterprise.on_dishonest_list",
    "enterprise.on_procurement_blacklist", "enterprise.major_accident_3y",
    "enterprise.illegal_3y", "project.false_materials", "project.same_kind_funded",
    "enterprise.refused_supervision",
)  # fmt: skip


@cache
def decision() -> dict[str, Any]:
    """What the policy engine says of a firm of 彭阳 that would reach level three."""
    facts: dict[str, object] = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
    facts |= {
        "enterprise.registered_on": "2020-01-01",
        "project.level_before": 2,
        "project.level_after": 3,
        "project.invested": "548500.50",
    }
    pack = Library.load().get("pengyang")
    return pack.bind(date(2026, 6, 1)).decide(facts).to_json()


def plan() -> PlanMaterial:
    return PlanMaterial(
        number=2,
        state="已提交企业",
        summary="先补安全生产和设备联网两个短板，再把售后问题接回设计。\n分两个月实施，不停产。",
        expected_level=3,
        expected_points_milli=62_500,
        cost_fen=sum(one.cost_fen for one in MEASURES),
        subsidy_fen=27_425_025,
        decision=decision(),
        starts_on=date(2025, 6, 1),
        ends_on=date(2025, 9, 30),
        accepted_on=None,
        measures=MEASURES,
    )


def material(kind: AssessmentKind = AssessmentKind.DIAGNOSIS, **changes: Any) -> Material:
    """A full sheet; a diagnosis has its plan, an acceptance its earlier result."""
    self_made = kind == AssessmentKind.SELF
    raw = dict(RAW)
    before = None
    if kind == AssessmentKind.ACCEPTANCE:
        before = Before(
            indicators(), parse_answers(indicators(), RAW), "固原数字服务公司", date(2025, 5, 6)
        )
        raw |= {
            "s9": 2,
            "s8": 3,
            "s4": 2,
            "s10": 3,
            "s11": 3,
            "s7": 3,
            "s3": 3,
            "q1": ["B", "C", "E"],
            "q3": "72",
            "q5": "D",
        }
    day = date(2025, 10, 14) if before else date(2025, 5, 6)
    answers = parse_answers(indicators(), raw)
    found = Material(
        kind=kind,
        pk=42,
        place="彭阳县",
        place_code="640425",
        enterprise="彭阳杂粮加工厂",
        uscc="91640425000000012X",
        industry="农副食品加工",
        body="彭阳杂粮加工厂" if self_made else "宁夏评测机构",
        body_uscc="91640000000000018Y",
        visited_on=None if self_made else day,
        submitted_at=datetime(2025, day.month, day.day + 2, 1, 30, tzinfo=UTC),
        committed_name="李明",
        withdrawn="",
        indicators=indicators(),
        answers=answers,
        answers_sha256=hashlib.sha256(answers.canonical()).hexdigest(),
        remarks={} if self_made else {item: (text, "") for item, text in FINDINGS.items()},
        uses=uses(),
        findings=() if self_made else (
            *(("problem", *one) for one in PROBLEMS), *(("need", *one) for one in NEEDS),
            *(("scenario", *one) for one in PROPOSED),
        ),
        plan=plan() if kind == AssessmentKind.DIAGNOSIS else None,
        before=before,
    )  # fmt: skip
    return replace(found, **changes)


def stored(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
