"""What a filing consists of, what of it is missing, and what a form says was returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuzhuan.apps.projects.models import Paper, Project

if TYPE_CHECKING:
    from shuzhuan.apps.projects.actions.move import Move

# Sections of a filing: title and the columns that belong to it.
SECTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "content": ("项目内容和目标", ("title", "content", "goal")),
    "plan": ("改造方案和服务商", ("plan", "vendor", "vendor_name")),
    "schedule": (
        "计划投入、工期和目标等级",
        ("planned_fen", "starts_on", "ends_on", "level_target"),
    ),
}
_WANTED = {
    "title": "项目名称",
    "content": "项目内容",
    "goal": "改造目标",
    "vendor_name": "服务商",
    "planned_fen": "计划投入",
    "starts_on": "计划开工日期",
    "ends_on": "计划完工日期",
    "level_target": "目标等级",
}
# Papers that the platform itself writes: the application is the filing, ledger and invoices are
# the investment lines.
OWN_PAPERS = frozenset({"application_form", "ledger", "invoices"})
PAPER = "paper:"


def wanted_papers(project: Project, step: str) -> list[tuple[str, str]]:
    """Papers that the enterprise attaches for a step: (id, name)."""
    parameters = project.batch.parameters
    found = parameters.step(step)
    listed = found.papers if found is not None else ()
    return [(p, parameters.papers.get(p, p)) for p in listed if p not in OWN_PAPERS]


def missing_papers(project: Project, step: str) -> list[str]:
    """Names of papers that are not attached yet."""
    held = set(
        Paper.objects.filter(project=project, is_current=True).values_list("paper", flat=True)
    )
    if project.plan_id is not None:
        held.add("plan")  # the accepted plan is on the platform
    return [name for paper, name in wanted_papers(project, step) if paper not in held]


def missing(project: Project) -> list[str]:
    """What a filing still lacks, in words."""
    bare = [label for name, label in _WANTED.items() if not getattr(project, name)]
    return [*bare, *missing_papers(project, "filing")]


def sections(project: Project, step: str) -> list[tuple[str, str]]:
    """What an officer may return: (id, title)."""
    own = [(key, title) for key, (title, _) in SECTIONS.items()] if step == "filing" else []
    if step == "acceptance_request":
        own = [("lines", "投入明细"), ("contract", "合同")]
    return [*own, *((f"{PAPER}{paper}", name) for paper, name in wanted_papers(project, step))]


def returned(move: Move) -> dict[str, str]:
    """Section → reason, from the fields ``return_<section>`` of a form."""
    step = "filing" if move.transition.action == "return_filing" else "acceptance_request"
    found = {}
    for key, _ in sections(move.project, step):
        reason = move.text(f"return_{key}", 500, required=False)
        if reason:
            found[key] = reason
    return found
