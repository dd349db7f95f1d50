"""What the log says, in the words of its readers. The row itself keeps the codes that were hashed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.apps import apps

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry
from shuzhuan.engine.money import format_cn
from shuzhuan.engine.process import BY_ACTION, State

REQUEST = "request:"
SAID_CHARS_MAX = 120

_PEOPLE = {
    "administration.add_region": "增加区域",
    "administration.change_region": "修改区域",
    "administration.end_membership": "收回身份",
    "administration.found": "首次设立",
    "administration.grant": "增加身份",
    "administration.invite": "邀请人员",
    "audit.checkpoint": "生成检查点",
    "demo.enter": "从演示入口进入",
    "end_membership": "收回企业成员",
    "register_enterprise": "注册企业",
    "signin.activate": "启用账号",
    "signin.bind_factor": "绑定两步验证",
    "signin.change_password": "修改密码",
    "signin.end_sessions": "结束会话",
    "signin.issue_link": "发一次性链接",
    "signin.pass_factor": "通过两步验证",
    "signin.renew_recovery_codes": "换恢复码",
    "signin.sign_in": "登录",
    "signin.sign_out": "退出登录",
    "signin.switch": "换身份",
    "signin.unbind_factor": "解除两步验证",
    "unmask": "查看敏感内容",
}
_ENTERPRISES = {
    "add_qualification": "登记资质",
    "change_qualification": "修改资质",
    "check_import": "检查导入的表",
    "confirm_qualifications": "确认资质",
    "declare": "填写声明",
    "drop_import": "放弃导入",
    "enter_pilot": "纳入试点名单",
    "export_enterprises": "导出企业名单",
    "import_enterprises": "导入企业名单",
    "leave_pilot": "移出试点名单",
    "resume_bulk": "接着批量办理",
    "save_section": "填写企业档案",
    "set_digital_level": "写入数字化水平",
    "set_survey": "登记摸底",
    "start_bulk": "批量办理",
    "save_view": "保存视图",
    "delete_view": "删除视图",
    "withdraw_qualification": "撤回资质",
    "grant_consent": "同意授权",
    "refuse_consent": "拒绝授权",
    "request_consent": "申请授权",
    "withdraw_consent": "收回授权",
    "save_body": "填写服务机构档案",
}
_EVIDENCE = {
    "end_use": "停止使用资料",
    "export_bundle": "导出整档",
    "upload_document": "上传资料",
    "upload_refused": "上传被拒",
    "upload_version": "上传新版本",
    "use_document": "使用资料",
    "view_document": "查看资料",
    "withdraw_document": "撤回资料",
}
_LEVELS = {
    "accept_plan": "确认一企一策",
    "change_indicator_set": "修改指标集",
    "check_indicator_set": "检查指标集",
    "copy_indicator_set": "复制指标集",
    "discard_indicator_set": "作废指标集草稿",
    "drop_measure": "删去措施",
    "end_engagement": "结束委派",
    "engage": "委派",
    "export_level_list": "导出水平名单",
    "export_levels": "导出水平统计",
    "export_report": "导出报告",
    "import_indicator_set": "导入指标集",
    "note_doubt": "登记评测疑点",
    "open_plan": "开始编一企一策",
    "publish_indicator_set": "发布指标集",
    "remind_self_assessment": "提醒自评",
    "resume_assessment": "接着填评测",
    "retire_indicator_set": "停用指标集",
    "save_answer": "填写评测",
    "save_draft": "保存草稿",
    "save_findings": "填写诊断发现",
    "save_measure": "填写措施",
    "save_outline": "填写方案",
    "send_back_plan": "退回一企一策",
    "ship_indicator_set": "装入指标集",
    "start_assessment": "开始评测",
    "submit_assessment": "提交评测",
    "submit_plan": "提交一企一策",
    "withdraw_assessment": "撤回评测",
}
_PILOTS = {
    "close_batch": "停止受理",
    "create_batch": "准备批次",
    "create_pilot": "建立试点",
    "open_batch": "开放批次",
    "export_projects": "导出项目",
    "project_refused": "没有办成",
    "projects_bulk_refused": "一起办理没有办成",
    "start_project": "开始填申报",
    "cancel_publicity": "撤销公示",
    "close_publicity": "结束公示",
    "decide_objection": "答复异议",
    "look_up_answer": "查异议答复",
    "object_to_publicity": "提异议",
    "recompute_objection": "重算异议期限",
    "recompute_publicity": "重算公示期限",
    "recount_due_day": "重算期限",
    "start_publicity": "开始公示",
    "view_objection_file": "查看异议附件",
    "withdraw_publicity_item": "撤下公示中的一项",
    "change_notice": "修改通知公告",
    "drop_draft": "作废草稿",
    "publish_notice": "发布通知公告",
    "withdraw_notice": "撤回通知公告",
    "write_notice": "起草通知公告",
}
_MONEY = {
    "export_ledger": "导出台账",
    "funds.close": "结清专项资金",
    "funds.close_period": "结账",
    "funds.confirm": "复核预算",
    "funds.decline": "退回预算",
    "funds.open": "设立专项资金",
    "funds.propose": "录入预算",
}
_MESSAGES = {
    "inbox.confirm_address": "确认邮箱",
    "inbox.open": "打开消息",
    "inbox.read_all": "全部标为已读",
    "inbox.remove_address": "删除邮箱",
    "inbox.retry_mail": "重发邮件",
    "inbox.set_address": "填写邮箱",
}
WORDS: Mapping[str, str] = {
    **_PEOPLE, **_ENTERPRISES, **_EVIDENCE, **_LEVELS, **_PILOTS, **_MONEY, **_MESSAGES,
    **{action: row.label for action, row in BY_ACTION.items()},
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One row in words. ``detail``: what changed, where the words for it are known."""

    entry: Entry
    action: str
    target: str
    role: str
    detail: str


def action_words(action: str) -> str:
    """What was done; a code that nobody has named is shown as it is."""
    return "没有办成的请求" if action.startswith(REQUEST) else WORDS.get(action, action)


def codes_of(words: str) -> list[str]:
    """Actions whose words hold what was typed."""
    return [code for code, label in WORDS.items() if words in label]


def said(entry: Entry) -> Said:
    """One row for the page of the log."""
    role = Role(entry.role).label if entry.role in Role.values else ""
    return Said(entry, action_words(entry.action), _target(entry), str(role), _detail(entry))


def _target(entry: Entry) -> str:
    try:
        name = str(apps.get_model(entry.kind)._meta.verbose_name)
    except (LookupError, ValueError):
        name = entry.kind
    return f"{name} {entry.object_id}".strip()


def _detail(entry: Entry) -> str:
    detail = json.loads(entry.detail)
    parts = []
    before, after = detail.get("before"), detail.get("after")
    if {before, after} <= set(State) and before != after:
        parts.append(f"{State(before).label} → {State(after).label}")
    parts += [str(detail[key]) for key in ("number", "title", "reason", "path") if key in detail]
    parts += [
        f"{label}{format_cn(detail[key])}"
        for key, label in (
            ("paid_fen", "兑付"), ("determined_fen", "核定"), ("audited_fen", "核定投入"),
            ("amount_fen", "金额"), ("total_fen", "合计"), ("before_fen", "原来要求追回"),
            ("clawback_fen", "要求追回"),
        )
        if isinstance(detail.get(key), int)
    ]  # fmt: skip
    text = "，".join(parts)
    return text if len(text) <= SAID_CHARS_MAX else f"{text[: SAID_CHARS_MAX - 1]}…"
