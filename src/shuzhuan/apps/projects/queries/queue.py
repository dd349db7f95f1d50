"""The queue: every project that an office may see, narrowed and ordered by what stands in columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.pilots.models import Batch, BatchState
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries.due import Lit, lit, public_late_before, soon_until
from shuzhuan.engine.process import PUBLIC_PERIODS, TABLE, Lane, State

PAGE_ROWS = 50
# Whose moves a role's "mine" are.
LANE_OF: Mapping[Role, Lane] = {
    Role.COUNTY_OFFICER: Lane.COUNTY,
    Role.CITY_OFFICER: Lane.CITY,
    Role.FINANCE_OFFICER: Lane.FINANCE,
}
MINE, LATE, SOON = "mine", "late", "soon"
_SHOWN = (
    "number", "title", "state", "lane", "due_on", "due_provisional", "planned_fen", "ceiling_fen",
    "proposed_fen", "determined_fen", "paid_fen", "objections_open", "updated_at", "place_id",
    "suspended", "enterprise__name", "enterprise__industry", "batch__number", "batch__title",
)  # fmt: skip
SORTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "number": ("编号", ("number",)),
    "name": ("企业", ("enterprise__name",)),
    "state": ("状态", ("state",)),
    "due": ("期限", ("due_on",)),
    "planned": ("计划投入", ("planned_fen",)),
    "subsidy": ("补助", ("paid_fen", "determined_fen", "proposed_fen", "ceiling_fen")),
    "updated": ("更新", ("updated_at",)),
}
_LANES = [(str(lane), lane.label) for lane in Lane if lane != Lane.NOBODY]
_STATES = [(str(state), state.label) for state in State if state != State.DRAFT]
_UNKNOWN = "“%(value)s”不在可选的范围里，请重新选择。"


def _one(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", "全部"), *choices],
        required=False,
        error_messages={"invalid_choice": _UNKNOWN},
    )


class QueueForm(forms.Form):
    """Every filter of the queue; the names stand in its address."""

    q = forms.CharField(label="企业、项目名称或编号", required=False, max_length=60)
    lane = _one("待谁办", [])
    state = _one("状态", _STATES)
    due = _one("期限", [(LATE, "已逾期"), (SOON, "三个工作日内")])
    batch = _one("批次", [])
    industry = forms.CharField(label="细分行业", required=False, max_length=64)
    sort = forms.CharField(required=False, max_length=12)

    def __init__(self, data: QueryDict, actor: Actor) -> None:
        super().__init__(data, auto_id="f-%s")
        self.actor = actor
        mine = [(MINE, "待我办")] if actor.role in LANE_OF else []
        self._choose("lane", [*mine, *_LANES])
        batches = visible(actor, Batch).exclude(state=BatchState.PREPARED)
        named = batches.order_by("-opens_on", "-pk").values_list("pk", "title")
        self._choose("batch", [(str(pk), title) for pk, title in named])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *choices]

    def clean_q(self) -> str:
        return self._readable("q")

    def clean_industry(self) -> str:
        return self._readable("industry")

    def _readable(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        if "\0" in text:
            raise forms.ValidationError("检索的文字里有不能用的字符。")
        return text

    def clean_sort(self) -> str:
        text: str = self.cleaned_data["sort"] or "due"
        if text.removeprefix("-") not in SORTS:
            raise forms.ValidationError("不能按这一项排序。")
        return text

    @property
    def choosing(self) -> list[forms.BoundField]:
        """The filters that choose from a list."""
        return [self[name] for name in ("lane", "state", "due", "batch")]

    @property
    def active(self) -> bool:
        return any(value for name, value in self.cleaned_data.items() if name != "sort")

    @property
    def unreadable(self) -> list[tuple[str, str]]:
        return [
            (str(self.fields[name].label or "地址"), str(errors[0]))
            for name, errors in self.errors.items()
        ]


def read(query: QueryDict, actor: Actor) -> QueueForm:
    """The filters of an address."""
    form = QueueForm(query, actor)
    form.is_valid()
    return form


def mine(actor: Actor) -> Q:
    """Whatever waits for this role: in a county and its treasury only one's own place."""
    lane = LANE_OF.get(actor.role) if actor.role is not None else None
    if lane is None:
        return Q(pk__in=[])
    test = Q(lane=str(lane))
    return test if lane == Lane.CITY else test & Q(place_id=actor.region_id)


def narrowed(actor: Actor, form: QueueForm) -> QuerySet[Project]:
    """The visible projects that fit; none at all while a filter cannot be read."""
    rows = visible(actor, Project)
    if form.errors:
        return rows.none()
    given, today = form.cleaned_data, timezone.localdate()
    if given["q"]:
        text = given["q"]
        rows = rows.filter(
            Q(number__icontains=text)
            | Q(title__icontains=text)
            | Q(enterprise__name__icontains=text)
        )
    if given["lane"]:
        rows = rows.filter(mine(actor) if given["lane"] == MINE else Q(lane=given["lane"]))
    if given["state"]:
        rows = rows.filter(state=given["state"])
    if given["due"]:
        rows = rows.filter(late(today) if given["due"] == LATE else soon(today))
    if given["batch"]:
        rows = rows.filter(batch_id=int(given["batch"]))
    if given["industry"]:
        rows = rows.filter(enterprise__industry__startswith=given["industry"])
    return rows


def late(today: date) -> Q:
    """Past the last day; a publicity only when the working day after it has passed as well."""
    public = Q(state__in=sorted(str(state) for state in PUBLIC_PERIODS))
    before = public_late_before(today)
    return Q(due_on__lt=today) & (~public | Q(due_on__lt=before)) & ~Q(lane=str(Lane.NOBODY))


def soon(today: date) -> Q:
    return Q(due_on__gte=today, due_on__lte=soon_until(today)) & ~Q(lane=str(Lane.NOBODY))


def ordered(rows: QuerySet[Project], sort: str) -> QuerySet[Project]:
    """By one column; what has no day comes last, whichever way."""
    _, columns = SORTS[sort.removeprefix("-")]
    down = sort.startswith("-")
    order = [
        F(name).desc(nulls_last=True) if down else F(name).asc(nulls_last=True) for name in columns
    ]
    return rows.order_by(*order, "pk")


def with_columns(rows: QuerySet[Project], *more: str) -> QuerySet[Project]:
    """Exactly the columns that the list shows, and others that are named."""
    return rows.select_related("enterprise", "batch").only(*_SHOWN, *more)


@dataclass(frozen=True)
class Row:
    """One project of the list. ``subsidy_fen``: the surest figure so far, with what it is."""

    project: Project
    due: Lit
    next: str
    subsidy_fen: int | None
    subsidy_is: str


_NEXT: dict[str, str] = {}
for _row in TABLE:
    if _row.main:
        _NEXT |= {str(state): _row.label for state in _row.sources}
_NEXT |= {
    str(State.RETURNED): "提交补正",
    str(State.RECTIFICATION): "提交整改",
    str(State.CLAW_BACK): "确认退回",
}
_SUBSIDY = (
    ("paid_fen", "已兑付"), ("determined_fen", "核定"), ("proposed_fen", "拟补助"),
    ("ceiling_fen", "上限"),
)  # fmt: skip


def row_of(project: Project, today: date) -> Row:
    """What the list says of one project."""
    fen, what = next(
        ((getattr(project, name), what) for name, what in _SUBSIDY if getattr(project, name)),
        (None, ""),
    )
    return Row(project, lit(project, today), _NEXT.get(project.state, ""), fen, what)


def page_of(actor: Actor, form: QueueForm, number: str | None) -> Page[Project]:
    """One page: a count and the rows shown."""
    sort = "due" if form.errors else form.cleaned_data["sort"]
    rows = ordered(narrowed(actor, form), sort)
    counted = _Counted(with_columns(rows), PAGE_ROWS)
    counted.bare = narrowed(actor, form).order_by()
    return counted.get_page(number)


class _Counted(Paginator[Project]):
    """Counts without the joins that only the columns need."""

    bare: QuerySet[Project]

    @property
    def count(self) -> int:
        if not hasattr(self, "_count"):
            self._count = self.bare.count()
        return self._count


@dataclass(frozen=True)
class Figures:
    """What waits for the actor, and what is late or soon due, whoever has it."""

    mine: int
    late: int
    soon: int
    open: int
    mine_late: int


def figures(actor: Actor) -> Figures:
    """One statement."""
    today = timezone.localdate()
    own = mine(actor)
    found = visible(actor, Project).aggregate(
        mine=Count("pk", filter=own),
        mine_late=Count("pk", filter=own & late(today)),
        late=Count("pk", filter=late(today)),
        soon=Count("pk", filter=soon(today)),
        open=Count("pk", filter=~Q(lane=str(Lane.NOBODY))),
    )
    return Figures(**found)


def without(query: QueryDict, *names: str) -> QueryDict:
    """An address without some of its words, and without empty ones."""
    copy: Any = query.copy()
    for name in list(copy):
        values = [value for value in copy.getlist(name) if value != ""]
        if not values or name in names:
            del copy[name]
        else:
            copy.setlist(name, values)
    found: QueryDict = copy
    return found
