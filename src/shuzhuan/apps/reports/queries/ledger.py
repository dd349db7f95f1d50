"""资金使用台账: one row per project, its totals, and whether they equal the general ledger.

Amounts of a project are written when it moves; those of the ledger when money is posted. Both are
added up here by themselves and compared, project by project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.funds.models import Purpose, Transfer
from shuzhuan.apps.projects.models import Line, Project
from shuzhuan.apps.reports.queries.money import books
from shuzhuan.apps.reports.queries.standing import MONEY
from shuzhuan.apps.workbench.places import Places
from shuzhuan.engine.process import MAIN_LINE, State

PAGE_ROWS = 50
WORDS_MAX = 60
WRONG_SHOWN = 20
_DAY_CHARS = 10
# What a person asks for by the way of the money.
STAGES: Mapping[str, tuple[str, Q]] = {
    "unpaid": ("还没有兑付", Q(paid_fen=0)),
    "reserved": ("资金已锁定", Q(reserved_fen__gt=0)),
    "paid": ("已兑付", Q(paid_fen__gt=0)),
    "recover": ("应追回还没追回", Q(clawback_fen__gt=F("returned_fen"))),
    "returned": ("已追回", Q(returned_fen__gt=0)),
}
COLUMNS: tuple[tuple[str, str], ...] = (
    ("claimed_fen", "申报投入"),
    ("audited_fen", "核定投入"),
    ("ceiling_fen", "补助上限"),
    ("proposed_fen", "拟补助"),
    ("determined_fen", "核定补助"),
    ("reserved_fen", "已锁定"),
    ("paid_fen", "已兑付"),
    ("returned_fen", "已追回"),
    ("outstanding_fen", "还没退回"),
)


@dataclass(frozen=True)
class Asked:
    """What the ledger is narrowed by; ``mistakes``: what could not be read, in words."""

    words: str = ""
    place: str = ""
    stage: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None
    mistakes: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return bool(
            self.words or self.place or self.stage or self.state or self.since or self.until
        )


def read(query: Mapping[str, str], places: Places) -> Asked:
    """The filters of an address; what cannot be read is said, never guessed."""
    mistakes: list[str] = []
    words = query.get("q", "").strip()
    if len(words) > WORDS_MAX or "\0" in words:
        mistakes.append(f"检索的文字最多{WORDS_MAX}个字，不能有特殊字符。")
        words = ""

    def choice(name: str, label: str, known: Mapping[str, Any]) -> str:
        value = query.get(name, "")
        if value and value not in known:
            mistakes.append(f"{label}不在可选的范围里，请重新选择。")
            return ""
        return value

    def day(name: str, label: str) -> date | None:
        text = query.get(name, "").strip()
        try:
            if text and len(text) != _DAY_CHARS:
                raise ValueError(text)
            return date.fromisoformat(text) if text else None
        except ValueError:
            mistakes.append(f"{label}要写成 2026-05-20 的样子。")
            return None

    return Asked(
        words=words,
        place=choice("place", "地区", {str(region.pk): 1 for region in places.below}),
        stage=choice("stage", "资金", STAGES),
        state=choice("state", "状态", {str(state): 1 for state in State}),
        since=day("since", "兑付日期从"),
        until=day("until", "兑付日期到"),
        mistakes=tuple(mistakes),
    )


def narrowed(actor: Actor, places: Places, asked: Asked) -> QuerySet[Project]:
    """The projects that were asked for; none when something could not be read."""
    rows = visible(actor, Project)
    if asked.mistakes:
        return rows.none()
    if asked.place:
        rows = rows.filter(place_id__in=places.within(places.by_id[int(asked.place)]))
    if asked.stage:
        rows = rows.filter(STAGES[asked.stage][1])
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.since:
        rows = rows.filter(paid_on__gte=asked.since)
    if asked.until:
        rows = rows.filter(paid_on__lte=asked.until)
    if asked.words:
        rows = rows.filter(
            Q(number__contains=asked.words)
            | Q(title__contains=asked.words)
            | Q(enterprise__name__contains=asked.words)
            | Q(enterprise__uscc=asked.words)
        )
    return rows


def ordered(rows: QuerySet[Project]) -> QuerySet[Project]:
    """By place, then as they were numbered."""
    return rows.order_by("place_id", "number", "pk")


@dataclass(frozen=True)
class Check:
    """One sum in both books, in fen."""

    label: str
    projects_fen: int
    ledger_fen: int

    @property
    def difference_fen(self) -> int:
        return self.projects_fen - self.ledger_fen

    @property
    def same(self) -> bool:
        return not self.difference_fen


@dataclass(frozen=True)
class Agreement:
    """Whether the table equals the general ledger. ``wrong``: projects whose own sums differ."""

    checks: tuple[Check, ...]
    wrong: tuple[Project, ...]

    @property
    def same(self) -> bool:
        return not self.wrong and all(check.same for check in self.checks)

    @property
    def words(self) -> str:
        """The finding in one sentence."""
        return "与总账核对一致" if self.same else "与总账核对不一致"


@dataclass(frozen=True)
class Told:
    """The page of a ledger. ``totals`` in fen by the names in MONEY, over all that was asked for."""

    page: Page[Project]
    count: int
    totals: Mapping[str, int]
    agreement: Agreement


def listing(actor: Actor, places: Places, asked: Asked, number: str | None) -> Told:
    """Totals, a page, and the comparison with the ledger: at most eight statements."""
    rows = narrowed(actor, places, asked)
    totals = totals_of(rows)
    found = ordered(rows.select_related("enterprise", "place", "batch"))
    page = Paginator(found, PAGE_ROWS).get_page(number)
    return Told(page, page.paginator.count, totals, agreement(actor, places, asked, rows, totals))


def totals_of(rows: QuerySet[Project]) -> dict[str, int]:
    """Sums in fen by the names in MONEY, and what was ordered back and has not come."""
    sums = rows.order_by().aggregate(**{f"sum_{name}": Sum(name) for name in MONEY})
    found = {name: sums[f"sum_{name}"] or 0 for name in MONEY}
    return {**found, "outstanding_fen": found["clawback_fen"] - found["returned_fen"]}


# By purpose: what stands reserved, what was paid, what came back.
_OPEN = Q(purpose=Purpose.RESERVE, resolutions__isnull=True)
_PURPOSES = (
    ("reserved_fen", _OPEN),
    ("paid_fen", Q(purpose=Purpose.PAY)),
    ("returned_fen", Q(purpose=Purpose.CLAW_BACK)),
)


def posted(actor: Actor, rows: QuerySet[Project]) -> dict[str, int]:
    """What the ledger has posted for these projects, in fen."""
    inside = rows.order_by()
    found = (
        visible(actor, Transfer)
        .filter(subject_id__in=inside.values("pk"), subject__in=inside.values("number"))
        .order_by()
        .aggregate(**{name: Sum("amount_fen", filter=which) for name, which in _PURPOSES})
    )
    return {name: found[name] or 0 for name, _ in _PURPOSES}


def disagreeing(actor: Actor, rows: QuerySet[Project]) -> list[Project]:
    """Projects whose own amounts differ from what the ledger posted for them."""

    def ledger(which: Q) -> Coalesce:
        mine = visible(actor, Transfer).filter(
            which, subject=OuterRef("number"), subject_id=OuterRef("pk")
        )
        summed = mine.order_by().values("subject_id").annotate(found=Sum("amount_fen"))
        return Coalesce(Subquery(summed.values("found")[:1]), 0)

    names = {name: ledger(which) for name, which in _PURPOSES}
    differ = Q()
    for name, _ in _PURPOSES:
        differ |= ~Q(**{name: F(f"posted_{name}")})
    told = rows.annotate(**{f"posted_{name}": value for name, value in names.items()})
    return list(ordered(told.filter(differ).select_related("enterprise"))[:WRONG_SHOWN])


def agreement(
    actor: Actor, places: Places, asked: Asked, rows: QuerySet[Project], totals: Mapping[str, int]
) -> Agreement:
    """Compare with the entries of the same projects; the whole table also with the balances."""
    labels = dict(COLUMNS)
    found = posted(actor, rows)
    checks = [Check(f"{labels[name]}（流水）", totals[name], found[name]) for name, _ in _PURPOSES]
    if not asked.any and not asked.mistakes:
        whole = books(actor, [region.pk for region in places.below])
        checks += [
            Check(f"{labels[name]}（余额）", totals[name], getattr(whole, name))
            for name, _ in _PURPOSES
        ]
    return Agreement(tuple(checks), tuple(disagreeing(actor, rows)))


@dataclass(frozen=True)
class Account:
    """One project in full: its lines with invoices, and every entry of the ledger for it."""

    project: Project
    lines: tuple[Line, ...]
    transfers: tuple[Transfer, ...]
    checks: tuple[Check, ...]

    @property
    def claimed_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)

    @property
    def audited_fen(self) -> int:
        return sum(line.audited_fen or 0 for line in self.lines)

    @property
    def same(self) -> bool:
        return all(check.same for check in self.checks)


def account(actor: Actor, project: Project) -> Account:
    """Three statements."""
    lines = (
        visible(actor, Line)
        .filter(project=project, removed_at__isnull=True)
        .select_related("invoice", "proof", "contract")
    )
    transfers = transfers_of(actor, Project.objects.filter(pk=project.pk))
    labels = dict(COLUMNS)
    found = posted(actor, visible(actor, Project).filter(pk=project.pk))
    checks = tuple(
        Check(labels[name], getattr(project, name), found[name]) for name, _ in _PURPOSES
    )
    return Account(project, tuple(lines), tuple(transfers), checks)


def transfers_of(actor: Actor, rows: QuerySet[Project]) -> QuerySet[Transfer]:
    """Every entry of the ledger for these projects, in the order of posting."""
    inside = rows.order_by()
    return (
        visible(actor, Transfer)
        .filter(subject_id__in=inside.values("pk"), subject__in=inside.values("number"))
        .select_related("fund", "line", "maker", "checker")
        .order_by("fund_id", "number")
    )


def state_choices() -> list[tuple[str, str]]:
    """States that the government sees, the main line first."""
    others = [state for state in State if state not in MAIN_LINE]
    return [(str(s), s.label) for s in (*MAIN_LINE, *others) if s != State.DRAFT]
