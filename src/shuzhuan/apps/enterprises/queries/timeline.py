"""What happened to an enterprise: from the audit log and from the dates in its archive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.models import Entry, Outcome
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.queries.archive import Archive
from shuzhuan.apps.enterprises.sections import SECTIONS

EVENTS_MAX = 30
_TITLES = {
    "register_enterprise": "建立档案",
    "save_section": "更新档案",
    "declare": "作出守法与信用声明",
    "change_qualification": "更正资质",
    "withdraw_qualification": "撤销资质",
    "confirm_qualifications": "确认资质清单完整",
    "enter_pilot": "进入试点名单",
    "leave_pilot": "退出试点名单",
    "set_survey": "完成摸底",
    "invite_colleague": "邀请同事",
    "end_membership": "停用账号",
    "import_enterprises": "由主管部门导入数据",
}
# Dated in the archive itself; their entry in the log would say the same twice.
_TOLD_BY_DATES = frozenset({"enter_pilot", "leave_pilot"})


@dataclass(frozen=True)
class Event:
    """One thing that happened on a day."""

    on: date
    title: str
    text: str


Part = Callable[[Actor, Archive], Iterable[Event]]
_parts: list[Part] = []


def in_timeline(part: Part) -> Part:
    """Register what the apps above this one know. It reads only what the actor may see."""
    _parts.append(part)
    return part


def timeline(actor: Actor, archive: Archive) -> list[Event]:
    """The latest events, newest first. The caller has checked that the archive may be seen."""
    events = [*_dated(archive), *_grouped(_logged(archive.enterprise))]
    events += [event for part in _parts for event in part(actor, archive)]
    events.sort(key=lambda event: event.on, reverse=True)
    return events[:EVENTS_MAX]


def _grouped(events: list[Event]) -> list[Event]:
    """What happened several times on one day is one event that names each part once."""
    texts: dict[tuple[date, str], dict[str, None]] = {}
    for event in events:
        texts.setdefault((event.on, event.title), {})[event.text] = None
    return [
        Event(on, title, "、".join(t for t in said if t)) for (on, title), said in texts.items()
    ]


def _logged(enterprise: Enterprise) -> list[Event]:
    """Rows of the log about this enterprise; people are not named, roles are enough here."""
    rows = Entry.objects.filter(
        kind=Enterprise._meta.label_lower,
        object_id=str(enterprise.pk),
        outcome=Outcome.DONE,
        action__in=_TITLES.keys() - _TOLD_BY_DATES,
    ).order_by("-pk")[:EVENTS_MAX]
    return [
        Event(timezone.localtime(row.at).date(), _TITLES[row.action], _detail(row)) for row in rows
    ]


def _detail(row: Entry) -> str:
    section = SECTIONS.get(json.loads(row.detail).get("section", ""))
    return section.title if section is not None and row.action == "save_section" else ""


def _dated(archive: Archive) -> list[Event]:
    found = []
    if archive.enterprise.registered_on is not None:
        found.append(Event(archive.enterprise.registered_on, "企业成立", ""))
    for row in archive.qualifications:
        level = f"（{row.get_level_display()}）" if row.level else ""
        found.append(Event(row.granted_on, f"获{row}{level}", row.number))
    for entry in archive.pilot_entries:
        batch = f"第{entry.batch}批，" if entry.batch else ""
        found.append(Event(entry.entered_on, "进入试点名单", batch + entry.entered_reason))
        if entry.left_on is not None:
            found.append(Event(entry.left_on, "退出试点名单", entry.left_reason))
    return found
