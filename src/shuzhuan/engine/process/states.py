"""Where a project can stand, and whose move it is there."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """Who acts. A state has one lane: whoever must move next."""

    ENTERPRISE = "enterprise"
    COUNTY = "county"
    CITY = "city"
    AGENCY = "agency"
    FINANCE = "finance"
    NOBODY = "nobody"

    @property
    def label(self) -> str:
        return _LANES[self]


_LANES = {
    Lane.ENTERPRISE: "企业",
    Lane.COUNTY: "县级主管部门",
    Lane.CITY: "市级主管部门",
    Lane.AGENCY: "第三方机构",
    Lane.FINANCE: "财政部门",
    Lane.NOBODY: "—",
}


class State(StrEnum):
    """One state of a project, from filing to closing."""

    DRAFT = "draft"
    FORM_CHECK = "form_check"
    RETURNED = "returned"
    EXPERT_REVIEW = "expert_review"
    SELECTED = "selected"
    SELECTION_PUBLICITY = "selection_publicity"
    CLEARED = "cleared"
    LISTED = "listed"
    IMPLEMENTING = "implementing"
    ACCEPTANCE_REQUESTED = "acceptance_requested"
    GRADING = "grading"
    COUNTY_REVIEW = "county_review"
    RECTIFICATION = "rectification"
    CITY_REVIEW = "city_review"
    APPROVED = "approved"
    PAYMENT_PUBLICITY = "payment_publicity"
    DETERMINATION = "determination"
    CONFIRMATION = "confirmation"
    PAYMENT = "payment"
    PAID = "paid"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    DISQUALIFIED = "disqualified"
    CLAW_BACK = "claw_back"
    CLAWED_BACK = "clawed_back"

    @property
    def label(self) -> str:
        return _STATES[self][0]

    @property
    def lane(self) -> Lane:
        return _STATES[self][1]

    @property
    def step(self) -> str:
        """Id of the step of a pack's process that the state belongs to; empty beside the line."""
        return _STATES[self][2]


_STATES: dict[State, tuple[str, Lane, str]] = {
    State.DRAFT: ("填报中", Lane.ENTERPRISE, "filing"),
    State.FORM_CHECK: ("形式审查", Lane.COUNTY, "form_check"),
    State.RETURNED: ("退回补正", Lane.ENTERPRISE, ""),
    State.EXPERT_REVIEW: ("专家评审", Lane.COUNTY, "expert_review"),
    State.SELECTED: ("待遴选公示", Lane.COUNTY, "selection_publicity"),
    State.SELECTION_PUBLICITY: ("遴选公示中", Lane.COUNTY, "selection_publicity"),
    State.CLEARED: ("待入库", Lane.COUNTY, "listing"),
    State.LISTED: ("已入库，待签约", Lane.ENTERPRISE, "contract"),
    State.IMPLEMENTING: ("实施中", Lane.ENTERPRISE, "implementation"),
    State.ACCEPTANCE_REQUESTED: ("已申请验收", Lane.COUNTY, "acceptance_request"),
    State.GRADING: ("评测与投资审核", Lane.AGENCY, "grading_audit"),
    State.COUNTY_REVIEW: ("县初审", Lane.COUNTY, "county_review"),
    State.RECTIFICATION: ("限期整改", Lane.ENTERPRISE, ""),
    State.CITY_REVIEW: ("市审核", Lane.CITY, "city_review"),
    State.APPROVED: ("待兑付公示", Lane.COUNTY, "payment_publicity"),
    State.PAYMENT_PUBLICITY: ("兑付公示中", Lane.COUNTY, "payment_publicity"),
    State.DETERMINATION: ("待核定", Lane.COUNTY, "determination"),
    State.CONFIRMATION: ("核定待复核", Lane.COUNTY, "determination"),
    State.PAYMENT: ("待兑付", Lane.FINANCE, "payment"),
    State.PAID: ("已兑付，待结项", Lane.COUNTY, "closing"),
    State.CLOSED: ("已结项", Lane.NOBODY, ""),
    State.WITHDRAWN: ("已撤回", Lane.NOBODY, ""),
    State.REJECTED: ("未入选", Lane.NOBODY, ""),
    State.DISQUALIFIED: ("已取消资格", Lane.NOBODY, ""),
    State.CLAW_BACK: ("追回中", Lane.FINANCE, ""),
    State.CLAWED_BACK: ("已追回", Lane.NOBODY, ""),
}

# A project in one of these makes room for another one of the same enterprise.
OVER = frozenset({State.WITHDRAWN, State.REJECTED, State.DISQUALIFIED, State.CLAWED_BACK})
TERMINAL = OVER | {State.CLOSED}
PUBLIC_PERIODS = frozenset({State.SELECTION_PUBLICITY, State.PAYMENT_PUBLICITY})
# The line from filing to closing, in order; a pack may leave out steps of it.
MAIN_LINE = (
    State.DRAFT,
    State.FORM_CHECK,
    State.EXPERT_REVIEW,
    State.SELECTED,
    State.SELECTION_PUBLICITY,
    State.CLEARED,
    State.LISTED,
    State.IMPLEMENTING,
    State.ACCEPTANCE_REQUESTED,
    State.GRADING,
    State.COUNTY_REVIEW,
    State.CITY_REVIEW,
    State.APPROVED,
    State.PAYMENT_PUBLICITY,
    State.DETERMINATION,
    State.CONFIRMATION,
    State.PAYMENT,
    State.PAID,
    State.CLOSED,
)
