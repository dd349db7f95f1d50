"""What an action sees and changes while it is being performed, and how it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.exceptions import ValidationError
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.utils import timezone

from shuzhuan.apps.access import prepared
from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.projects.models import Project
from shuzhuan.engine.money import parse_yuan
from shuzhuan.engine.process import Parameters, Transition

REASON_CHARS_MAX = 1000
YEAR_MIN, YEAR_MAX = 2000, 2099
LAST = (
    "SELECT user_id FROM projects_step WHERE project_id = %s AND action = %s "
    "ORDER BY number DESC LIMIT 1"
)


def doer_of(cursor: CursorWrapper) -> int | None:
    """The user that ``LAST`` found."""
    row = cursor.fetchone()
    return None if row is None else int(row[0])


class Refused(Exception):
    """The action is not done. ``problems``: field (empty for none) → Chinese message."""

    def __init__(self, message: str, field_name: str = "") -> None:
        super().__init__(message)
        self.problems: dict[str, str] = {field_name: message}

    @classmethod
    def of(cls, error: ValidationError) -> Refused:
        """The same refusal from a model or another app."""
        if hasattr(error, "error_dict"):
            found = cls("")
            found.problems = {
                ("" if name == "__all__" else name): "；".join(messages)
                for name, messages in error.message_dict.items()
            }
            return found
        return cls("；".join(error.messages))

    @property
    def text(self) -> str:
        return "；".join(message for message in self.problems.values() if message)


@dataclass
class Move:
    """One attempt. Handlers read the payload, change ``project`` in memory and write their rows.

    ``stood``: the project's columns as they were read, to write only what changed.
    ``rows``: new rows that nobody reads before the project's row; they are written with it.
    ``made``: who last did an action, of those that were asked for already.
    ``after``: what runs once the project's row has been written, in the same transaction.
    """

    actor: Actor
    project: Project
    transition: Transition
    payload: Mapping[str, Any]
    key: UUID
    detail: dict[str, Any] = field(default_factory=dict)
    after: list[Callable[[], None]] = field(default_factory=list)
    stood: Mapping[str, Any] = field(default_factory=dict)
    rows: list[Model] = field(default_factory=list)
    made: dict[str, int | None] = field(default_factory=dict)

    @cached_property
    def today(self) -> date:
        return timezone.localdate()

    @cached_property
    def parameters(self) -> Parameters:
        return self.project.batch.parameters

    @property
    def user_id(self) -> int:
        assert self.actor.user_id is not None  # the table admits no public actor
        return self.actor.user_id

    @cached_property
    def reason(self) -> str:
        return self.text("reason", REASON_CHARS_MAX, required=self.transition.reason)

    def derived_key(self, purpose: str) -> UUID:
        """A key for what this action asks of another app: the same for the same request."""
        return uuid5(NAMESPACE_URL, f"{self.key}:{purpose}")

    def by(self, action: str) -> int | None:
        """Who did an action last on this project."""
        if action not in self.made:
            self.made[action] = doer_of(prepared.ask(LAST, [self.project.pk, action]))
        return self.made[action]

    # -- reading the payload ------------------------------------------------------------------

    def text(self, name: str, chars_max: int = 500, *, required: bool = True) -> str:
        """One text, cleaned of space at its ends. Raises Refused naming the field."""
        raw = self.payload.get(name, "")
        if not isinstance(raw, str):
            raise Refused("请填写文字。", name)
        found = "\n".join(line.rstrip() for line in raw.strip().splitlines())
        if "\x00" in found:
            raise Refused("含有不能保存的字符，请删去后再提交。", name)
        if required and not found:
            raise Refused("请写明理由。" if name == "reason" else "这一项不能空着。", name)
        if len(found) > chars_max:
            raise Refused(f"最多 {chars_max} 个字，现在有 {len(found)} 个。", name)
        return found

    def fen(self, name: str) -> int:
        """An amount typed in 元, strictly; or whole fen as an int from the program."""
        raw = self.payload.get(name, "")
        if isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        try:
            return int(parse_yuan(raw))
        except ValueError as error:
            raise Refused(str(error), name) from None

    def day(self, name: str, *, required: bool = True) -> date | None:
        raw = self.payload.get(name, "")
        if isinstance(raw, date):
            return raw
        if raw in ("", None) and not required:
            return None
        if not isinstance(raw, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw.strip()):
            raise Refused("请按 2026-05-01 的样子填写日期。", name)
        try:
            found = date.fromisoformat(raw.strip())
        except ValueError:
            raise Refused("没有这一天，请核对日期。", name) from None
        if not YEAR_MIN <= found.year <= YEAR_MAX:
            raise Refused(f"年份应在 {YEAR_MIN} 到 {YEAR_MAX} 之间，请核对日期。", name)
        return found

    def past_day(self, name: str) -> date:
        """A day that must not lie in the future."""
        found = self.day(name)
        assert found is not None
        if found > self.today:
            raise Refused("日期不能晚于今天。", name)
        return found

    def pk(self, name: str, *, required: bool = True) -> int | None:
        raw = self.payload.get(name, "")
        if raw in ("", None) and not required:
            return None
        if isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        if not isinstance(raw, str) or not re.fullmatch(r"[0-9]{1,18}", raw):
            raise Refused("请从列表里选择。", name)
        return int(raw)

    def needed_pk(self, name: str) -> int:
        """The key of a row that must be named."""
        found = self.pk(name)
        assert found is not None
        return found

    def flag(self, name: str) -> bool:
        return self.payload.get(name) in (True, "on", "true", "1")

    def choice(self, name: str, choices: Mapping[str, str]) -> str:
        raw = str(self.payload.get(name, ""))
        if raw not in choices:
            raise Refused(f"请选择：{'、'.join(choices.values())}。", name)
        return raw

    def document(self, name: str, *, required: bool = True) -> Document | None:
        """One of the enterprise's documents that the actor may see."""
        pk = self.pk(name, required=required)
        if pk is None:
            return None
        found = visible(self.actor, Document).filter(
            pk=pk, owner_id=self.project.enterprise.party_id, withdrawn_at__isnull=True
        )
        document = found.first()
        if document is None or document.current_id is None:
            raise Refused("请从企业的资料库里选择一份没有撤下的资料。", name)
        return document


Handler = Callable[[Move], None]
HANDLERS: dict[str, Handler] = {}
GUARDS: dict[str, Handler] = {}


def handles(*actions: str) -> Callable[[Handler], Handler]:
    """Register what an action does besides moving the project."""

    def register(handler: Handler) -> Handler:
        for action in actions:
            if action in HANDLERS:
                raise ValueError(f"{action} is handled twice")
            HANDLERS[action] = handler
        return handler

    return register


def guards(name: str) -> Callable[[Handler], Handler]:
    """Register a guard of the table by its name; it raises Refused."""

    def register(guard: Handler) -> Handler:
        if name in GUARDS:
            raise ValueError(f"{name} is guarded twice")
        GUARDS[name] = guard
        return guard

    return register
