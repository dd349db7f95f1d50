"""Who may use these pages."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT, OFFICERS, Role
from shuzhuan.apps.assessments.actions.writing import CERTIFIERS, SELF_WRITERS

ASSESSMENT = "assessments.Assessment"
ENGAGEMENT = "assessments.Engagement"
PLAN = "assessments.Plan"
FIRM = "enterprises.Enterprise"
SET = "assessments.PublishedSet"
WATCHERS = OFFICERS | {Role.LEADER}


def _sheet(
    route: str,
    methods: tuple[str, ...],
    roles: frozenset[Role],
    write_roles: frozenset[Role] | None = None,
) -> Row:
    name = f"assessments:{route}"
    return Row(name, methods, roles, model=ASSESSMENT, lookup="pk", write_roles=write_roles)


def _visit(route: str, methods: tuple[str, ...]) -> Row:
    return Row(f"assessments:{route}", methods, BODIES, model=ENGAGEMENT, lookup="pk")


ROWS = (
    # The enterprise itself
    Row("assessments:self_home", READ, ENTERPRISE),
    Row("assessments:self_start", WRITE, SELF_WRITERS),
    _sheet("self_sheet", READ, ENTERPRISE),
    _sheet("self_every", READ, ENTERPRISE),
    _sheet("self_keep", WRITE, SELF_WRITERS),
    _sheet("self_item", READ_WRITE, ENTERPRISE, SELF_WRITERS),
    _sheet("self_evidence", READ_WRITE, ENTERPRISE, SELF_WRITERS),
    _sheet("self_commit", READ_WRITE, ENTERPRISE, CERTIFIERS),
    _sheet("self_withdraw", READ_WRITE, ENTERPRISE, CERTIFIERS),
    _sheet("result", READ, GOVERNMENT | ENTERPRISE | BODIES),
    _sheet("report_pdf", WRITE, GOVERNMENT | ENTERPRISE | BODIES),
    _sheet("report_docx", WRITE, GOVERNMENT | ENTERPRISE | BODIES),
    # On site
    Row("assessments:visits", READ, BODIES),
    _visit("visit", READ_WRITE),
    _visit("visit_every", READ),
    _visit("visit_keep", WRITE),
    _visit("visit_item", READ_WRITE),
    _visit("visit_findings", READ_WRITE),
    _visit("visit_commit", READ_WRITE),
    _visit("visit_plan", READ_WRITE),
    _visit("visit_measure_add", READ_WRITE),
    _visit("visit_measure", READ_WRITE),
    _sheet("compare", READ, GOVERNMENT | ENTERPRISE | BODIES),
    # The plan
    Row("assessments:own_plan", READ, ENTERPRISE),
    Row("assessments:plan", READ, GOVERNMENT | ENTERPRISE | BODIES, model=PLAN, lookup="pk"),
    Row("assessments:plan_decide", WRITE, CERTIFIERS, model=PLAN, lookup="pk"),
    # The officer: whom to ask
    Row("assessments:engagements", READ, WATCHERS),
    Row("assessments:engagement", READ, WATCHERS, model=ENGAGEMENT, lookup="pk"),
    Row("assessments:engagement_end", WRITE, OFFICERS, model=ENGAGEMENT, lookup="pk"),
    Row("assessments:engage", READ_WRITE, OFFICERS, model=FIRM, lookup="pk"),
    # The officer: levels of the place
    Row("assessments:levels", READ, WATCHERS),
    Row("assessments:level_scenarios", READ, WATCHERS),
    Row("assessments:level_list", READ, WATCHERS),
    Row("assessments:level_remind", WRITE, OFFICERS),
    Row("assessments:level_export", WRITE, WATCHERS),
    Row("assessments:doubts", READ, WATCHERS),
    Row("assessments:doubt_look", WRITE, OFFICERS),
    # The operator: indicator sets
    Row("assessments:sets", READ, OFFICERS),
    Row("assessments:set_import", READ_WRITE, OFFICERS),
    Row("assessments:set_page", READ, OFFICERS, model=SET, lookup="pk"),
    Row("assessments:set_edit", READ_WRITE, OFFICERS, model=SET, lookup="pk"),
    Row("assessments:set_check", READ_WRITE, OFFICERS, model=SET, lookup="pk"),
    Row("assessments:set_impact", READ, OFFICERS, model=SET, lookup="pk"),
    Row("assessments:set_download", READ, OFFICERS, model=SET, lookup="pk"),
    Row("assessments:set_copy", WRITE, OFFICERS, model=SET, lookup="pk"),
    Row("assessments:set_publish", WRITE, OFFICERS, model=SET, lookup="pk"),
    Row("assessments:set_retire", WRITE, OFFICERS, model=SET, lookup="pk"),
    Row("assessments:set_discard", WRITE, OFFICERS, model=SET, lookup="pk"),
)
