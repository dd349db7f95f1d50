"""What an enterprise should do next, the most useful first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.enterprises.models import Draft
from shuzhuan.apps.enterprises.queries.archive import Archive
from shuzhuan.apps.enterprises.queries.matching import Match, Nearness

STEPS_MAX = 5


@dataclass(frozen=True)
class Step:
    """One thing to do: what, why, and where."""

    title: str
    why: str
    url: str
    action: str


More = Callable[[Actor, Archive], Iterable[Step]]
_more: list[More] = []


def also(more: More) -> More:
    """Register what the apps above this one want the enterprise to do."""
    _more.append(more)
    return more


def steps(
    actor: Actor, archive: Archive, drafts: Mapping[str, Draft], found: list[Match]
) -> list[Step]:
    """Unsaved drafts, what other apps ask for, then what brings money nearer, then what is missing in the archive."""
    # The rooms above come first: a project under way matters more than another assessment.
    others = [step for more in reversed(_more) for step in more(actor, archive)]
    listed = [*_drafts(archive, drafts), *others, *_gaps(found), *_sections(actor, archive)]
    unique: dict[str, Step] = {}
    for step in listed:
        unique.setdefault(step.url, step)
    return list(unique.values())[:STEPS_MAX]


def section_url(key: str) -> str:
    """The page of a section; qualifications have pages of their own."""
    if key == "qualifications":
        return reverse("enterprises:qualifications")
    return reverse("enterprises:section", args=[key])


def _drafts(archive: Archive, drafts: Mapping[str, Draft]) -> list[Step]:
    return [
        Step(
            f"“{each.section.title}”有没保存的内容",
            "上次写的都在草稿里，接着写完保存。",
            section_url(each.section.key),
            "接着写",
        )
        for each in archive.progress
        if each.section.key in drafts
    ]


def _gaps(found: list[Match]) -> list[Step]:
    """What the enterprise can tell at once; a condition that fails is no task."""
    nearly = [
        match
        for match in found
        if match.nearness == Nearness.NEARLY and match.gaps[0].unknown and match.gaps[0].section
    ]
    return [
        Step(
            f"补上“{match.gaps[0].text}”",
            f"{match.pack.name}{match.result.clause.cite}{match.result.clause.title}只差这一项"
            + (f"，{match.amount}。" if match.amount else "。"),
            section_url(match.gaps[0].section),
            "去补上",
        )
        for match in nearly
    ]


def _sections(actor: Actor, archive: Archive) -> list[Step]:
    found = [
        Step(
            f"填写“{each.section.title}”",
            f"还差{each.wanted - each.filled}项。{each.section.lead}",
            section_url(each.section.key),
            "去填写",
        )
        for each in archive.progress
        if not each.done and actor.role in each.section.writers
    ]
    if archive.enterprise.qualifications_complete_on is None:
        found.append(
            Step(
                "登记资质并确认清单完整",
                "确认以后，没有列出的资质才会按“没有”计算。",
                reverse("enterprises:qualifications"),
                "去登记",
            )
        )
    return found
