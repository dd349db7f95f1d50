"""The field's terms as readers see them, for codes that packs use."""

KINDS = {
    "subsidy": "补助",
    "bonus": "奖励",
    "innovation": "科技创新",
    "loan": "贷款",
    "service": "服务支出",
    "estimate": "估算",
    "text": "无金额",
}
PAYEES = {
    "enterprise": "企业",
    "vendor": "服务商",
    "chain_leader": "链主、龙头企业",
    "county": "县（市、区）",
    "park": "园区",
    "platform": "平台建设单位",
    "services": "服务机构",
}
CERTAINTY = {"exact": "按标准给予", "at_most": "最高", "discretion": "原则上最高"}
CERTAINTY_NOTE = {
    "exact": "符合条件的，按这个数给。",
    "at_most": "这是上限，实际数额由主管部门核定，不是承诺。",
    "discretion": "原则上的上限，由主管部门酌情核定，不是承诺。",
}
STATUSES = ("征求意见", "有效", "失效")
LEVELS = {"province": "省级", "city": "市级", "county": "县级", "park": "园区"}
ACTORS = {
    "enterprise": "企业",
    "vendor": "服务商",
    "agency": "第三方机构",
    "expert": "专家",
    "province": "省级部门",
    "city": "市级部门",
    "county": "县级部门",
    "finance": "财政部门",
    "park": "园区",
    "platform": "公共服务平台",
}
TIME_UNITS = {
    "workday": "个工作日",
    "day": "日",
    "month": "个月",
    "quarter": "个季度",
    "year": "年",
}
PER = {"pilot": "试点期内", "year": "每年", "batch": "每批", "enterprise": "每家企业"}
SOURCES = {
    "archive": "企业档案",
    "self_assessment": "自评",
    "diagnosis": "诊断",
    "acceptance": "验收评测",
    "project": "项目资料",
    "officer": "由经办人核实",
    "finance": "贷款资料",
    "public": "公开信息可查",
}
STACKING = {"exclusive": "取最高的一项", "additive": "可以叠加", "ceiling": "合计封顶"}


def time_limit(value: int, unit: str, bound: str) -> str:
    """``30, day, within`` → 30日内."""
    text = f"{value}{TIME_UNITS[unit]}"
    match bound:
        case "within":
            return f"{text}内"
        case "at_least":
            return f"不少于{text}"
        case "every":
            return f"每{text}" if value > 1 else f"每{TIME_UNITS[unit].removeprefix('个')}"
    return text


def bounded(number: str, unit: str, bound: str) -> str:
    """``336, 家, at_least`` → 不少于336家."""
    word = {"at_least": "不少于", "at_most": "不超过", "exactly": ""}[bound]
    return f"{word}{number}{unit}"
