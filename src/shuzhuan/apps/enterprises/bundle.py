"""What the index of an exported bundle tells of an archive; numbers of people stay masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Model

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import mask_account, mask_phone
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.enterprises.models import (
    CloudUse,
    Declaration,
    Enterprise,
    EnterpriseYear,
    PilotEntry,
    Qualification,
)
from shuzhuan.apps.evidence.bundle import Sheet, in_bundle

_SKIPPED = frozenset({"id", "place", "enterprise", "party", "evidence_id"})
_MASKS = {"contact_phone": mask_phone, "bank_account": mask_account}
_TABLES: tuple[tuple[str, type[Model], str], ...] = (
    ("年度数据", EnterpriseYear, "year"),
    ("资质", Qualification, "granted_on"),
    ("守法与信用声明", Declaration, "declared_on"),
    ("上云用云", CloudUse, "slot"),
    ("试点名单记录", PilotEntry, "entered_on"),
)


@in_bundle
def sheets(actor: Actor, party: Party) -> Iterator[Sheet]:
    """The archive as the actor may see it, one sheet per kind of row."""
    found = visible(actor, Enterprise).filter(party=party).first()
    if found is None:
        return
    names = _columns(Enterprise)
    facts = [(label, _shown(found, name)) for name, label in names]
    yield Sheet("基本情况", ("项目", "内容"), facts)
    for title, model, order in _TABLES:
        columns = _columns(model)
        rows = visible(actor, model).filter(enterprise=found).order_by(order)
        cells = [tuple(_shown(row, name) for name, _ in columns) for row in rows]
        yield Sheet(title, tuple(label for _, label in columns), cells)


def _columns(model: type[Model]) -> list[tuple[str, str]]:
    """Name and label of every column that a reader understands."""
    return [
        (field.name, str(field.verbose_name))
        for field in model._meta.concrete_fields
        if field.name not in _SKIPPED and not field.name.endswith("_digest")
    ]


def _shown(row: Model, name: str) -> Any:
    if name in _MASKS:
        return _MASKS[name](str(getattr(row, name) or ""))
    if row._meta.get_field(name).choices:  # type: ignore[union-attr]
        return str(getattr(row, f"get_{name}_display")() or "")
    value = getattr(row, name)
    plain = value is None or isinstance(value, bool | int | float)
    return value if plain else str(value)
