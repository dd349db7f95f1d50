"""The one table of transitions. Buttons, guards, deadlines, tests and flowchart come from it.

A transition without a target is work within a state (a contract, an invoice, an opinion): it is
done, recorded and refused like every other, and the project stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .states import Lane, State

_BEFORE_WORK = (
    State.FORM_CHECK,
    State.RETURNED,
    State.EXPERT_REVIEW,
    State.SELECTED,
    State.CLEARED,
    State.LISTED,
)
_AFTER_LISTING = (
    State.LISTED,
    State.IMPLEMENTING,
    State.ACCEPTANCE_REQUESTED,
    State.GRADING,
    State.COUNTY_REVIEW,
    State.RECTIFICATION,
    State.CITY_REVIEW,
    State.APPROVED,
    State.PAYMENT_PUBLICITY,
    State.DETERMINATION,
    State.CONFIRMATION,
    State.PAYMENT,
)

# To set reserved money free takes two people.
_MONEY_RESERVED = (
    State.PAYMENT_PUBLICITY,
    State.DETERMINATION,
    State.CONFIRMATION,
    State.PAYMENT,
)

# Who set the amount to be paid back does not book what comes.
_ORDERED = ("order_claw_back", "propose_claw_back_correction", "correct_claw_back")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row. ``by``: the lane that may do it. ``done``: how the history tells it.

    ``guards`` name what must hold besides role and state; ``not_after`` names the actions whose
    latest doer may not do this one (nobody approves what they made). ``reason``: it must say why.
    ``back``: it leads to the state from which the project came, of which the target is one.
    """

    action: str
    label: str
    done: str
    by: Lane
    sources: tuple[State, ...]
    target: State | None = None
    guards: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    reason: bool = False
    main: bool = False
    back: bool = False


TABLE: tuple[Transition, ...] = (
    # Filing
    Transition("edit_filing", "填写申报", "修改了申报内容", Lane.ENTERPRISE,
               (State.DRAFT, State.RETURNED), guards=("batch_open",)),
    Transition("attach_paper", "添加材料", "添加了材料", Lane.ENTERPRISE,
               (State.DRAFT, State.RETURNED, State.IMPLEMENTING, State.RECTIFICATION)),
    Transition("file", "提交申报", "提交了申报", Lane.ENTERPRISE, (State.DRAFT,), State.FORM_CHECK,
               guards=("batch_open", "filing_complete", "eligible"), main=True),
    Transition("discard", "放弃这份草稿", "放弃了草稿", Lane.ENTERPRISE, (State.DRAFT,),
               State.WITHDRAWN),
    Transition("refile", "提交补正", "提交了补正", Lane.ENTERPRISE, (State.RETURNED,),
               State.FORM_CHECK, guards=("filing_complete", "eligible", "in_time")),
    Transition("extend", "延长期限", "延长了期限", Lane.COUNTY, (State.RETURNED, State.LISTED),
               reason=True),
    Transition("withdraw", "撤回申报", "撤回了申报", Lane.ENTERPRISE, _BEFORE_WORK,
               State.WITHDRAWN, reason=True),
    # Selection
    Transition("return_filing", "退回补正", "退回补正", Lane.COUNTY, (State.FORM_CHECK,),
               State.RETURNED, guards=("sections_named",), reason=True),
    Transition("pass_form_check", "形式审查通过", "通过了形式审查", Lane.COUNTY,
               (State.FORM_CHECK,), State.EXPERT_REVIEW, main=True),
    Transition("reject_filing", "不予受理", "没有通过形式审查", Lane.COUNTY,
               (State.FORM_CHECK, State.RETURNED), State.REJECTED, reason=True),
    Transition("record_experts", "登记评审结果：通过", "专家评审通过", Lane.COUNTY,
               (State.EXPERT_REVIEW,), State.SELECTED, guards=("experts_complete",), main=True),
    Transition("fail_experts", "登记评审结果：不通过", "专家评审没有通过", Lane.COUNTY,
               (State.EXPERT_REVIEW,), State.REJECTED, guards=("experts_complete",), reason=True),
    Transition("start_selection_publicity", "开始遴选公示", "开始遴选公示", Lane.COUNTY,
               (State.SELECTED,), State.SELECTION_PUBLICITY, main=True),
    Transition("close_selection_publicity", "结束遴选公示", "遴选公示无异议", Lane.COUNTY,
               (State.SELECTION_PUBLICITY,), State.CLEARED,
               guards=("publicity_over", "no_open_objection"), main=True),
    Transition("uphold_selection_objection", "异议成立，取消入选", "异议成立，取消入选",
               Lane.COUNTY, (State.SELECTION_PUBLICITY,), State.REJECTED,
               guards=("objection_upheld",), reason=True),
    Transition("retract_selection_publicity", "公示已撤，重新公示", "撤下了遴选公示", Lane.COUNTY,
               (State.SELECTION_PUBLICITY,), State.SELECTED,
               guards=("publicity_taken_back", "no_open_objection"), reason=True),
    Transition("list_project", "入库", "纳入试点", Lane.COUNTY, (State.CLEARED,), State.LISTED,
               guards=("no_open_objection",), main=True),
    # Contract and work
    Transition("edit_contract", "登记合同", "登记了合同", Lane.ENTERPRISE,
               (State.LISTED, State.IMPLEMENTING)),
    Transition("start_work", "开始实施", "开始实施", Lane.ENTERPRISE, (State.LISTED,),
               State.IMPLEMENTING, guards=("has_contract",), main=True),
    Transition("edit_line", "登记投入", "登记了投入", Lane.ENTERPRISE,
               (State.IMPLEMENTING, State.RECTIFICATION)),
    Transition("remove_line", "删去投入", "删去了投入", Lane.ENTERPRISE,
               (State.IMPLEMENTING, State.RECTIFICATION)),
    Transition("apply_acceptance", "申请验收", "申请了验收", Lane.ENTERPRISE,
               (State.IMPLEMENTING,), State.ACCEPTANCE_REQUESTED,
               guards=("lines_complete", "acceptance_papers", "in_cycle"), main=True),
    Transition("return_acceptance", "退回验收申请", "退回了验收申请", Lane.COUNTY,
               (State.ACCEPTANCE_REQUESTED,), State.IMPLEMENTING, guards=("sections_named",),
               reason=True),
    # Acceptance
    Transition("assign_agencies", "委派评测和审核机构", "委派了评测和审核机构", Lane.COUNTY,
               (State.ACCEPTANCE_REQUESTED,), State.GRADING, guards=("agencies_independent",),
               main=True),
    Transition("replace_agencies", "更换机构", "更换了机构", Lane.COUNTY, (State.GRADING,),
               guards=("agencies_independent",), reason=True),
    Transition("audit_line", "核定一笔投入", "核定了投入", Lane.AGENCY, (State.GRADING,),
               guards=("is_auditor",)),
    Transition("finish_audit", "提交投资审核", "提交了投资审核", Lane.AGENCY, (State.GRADING,),
               guards=("is_auditor", "all_lines_audited")),
    Transition("finish_grading", "提交定级验收", "提交了定级验收", Lane.AGENCY, (State.GRADING,),
               guards=("is_grader", "grading_submitted")),
    Transition("start_county_review", "转入初审", "转入初审", Lane.COUNTY, (State.GRADING,),
               State.COUNTY_REVIEW, guards=("graded", "audited"), main=True),
    Transition("pass_county_review", "初审通过", "通过了县初审", Lane.COUNTY,
               (State.COUNTY_REVIEW,), State.CITY_REVIEW, guards=("improved", "amount_in_ceiling"),
               main=True),
    Transition("order_rectification", "验收未通过，限期整改", "要求限期整改", Lane.COUNTY,
               (State.COUNTY_REVIEW,), State.RECTIFICATION, guards=("recheck_left",), reason=True),
    Transition("report_rectified", "提交整改", "提交了整改", Lane.ENTERPRISE,
               (State.RECTIFICATION,), State.GRADING, guards=("in_time", "lines_complete"),
               reason=True),
    Transition("pass_city_review", "市审核通过", "通过了市审核", Lane.CITY, (State.CITY_REVIEW,),
               State.APPROVED, not_after=("pass_county_review",), main=True),
    Transition("return_county", "退回县初审", "退回县初审", Lane.CITY, (State.CITY_REVIEW,),
               State.COUNTY_REVIEW, reason=True),
    # Money
    Transition("start_payment_publicity", "开始兑付公示", "开始兑付公示，锁定资金", Lane.COUNTY,
               (State.APPROVED,), State.PAYMENT_PUBLICITY, not_after=("pass_city_review",),
               main=True),
    Transition("close_payment_publicity", "结束兑付公示", "兑付公示无异议", Lane.COUNTY,
               (State.PAYMENT_PUBLICITY,), State.DETERMINATION,
               guards=("publicity_over", "no_open_objection"), main=True),
    Transition("uphold_payment_objection", "异议成立，退回初审", "异议成立，释放资金，退回初审",
               Lane.COUNTY, (State.PAYMENT_PUBLICITY,), State.COUNTY_REVIEW,
               guards=("objection_upheld",), reason=True),
    Transition("retract_payment_publicity", "公示已撤，重新公示", "撤下了兑付公示，释放资金",
               Lane.COUNTY, (State.PAYMENT_PUBLICITY,), State.APPROVED,
               guards=("publicity_taken_back", "no_open_objection"), reason=True),
    Transition("determine", "核定金额", "核定了金额", Lane.COUNTY, (State.DETERMINATION,),
               State.CONFIRMATION, guards=("amount_in_reserve",), reason=True, main=True),
    Transition("confirm_determination", "复核通过", "复核了核定", Lane.COUNTY,
               (State.CONFIRMATION,), State.PAYMENT, not_after=("determine",), main=True),
    Transition("return_determination", "退回重新核定", "退回重新核定", Lane.COUNTY,
               (State.CONFIRMATION,), State.DETERMINATION, not_after=("determine",), reason=True),
    Transition("pay", "确认兑付", "兑付", Lane.FINANCE, (State.PAYMENT,), State.PAID,
               guards=("publicity_ran", "no_open_objection"),
               not_after=("determine", "confirm_determination"), main=True),
    Transition("close", "结项", "结项", Lane.COUNTY, (State.PAID,), State.CLOSED, main=True),
    # Ends
    Transition("propose_disqualification", "提请取消资格", "提请取消资格，等另一人办理", Lane.COUNTY,
               _MONEY_RESERVED, reason=True),
    Transition("disqualify", "取消资格", "取消了资格", Lane.COUNTY, _AFTER_LISTING,
               State.DISQUALIFIED, guards=("release_proposed",), reason=True),
    Transition("order_claw_back", "追回资金", "要求追回资金", Lane.COUNTY,
               (State.PAID, State.CLOSED), State.CLAW_BACK, reason=True),
    Transition("record_partial_return", "登记部分退款", "收到部分退款", Lane.FINANCE,
               (State.CLAW_BACK,), guards=("leaves_a_rest",), not_after=_ORDERED),
    Transition("confirm_returned", "确认退清", "资金已退清", Lane.FINANCE, (State.CLAW_BACK,),
               State.CLAWED_BACK, not_after=_ORDERED),
    Transition("propose_claw_back_correction", "提请更正追回金额", "提请更正追回金额，等另一人办理",
               Lane.COUNTY, (State.CLAW_BACK,), guards=("amount_to_correct",), reason=True),
    Transition("correct_claw_back", "更正追回金额", "更正了追回金额", Lane.COUNTY,
               (State.CLAW_BACK,), guards=("correction_proposed",),
               not_after=("propose_claw_back_correction",)),
    Transition("propose_claw_back_withdrawal", "提请撤销追回", "提请撤销追回，等另一人办理",
               Lane.COUNTY, (State.CLAW_BACK,), guards=("nothing_returned",), reason=True),
    Transition("withdraw_claw_back", "撤销追回", "撤销了追回", Lane.COUNTY, (State.CLAW_BACK,),
               State.PAID, guards=("nothing_returned", "withdrawal_proposed"),
               not_after=("propose_claw_back_withdrawal",), reason=True, back=True),
)  # fmt: skip

BY_ACTION: Mapping[str, Transition] = {row.action: row for row in TABLE}


def leaving(state: State) -> tuple[Transition, ...]:
    """What can be done in a state, in the order of the table."""
    return tuple(row for row in TABLE if state in row.sources)
