"""Take a list out as Excel: what the page shows, all results, with a word in the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import mask_account, mask_phone
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.unmask import reason_of
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.workbench.columns import Column
from shuzhuan.apps.workbench.filters import FilterForm, narrowed, ordered
from shuzhuan.apps.workbench.importing.books import write_list
from shuzhuan.apps.workbench.places import Places

ROWS_MAX = 100_000
CHUNK_ROWS = 2_000
NONE, MASKED, CLEAR = "none", "masked", "clear"
CONTACTS = (("联系人", 12), ("联系电话", 18), ("开户银行", 24), ("银行账号", 26))
_CONTACT_COLUMNS = ("party_id", "contact_name", "contact_phone", "bank_name", "bank_account")


@dataclass(frozen=True)
class Wanted:
    """What to take out. ``contacts``: none, masked, or in clear with a reason."""

    columns: list[Column]
    contacts: str
    reason: str
    query: str


@transaction.atomic
def export_list(actor: Actor, places: Places, form: FilterForm, wanted: Wanted, path: Path) -> int:
    """Write the workbook and the audit row. Raises ValidationError."""
    reason = reason_of(wanted.reason) if wanted.contacts == CLEAR else wanted.reason.strip()[:200]
    rows = ordered(narrowed(actor, form), form.cleaned_data["sort"])
    ids = list(rows.values_list("pk", flat=True)[: ROWS_MAX + 1])
    if not ids:
        raise ValidationError("没有符合条件的企业，没有可以导出的内容。")
    if len(ids) > ROWS_MAX:
        raise ValidationError(f"一次最多导出{ROWS_MAX:,}家，请缩小范围。")
    titles = [(column.title, column.width) for column in wanted.columns]
    titles += [] if wanted.contacts == NONE else list(CONTACTS)
    now = timezone.localtime()
    notes = [
        f"数转灯塔 · {places.region.name}企业名单",
        f"{now:%Y-%m-%d %H:%M}由{actor.name}导出，{len(ids):,}家",
        "联系方式和账号已打码" if wanted.contacts == MASKED else "",
        f"含完整联系方式和账号，用途：{reason}。请按规定保管，用后删除。"
        if wanted.contacts == CLEAR else "",
    ]  # fmt: skip
    count = write_list(path, titles, _rows(places, ids, wanted), [note for note in notes if note])
    detail = {
        "query": wanted.query, "rows": count, "contacts": wanted.contacts, "reason": reason,
        "columns": [column.key for column in wanted.columns],
    }  # fmt: skip
    record("export_enterprises", actor, None, place_id=actor.region_id, detail=detail)
    return count


def _rows(places: Places, ids: list[int], wanted: Wanted) -> Iterator[list[Any]]:
    """In the order of the ids, some at a time: the whole list is never in memory."""
    needed = {name for column in wanted.columns for name in column.needs}
    if wanted.contacts != NONE:
        needed |= set(_CONTACT_COLUMNS)
    for at in range(0, len(ids), CHUNK_ROWS):
        part = ids[at : at + CHUNK_ROWS]
        found = Enterprise.objects.only(*sorted(needed)).in_bulk(part)
        for pk in part:
            row = found[pk]
            values = [column.value(row, places) for column in wanted.columns]
            yield [*values, *_contacts(row, wanted.contacts)]


def _contacts(row: Enterprise, how: str) -> list[str]:
    if how == NONE:
        return []
    name, phone, account = (
        str(text or "") for text in (row.contact_name, row.contact_phone, row.bank_account)
    )
    if how == CLEAR:
        return [name, phone, row.bank_name, account]
    return [
        f"{name[:1]}**" if name else "",
        mask_phone(phone),
        row.bank_name,
        mask_account(account),
    ]
