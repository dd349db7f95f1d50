"""Who may use these pages."""

from shuzhuan.apps.access.table import READ, READ_WRITE, WRITE, Row
from shuzhuan.apps.accounts.roles import BODIES, ENTERPRISE, GOVERNMENT, Role
from shuzhuan.apps.assessments.actions.writing import CERTIFIERS, SELF_WRITERS

ASSESSMENT = "assessments.Assessment"
ENGAGEMENT = "assessments.Engagement"


def _sheet(
    route: str,
    methods: tuple[str, ...],
    roles: frozenset[Role],
    write_roles: frozenset[Role] | None = None,
) -> Row:
    name = f"assessments:{route}"
    return Row(name, methods, roles, model=ASSESSMENT, lookup="pk", write_roles=write_roles)


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
    # On site
    Row("assessments:visits", READ, BODIES),
    Row("assessments:visit", READ_WRITE, BODIES, model=ENGAGEMENT, lookup="pk"),
)
