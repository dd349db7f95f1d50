"""What an enterprise sees of its projects: what to do next, what it may start, what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Entry, Outcome
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.queries.next_steps import section_url
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.pilots.models import Batch, BatchState
from shuzhuan.apps.projects.actions.filing import new_project
from shuzhuan.apps.projects.models import (
    Contract,
    Line,
    LineKind,
    Paper,
    Project,
    ReturnedSection,
    Step,
)
from shuzhuan.apps.projects.queries import eligibility, filing
from shuzhuan.apps.projects.queries.due import Lit, lit
from shuzhuan.apps.projects.queries.rise import Rise, rise
from shuzhuan.engine.process import OVER, TERMINAL, State

DOCUMENTS_MAX = 300
# Which kind of document of the library serves a paper; everything else is 其他.
PAPER_SLOTS = {
    "plan": "report",
    "diagnosis": "report",
    "level_evidence": "report",
    "licence": "licence",
    "contract": "contract",
    "acceptance_application": "commitment",
}
COUNTED = (LineKind.SOFTWARE, LineKind.CLOUD, LineKind.DEVICE)
# What the enterprise does in a state: words and the page; elsewhere it waits.
_NEXT = {
    State.DRAFT: ("接着填写申报", "projects:filing"),
    State.RETURNED: ("按退回的意见补正", "projects:filing"),
    State.LISTED: ("登记合同，开始实施", "projects:contract"),
    State.IMPLEMENTING: ("登记投入，完工后申请验收", "projects:lines"),
    State.RECTIFICATION: ("完成整改并提交", "projects:acceptance"),
}


@dataclass(frozen=True)
class Own:
    """One of the enterprise's projects. ``action`` is empty while others have to act."""

    project: Project
    action: str
    url: str
    due: Lit


@dataclass(frozen=True)
class Told:
    """One condition for the enterprise. ``url``: where the archive answers it."""

    check: eligibility.Check
    url: str


@dataclass(frozen=True)
class Chance:
    """A batch that the enterprise could file in. ``starts``: whether it may be begun today."""

    batch: Batch
    checks: list[Told]
    rise: Rise | None
    receiving: bool

    @property
    def failed(self) -> int:
        return sum(1 for told in self.checks if told.check.state is False)

    @property
    def unknown(self) -> int:
        return sum(1 for told in self.checks if told.check.state is None and told.url)

    @property
    def asked(self) -> int:
        """What an officer confirms later."""
        return sum(1 for told in self.checks if told.check.state is None and not told.url)

    @property
    def starts(self) -> bool:
        return self.receiving and not self.failed


def own_projects(actor: Actor, today: date) -> list[Own]:
    """The enterprise's projects, the running ones first."""
    rows = visible(actor, Project).select_related("batch", "place", "pilot", "enterprise")
    found = [_own(project, today) for project in rows.order_by("-created_at", "-pk")]
    return sorted(found, key=lambda own: own.project.at in TERMINAL)


def _own(project: Project, today: date) -> Own:
    action, route = _NEXT.get(project.at, ("", "projects:page"))
    return Own(project, action, reverse(route, args=[project.pk]), lit(project, today))


def chances(actor: Actor, enterprise: Enterprise, today: date) -> list[Chance]:
    """Open batches of the enterprise's place in whose pilot it has no running project."""
    path = enterprise.place.path
    rows = visible(actor, Batch).filter(state=BatchState.OPEN, closes_on__gte=today)
    rows = rows.select_related("pilot", "place").order_by("opens_on", "pk")
    missed = Q(state=str(State.DRAFT)) & (
        ~Q(batch__state=BatchState.OPEN) | Q(batch__closes_on__lt=today)
    )
    busy = set(
        visible(actor, Project)
        .exclude(Q(state__in=[str(state) for state in OVER]) | missed)
        .values_list("pilot_id", flat=True)
    )
    here = [b for b in rows if path.startswith(b.place.path) and b.pilot_id not in busy]
    return [chance(actor, batch, enterprise, today) for batch in here]


def chance(actor: Actor, batch: Batch, enterprise: Enterprise, today: date) -> Chance:
    """第八、十条 for a draft that is not stored."""
    project = new_project(actor.user_id or 0, batch, enterprise, today)
    return Chance(
        batch, told(project), rise(project), batch.opens_on <= today <= batch.closes_on
    )  # fmt: skip


def told(project: Project) -> list[Told]:
    """Every condition of a filing: what fails first, then what is open, then what holds."""
    found = [
        Told(check, section_url(check.section) if check.section else "")
        for check in eligibility.checks(project)
    ]
    order = {False: 0, None: 1, True: 2}
    return sorted(found, key=lambda each: order[each.check.state])


def certifiers(enterprise: Enterprise) -> list[str]:
    """Names of those who may sign for the enterprise."""
    rows = Membership.objects.filter(
        party_id=enterprise.party_id, role=Role.ENTERPRISE_CERTIFIER, is_active=True
    )
    return [row.user.full_name for row in rows.select_related("user").order_by("pk")]


def library(actor: Actor) -> list[Document]:
    """Documents that can be chosen, the newest first."""
    rows = visible(actor, Document).filter(
        owner_id=actor.party_id, withdrawn_at__isnull=True, current__isnull=False
    )
    return list(rows.order_by("-updated_at", "-pk")[:DOCUMENTS_MAX])


def papers(actor: Actor, project: Project) -> dict[str, Paper]:
    """What is attached now, by paper."""
    rows = visible(actor, Paper).filter(project=project, is_current=True)
    return {row.paper: row for row in rows.select_related("document", "version")}


def returned(actor: Actor, project: Project) -> dict[str, ReturnedSection]:
    """What was sent back in the last round and not yet handed in again, by section."""
    rows = visible(actor, ReturnedSection).filter(
        project=project, round=project.returns, mended_at__isnull=True
    )
    return {row.section: row for row in rows}


def contracts(actor: Actor, project: Project) -> list[Contract]:
    rows = visible(actor, Contract).filter(project=project)
    return list(rows.select_related("document"))


def lines(actor: Actor, project: Project) -> QuerySet[Line]:
    """The purchases that count as entered."""
    rows = visible(actor, Line).filter(project=project, removed_at__isnull=True)
    return rows.select_related("invoice", "proof", "contract")


@dataclass(frozen=True)
class Sum:
    """One kind of purchase."""

    label: str
    count: int
    fen: int
    counts: bool


def sums(rows: Iterable[Line]) -> list[Sum]:
    """By kind, those that never count (第十六条) last."""
    listed = list(rows)
    found = []
    for kind in LineKind:
        of_kind = [row.amount_fen for row in listed if row.kind == kind]
        found.append(Sum(str(kind.label), len(of_kind), sum(of_kind), kind in COUNTED))
    return found


@dataclass(frozen=True)
class Need:
    """One thing that an acceptance needs. ``url``: where it is put right."""

    text: str
    done: bool
    url: str


def needs(actor: Actor, project: Project) -> list[Need]:
    """What has to be there before acceptance is applied for, checked at once."""
    rows = list(lines(actor, project))
    listing = reverse("projects:lines", args=[project.pk])
    bare = [row for row in rows if row.invoice_id is None or row.proof_id is None]
    words = f"{len(rows)}笔投入都附了发票和付款凭证" if rows else "登记投入"
    if bare:
        words = f"还有{len(bare)}笔投入没有附齐发票和付款凭证"
    held = papers(actor, project)
    wanted = filing.wanted_papers(project, "acceptance_request")
    ends = project.batch.parameters.cycle_ends(project.pilot.starts_on)
    sent_back = visible(actor, Step).filter(project=project, action="apply_acceptance").exists()
    in_time = timezone.localdate() <= ends or sent_back
    contract = any(row.document_id is not None for row in contracts(actor, project))
    return [
        Need("登记合同并附合同文件", contract, reverse("projects:contract", args=[project.pk])),
        Need(words, bool(rows) and not bare, listing),
        *(
            Need(
                name, paper in held or (paper == "plan" and project.plan_id is not None), "#papers"
            )
            for paper, name in wanted
        ),
        Need(f"在试点周期内（到{ends:%Y-%m-%d}）", in_time, ""),
    ]


def filed_entry(project: Project) -> Entry | None:
    """The row of the audit log of the latest filing."""
    rows = Entry.objects.filter(
        kind=Project._meta.label_lower, object_id=str(project.pk),
        action__in=("file", "refile"), outcome=Outcome.DONE,
    )  # fmt: skip
    return rows.select_related("chain").order_by("-number").first()
