"""The filing as the enterprise writes it, section by section, and its receipt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible
from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.assessments.models import Plan, PlanState
from shuzhuan.apps.audit.checkpoints import receipt as audit_receipt
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.projects.forms.firm import (
    ConfirmForm,
    FirmForm,
    PaperForm,
    PlainForm,
    SectionForm,
)
from shuzhuan.apps.projects.models import Paper, Project, ReturnedSection
from shuzhuan.apps.projects.queries import eligibility, filing, mine
from shuzhuan.apps.projects.queries.due import lit
from shuzhuan.apps.projects.queries.offers import Attempt
from shuzhuan.apps.projects.queries.rise import LEVELS
from shuzhuan.apps.projects.queries.rise import rise as rise_of
from shuzhuan.engine.money import format_yuan
from shuzhuan.engine.process import BY_ACTION, State

UNPROCESSABLE = 422
VENDORS_MAX = 500


@dataclass(frozen=True)
class Section:
    """One section: its form where it may be changed, its content where not."""

    key: str
    title: str
    form: FirmForm | None
    rows: list[tuple[str, str]]
    returned: ReturnedSection | None


@dataclass(frozen=True)
class PaperShown:
    """One paper of the list. ``by_plan``: the accepted plan on the platform stands for it."""

    paper: str
    name: str
    held: Paper | None
    by_plan: bool
    form: FirmForm | None
    returned: ReturnedSection | None

    @property
    def done(self) -> bool:
        return self.held is not None or self.by_plan


def own_or_404(request: HttpRequest, pk: int) -> Project:
    """One of the enterprise's projects. Raises Http404."""
    return get_visible(actor_of_request(request), Project, pk=pk)


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that a filing consists of."""
    return show(request, own_or_404(request, pk))


def show(request: HttpRequest, project: Project, attempt: Attempt | None = None) -> HttpResponse:
    """The filing; after a refused attempt with what was typed and why it was refused."""
    actor = actor_of_request(request)
    returned, library = mine.returned(actor, project), mine.library(actor)
    send = "refile" if project.at == State.RETURNED else "file"
    writes = project.at in BY_ACTION["edit_filing"].sources
    parts = sections(project, attempt, returned) if writes else reading(project)
    wanted = papers(actor, project, "filing", attempt, returned, library)
    signature = form_for(ConfirmForm, project, send, attempt) if writes else None
    signs, leave = actor.role == Role.ENTERPRISE_CERTIFIER, _leave(project, attempt)
    drawn = [*(p.form for p in parts), *(p.form for p in wanted), leave]
    context = {
        "here": "projects",
        "project": project,
        "enterprise": project.enterprise,
        "due": lit(project, timezone.localdate()),
        "returned": returned,
        "sections": parts,
        "papers": wanted,
        "missing": filing.missing(project) if writes else [],
        "told": mine.told(project) if writes else [],
        "estimated": eligibility.estimated(project) if project.planned_fen else None,
        "send": signature,
        "signs": signs,
        "certifiers": mine.certifiers(project.enterprise),
        "level": _level_words(eligibility.level_before(project)),
        "leave": leave,
        "loose": loose(attempt, [*drawn, signature if signs else None]),
    }
    status = 200 if attempt is None else UNPROCESSABLE
    return render(request, "projects/filing.html", context, status=status)


def loose(attempt: Attempt | None, forms: Iterable[FirmForm | None]) -> Attempt | None:
    """The refused attempt where none of the drawn forms shows it."""
    if attempt is None or any(form is not None and form.is_bound for form in forms):
        return None
    return attempt


def form_for(
    kind: type[FirmForm], project: Project, action: str, attempt: Attempt | None,
    **options: Any,
) -> FirmForm:  # fmt: skip
    """The form of an action; with what was typed where this action was just refused."""
    if attempt is not None and attempt.action == action:
        return kind(project, action, attempt.data, attempt.problems, **options)
    return kind(project, action, **options)


def _level_words(level: int | None) -> str:
    return "" if level is None else LEVELS.get(str(level), "不到一级")


def _leave(project: Project, attempt: Attempt | None) -> FirmForm | None:
    """How the enterprise steps back: a draft is dropped, a filing withdrawn with a reason."""
    for action in ("discard", "withdraw"):
        if project.at in BY_ACTION[action].sources:
            return form_for(PlainForm, project, action, attempt)
    return None


def sections(
    project: Project, attempt: Attempt | None, returned: Mapping[str, ReturnedSection]
) -> list[Section]:
    """Forms of what may be changed: all of a draft, only what was sent back of a filing."""
    content = {section.key: section.rows for section in reading(project)}
    found = []
    for key, (title, columns) in filing.SECTIONS.items():
        form = None
        if project.at == State.DRAFT or key in returned:
            mine_ = attempt is not None and any(name in attempt.data for name in columns)
            form = form_for(
                SectionForm, project, "edit_filing", attempt if mine_ else None, place=key,
                **_choices(project, key),
            )  # fmt: skip
        found.append(Section(key, title, form, content[key], returned.get(key)))
    return found


def _choices(project: Project, key: str) -> dict[str, Any]:
    if key == "plan":
        plans = Plan.objects.filter(enterprise=project.enterprise, state=PlanState.ACCEPTED)
        return {"plans": [(str(p.pk), _plan_words(p)) for p in plans], "vendors": _vendors(project)}
    if key == "schedule":
        return {"level_hint": _level_hint(project)}
    return {}


def _plan_words(plan: Plan) -> str:
    day = f"，{timezone.localtime(plan.accepted_at):%Y-%m-%d} 确认" if plan.accepted_at else ""
    return f"第{plan.number}版{day}"


def _level_hint(project: Project) -> str:
    rise = rise_of(project)
    if rise is None:
        return ""
    if rise.before is None:
        return "还没有现场诊断；诊断以后才知道至少要到几级"
    if not rise.least:
        return f"改造前{rise.before_words}，已经没有可以提升的等级"
    return f"改造前{rise.before_words}，验收时至少要到{rise.least_words}（{rise.cite}）"


def _vendors(project: Project) -> list[tuple[str, str]]:
    """Service providers of the province; others are named by hand."""
    top = "/".join(project.place.path.split("/")[:2])
    with opened("a vendor of another place may do the work"):
        rows = Party.objects.filter(kind=PartyKind.VENDOR, place__path__startswith=top)
        return [(str(p.pk), p.name) for p in rows.order_by("name")[:VENDORS_MAX]]


def reading(project: Project) -> list[Section]:
    """The content of each section in words."""
    p = project
    plan = _plan_words(p.plan) if p.plan is not None else ""
    rows = {
        "content": [("项目名称", p.title), ("项目内容", p.content), ("改造目标", p.goal)],
        "plan": [("一企一策方案", plan), ("服务商", p.vendor_name)],
        "schedule": [
            ("计划投入", f"{format_yuan(p.planned_fen)} 元" if p.planned_fen else ""),
            ("工期", f"{p.starts_on or '—'} 至 {p.ends_on or '—'}"),
            ("目标等级", LEVELS.get(str(p.level_target), "")),
        ],
    }
    return [Section(k, title, None, rows[k], None) for k, (title, _) in filing.SECTIONS.items()]


def papers(
    actor: Actor, project: Project, step: str, attempt: Attempt | None,
    returned: Mapping[str, ReturnedSection], library: list[Document],
) -> list[PaperShown]:  # fmt: skip
    """Papers of a step with what is attached and a form to attach another."""
    held = mine.papers(actor, project)
    allowed = project.at in BY_ACTION["attach_paper"].sources
    found = []
    for paper, name in filing.wanted_papers(project, step):
        sent_back = returned.get(f"{filing.PAPER}{paper}")
        form = None
        if allowed and (project.at != State.RETURNED or sent_back is not None):
            tried = attempt is not None and attempt.data.get("paper") == paper
            form = form_for(
                PaperForm, project, "attach_paper", attempt if tried else None, place=paper,
                slot=mine.PAPER_SLOTS.get(paper, "other"), library=library,
            )  # fmt: skip
        by_plan = paper == "plan" and project.plan_id is not None
        found.append(PaperShown(paper, name, held.get(paper), by_plan, form, sent_back))
    return found


@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """What the enterprise keeps after filing: number, time, and where the log holds it."""
    project = own_or_404(request, pk)
    entry = mine.filed_entry(project)
    if entry is None:
        raise Http404
    context = {
        "here": "projects", "project": project, "enterprise": project.enterprise, "entry": entry,
        "again": entry.action == "refile",
    }  # fmt: skip
    return render(request, "projects/filing_receipt.html", context)


@require_POST
def receipt_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof of the log's row as a file; a POST, because the log may have to be signed first."""
    entry = mine.filed_entry(own_or_404(request, pk))
    if entry is None:
        raise Http404
    text = json.dumps(audit_receipt(entry), ensure_ascii=False, indent=1)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = f"receipt-{entry.chain.key}-{entry.number}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
