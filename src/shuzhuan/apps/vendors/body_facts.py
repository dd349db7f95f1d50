"""The conditions that a body answers for itself: columns, questions and the packs' facts."""

from __future__ import annotations

# Column of ``BodyRecord``: the question and its hint (PY 第九条). The column's name is the last part
# of the fact's key.
CONDITIONS: dict[str, tuple[str, str]] = {
    "in_region_pool": (
        "已进入宁夏企业公共服务平台（168平台）的数字化转型服务商资源池",
        "在168平台的服务商名单里能查到的，选“是”；已申请、还没有公布的，选“否”",
    ),
    "is_legal_person": ("是独立法人", "分公司、办事处、事业部选“否”"),
    "qualified_team": (
        "有相关服务资质、专业技术团队和行业服务经验",
        "三样都有才选“是”；资质证书、团队名单和案例可以传到资料库",
    ),
    "lawful": ("合法经营", "没有违法经营被处罚的记录"),
    "bad_credit": ("有不良信用记录", "以“信用中国”和国家企业信用信息公示系统为准"),
    "keeps_separation": (
        "严格遵守改造评测分离",
        "给一家企业做了诊断、方案或改造，就不再评测它的结果，也不通过关联单位评测",
    ),
    "subcontracts": ("有转包或分包服务的行为", "把承接的改造服务整体或部分交给别人做，选“是”"),
    "service_recognised": (
        "服务效果得到企业和主管部门认可",
        "以验收结果、企业评价和主管部门的意见为准",
    ),
}
FACT_PREFIX = "vendor."
GROUP = "vendor"
