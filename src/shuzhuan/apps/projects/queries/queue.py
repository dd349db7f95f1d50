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
from shuzhuan.apps.projects.queries.due import public_late_before, soon_until
from shuzhuan.apps.projects.queries.row import COLUMNS, Row
from shuzhuan.engine.process import PUBLIC_PERIODS, Lane, State

PAGE_ROWS = 50
# Whose moves a role's "mine" are.
LANE_OF: Mapping[Role, Lane] = {
    Role.COUNTY_OFFICER: Lane.COUNTY,
    Role.CITY_OFFICER: Lane.CITY,
    Role.FINANCE_OFFICER: Lane.FINANCE,
}
MINE, OPEN, LATE, SOON, ALL = "mine", "open", "late", "soon", "all"
SORTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "number": ("编号", ("number",)),
    "name": ("企业", ("enterprise__name",)),
    "place": ("县区", ("place_id",)),
    "state": ("状态", ("state",)),
    "due": ("期限", ("due_on",)),
    "planned": ("计划投入", ("planned_fen",)),
    "subsidy": ("补助", ("paid_fen", "determined_fen", "proposed_fen", "ceiling_fen")),
    "updated": ("更新", ("updated_at",)),
}
_LANES = [
    (OPEN, "在办"), *((str(lane), lane.label) for lane in Lane if lane != Lane.NOBODY),
    (str(Lane.NOBODY), "已经了结"),
]  # fmt: skip
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
    place = _one("县区", [])
    lane = _one("待谁办", [])
    state = _one("状态", _STATES)
    due = _one("期限", [(LATE, "已逾期"), (SOON, "三个工作日内")])
    batch = _one("批次", [])
    industry = forms.CharField(label="细分行业", required=False, max_length=64)
    sort = forms.CharField(required=False, max_length=12)

    def __init__(self, data: QueryDict, actor: Actor) -> None:
        super().__init__(data, auto_id="f-%s")
        self.actor = actor
        self._choose("lane", [*([(MINE, "待我办")] if self.acts else []), *_LANES])
        batches = visible(actor, Batch).exclude(state=BatchState.PREPARED)
        named = batches.order_by("-opens_on", "-pk")
        held = list(named.values_list("pk", "title", "place_id", "place__name"))
        self._choose("batch", [(str(pk), title) for pk, title, *_ in held])
        # A project is where its batch is: these are all the counties that the list can show.
        self.places: dict[int, str] = dict(sorted((pk, name) for *_, pk, name in held))
        self._choose("place", [(str(pk), name) for pk, name in self.places.items()])

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
    def acts(self) -> bool:
        """Whether some moves are the actor's own."""
        return self.actor.role in LANE_OF

    @property
    def several(self) -> bool:
        """Whether a column with the county would say different things."""
        return len(self.places) > 1

    @property
    def rest(self) -> list[forms.BoundField]:
        """The filters of the folded part."""
        return [self[name] for name in ("lane", "batch", "industry")]

    @property
    def active_rest(self) -> int:
        """How many filters of the folded part are in use; a tab of the page is none of them."""
        given = [self.cleaned_data.get(name) for name in ("lane", "batch", "industry")]
        return sum(1 for value in given if value and value not in (MINE, OPEN))

    @property
    def active(self) -> bool:
        """Whether anything but a tab narrows the list."""
        plain = any(self.cleaned_data.get(name) for name in ("q", "place", "state"))
        return plain or self.active_rest > 0

    @property
    def tab(self) -> str:
        """Which tab of the page the filters come to; empty for none of them."""
        lane, due = self.cleaned_data.get("lane", ""), self.cleaned_data.get("due", "")
        if lane and due:
            return ""
        return str(due or (lane if lane in (MINE, OPEN) else "" if lane else ALL))

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
    return rows.filter(_asked(form), _of_tab(actor, form))


def _asked(form: QueueForm) -> Q:
    """Every filter but those that the tabs are made of."""
    given, test = form.cleaned_data, Q()
    if text := given["q"]:
        test &= (
            Q(number__icontains=text)
            | Q(title__icontains=text)
            | Q(enterprise__name__icontains=text)
        )
    if given["place"]:
        test &= Q(place_id=int(given["place"]))
    if given["state"]:
        test &= Q(state=given["state"])
    if given["batch"]:
        test &= Q(batch_id=int(given["batch"]))
    if given["industry"]:
        test &= Q(enterprise__industry__startswith=given["industry"])
    return test


def _of_tab(actor: Actor, form: QueueForm) -> Q:
    """Whose move it is, and how long they have."""
    lane, due, today = form.cleaned_data["lane"], form.cleaned_data["due"], timezone.localdate()
    test = Q()
    if lane:
        test &= mine(actor) if lane == MINE else _OPEN if lane == OPEN else Q(lane=lane)
    if due:
        test &= late(today) if due == LATE else soon(today)
    return test


_OPEN = ~Q(lane=str(Lane.NOBODY))


def late(today: date) -> Q:
    """Past the last day; a publicity only when the working day after it has passed as well."""
    public = Q(state__in=sorted(str(state) for state in PUBLIC_PERIODS))
    before = public_late_before(today)
    return Q(due_on__lt=today) & (~public | Q(due_on__lt=before)) & _OPEN


def soon(today: date) -> Q:
    """What is due from today on, within the days that ``soon_until`` counts."""
    return Q(due_on__gte=today, due_on__lte=soon_until(today)) & _OPEN


def ordered(rows: QuerySet[Project], sort: str) -> QuerySet[Project]:
    """By one column; what has no day comes last, whichever way."""
    _, columns = SORTS[sort.removeprefix("-")]
    down = sort.startswith("-")
    order = [
        F(name).desc(nulls_last=True) if down else F(name).asc(nulls_last=True) for name in columns
    ]
    return rows.order_by(*order, "pk")


@dataclass(frozen=True)
class Figures:
    """How many wait for the actor, are late, soon due, open and there at all, whoever has them.

    ``mine_late``: of ``mine``; only `figures` counts them.
    """

    mine: int
    late: int
    soon: int
    open: int
    all: int
    mine_late: int = 0


def figures(actor: Actor) -> Figures:
    """Of all that the actor sees; one statement."""
    behind = Count("pk", filter=mine(actor) & late(timezone.localdate()))
    return Figures(**visible(actor, Project).aggregate(**_counts(actor), mine_late=behind))


def _counts(actor: Actor) -> dict[str, Count]:
    today = timezone.localdate()
    return {
        MINE: Count("pk", filter=mine(actor)),
        LATE: Count("pk", filter=late(today)),
        SOON: Count("pk", filter=soon(today)),
        OPEN: Count("pk", filter=_OPEN),
        ALL: Count("pk"),
    }


@dataclass(frozen=True)
class Listed:
    """``figures``: of all that fits the filters, whatever the tab. ``page``: of the tab."""

    figures: Figures
    page: Page[Any]
    rows: list[Row]


def listed(actor: Actor, form: QueueForm, number: str | None) -> Listed:
    """Two statements: every count that the page shows, and its rows."""
    if form.errors:
        return Listed(figures(actor), Paginator(Project.objects.none(), PAGE_ROWS).page(1), [])
    rows, narrower = visible(actor, Project).filter(_asked(form)), _of_tab(actor, form)
    wanted = _counts(actor)
    if not form.tab:  # else the list is as long as its tab says
        wanted["listed"] = Count("pk", filter=narrower)
    counts = rows.aggregate(**wanted)
    found = ordered(rows.filter(narrower), form.cleaned_data["sort"]).values_list(*COLUMNS)
    paginator = Paginator(found, PAGE_ROWS)
    paginator.count = counts.pop("listed") if not form.tab else counts[form.tab]
    page = paginator.get_page(number)
    return Listed(Figures(**counts), page, [Row._make(values) for values in page.object_list])


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
