"""Figures of a place and what waits there: counts that the indexes answer, never a look at rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.enterprises.models import Enterprise, PilotState, Readiness, Willingness
from shuzhuan.apps.regions.models import Level
from shuzhuan.apps.workbench.filters import expiring, invitations
from shuzhuan.apps.workbench.models import ImportItem
from shuzhuan.apps.workbench.places import Places

NEW_DAYS = 30
EXPIRING_DAYS = 60
COMPLETE_FROM = 80  # per cent
INDUSTRIES_SHOWN = 10
LEVELS = range(5)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: how many, and the list behind the number."""

    label: str
    count: int
    why: str
    query: str

    @property
    def url(self) -> str:
        return f"{reverse('workbench:enterprises')}?{self.query}"


@dataclass(frozen=True)
class Plot:
    """Figures by name, drawn by the shell."""

    title: str
    unit: str
    values: tuple[tuple[str, int], ...]
    source: str = "企业档案"


@dataclass(frozen=True)
class County:
    """One line of the comparison."""

    name: str
    region_id: int
    total: int
    pilots: int
    surveyed: int
    levelled: int
    second: int

    @property
    def surveyed_share(self) -> int:
        return self.surveyed * 100 // self.total if self.total else 0


@dataclass(frozen=True)
class Figures:
    """``answers``: how many enterprises by (willingness, readiness)."""

    total: int
    pilots: int
    left: int
    surveyed: int
    levels: dict[int | None, int]
    industries: tuple[tuple[str, int], ...]
    answers: dict[tuple[int, int], int]
    counties: tuple[County, ...]

    @property
    def levelled(self) -> int:
        return sum(count for level, count in self.levels.items() if level is not None)

    @property
    def industries_plot(self) -> Plot | None:
        if len(self.industries) < 2:  # noqa: PLR2004 - one bar compares nothing
            return None
        return Plot("企业最多的行业", "家", self.industries)

    @property
    def levels_plot(self) -> Plot | None:
        values = tuple((f"{'零一二三四'[n]}级", self.levels.get(n, 0)) for n in LEVELS)
        return Plot("数字化水平等级", "家", values) if self.levelled else None

    @property
    def matrix(self) -> list[tuple[str, list[tuple[int, str]]]]:
        """Rows by willingness, the strongest first; cells by readiness, with their lists."""
        link = reverse("workbench:enterprises")
        return [
            (
                str(Willingness(will).label),
                [
                    (
                        self.answers.get((will, ready), 0),
                        f"{link}?{urlencode({'will': will, 'ready': ready})}",
                    )
                    for ready in sorted(int(value) for value in Readiness.values)
                ],
            )
            for will in sorted((int(value) for value in Willingness.values), reverse=True)
        ]


def waiting(actor: Actor) -> list[Waiting]:
    """What waits for the officer, the most urgent first."""
    rows, today = visible(actor, Enterprise), timezone.localdate()
    since = today - timedelta(days=NEW_DAYS)
    soon = expiring(actor, EXPIRING_DAYS).values("enterprise_id").distinct().count()
    pending = invitations(actor).values("party_id").distinct().count()
    made = Exists(ImportItem.objects.filter(enterprise=OuterRef("pk"), is_new=True))
    return [
        Waiting(
            "企业新登记", rows.filter(~made, created_at__gte=_midnight(since)).count(),
            f"最近{NEW_DAYS}天自己注册的，核对所属县区和行业",
            urlencode(
                {"created_since": since.isoformat(), "origin": "self", "sort": "-created"}
            ),
        ),
        Waiting(
            "还没摸底",
            rows.filter(Q(willingness__isnull=True) | Q(readiness__isnull=True)).count(),
            "意愿或基础没有登记，进不了试点的筛选",
            urlencode({"survey": "missing"}),
        ),
        Waiting(
            "档案不完整", rows.filter(completeness__lt=COMPLETE_FROM).count(),
            f"完整度不到{COMPLETE_FROM}%，政策匹配算不准",
            urlencode({"complete_to": COMPLETE_FROM - 1, "sort": "complete"}),
        ),
        Waiting(
            "资质快到期", soon, f"{EXPIRING_DAYS}天内到期，提醒企业复核",
            urlencode({"expiring": EXPIRING_DAYS}),
        ),
        Waiting(
            "邀请还没接受", pending, "企业同事已受邀、还没设登录密码",
            urlencode({"invited": "yes"}),
        ),
    ]  # fmt: skip


def figures(actor: Actor, places: Places) -> Figures:
    """Four statements, each over one index."""
    rows = visible(actor, Enterprise).order_by()
    by_place = rows.values_list("place_id", "pilot_state").annotate(n=Count("pk"))
    states: Counter[tuple[int, str]] = Counter()
    for place, state, count in by_place:
        states[place, state] += count
    levels: Counter[tuple[int, int | None]] = Counter()
    for place, level, count in rows.values_list("place_id", "digital_level").annotate(
        n=Count("pk")
    ):
        levels[place, level] += count
    answers: Counter[tuple[int, int | None, int | None]] = Counter()
    found = rows.values_list("place_id", "willingness", "readiness").annotate(n=Count("pk"))
    for place, will, ready, count in found:
        answers[place, will, ready] += count
    trades = (
        rows.exclude(industry="").values_list("industry").annotate(n=Count("pk")).order_by("-n")
    )
    total = sum(states.values())
    by_level: Counter[int | None] = Counter()
    for (_, level), count in levels.items():
        by_level[level] += count
    by_answer: Counter[tuple[int, int]] = Counter()
    for (_, will, ready), count in answers.items():
        if will is not None and ready is not None:
            by_answer[will, ready] += count
    return Figures(
        total=total,
        pilots=sum(n for (_, state), n in states.items() if state == PilotState.IN),
        left=sum(n for (_, state), n in states.items() if state == PilotState.LEFT),
        surveyed=sum(by_answer.values()),
        levels=dict(by_level),
        industries=tuple((name, n) for name, n in trades[:INDUSTRIES_SHOWN]),
        answers=dict(by_answer),
        counties=tuple(_counties(places, states, levels, answers)),
    )


def _counties(
    places: Places,
    states: Counter[tuple[int, str]],
    levels: Counter[tuple[int, int | None]],
    answers: Counter[tuple[int, int | None, int | None]],
) -> list[County]:
    """The districts of a city, the cities of a province."""
    wanted = Level.CITY if places.region.level == Level.PROVINCE else Level.COUNTY
    found = []
    for region in places.below:
        if region.level != wanted:
            continue
        inside = set(places.within(region))
        found.append(
            County(
                name=region.name,
                region_id=region.pk,
                total=sum(n for (p, _), n in states.items() if p in inside),
                pilots=sum(n for (p, s), n in states.items() if p in inside and s == PilotState.IN),
                surveyed=sum(
                    n for (p, w, r), n in answers.items()
                    if p in inside and w is not None and r is not None
                ),
                levelled=sum(n for (p, v), n in levels.items() if p in inside and v is not None),
                second=sum(n for (p, v), n in levels.items() if p in inside and v and v > 1),
            )
        )  # fmt: skip
    return sorted(found, key=lambda county: -county.total)


def _midnight(day: object) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))  # type: ignore[arg-type]
