"""Show something to everybody for a period: 发起公示."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.publicity import period
from shuzhuan.apps.publicity.actions.locked import officer_id
from shuzhuan.apps.publicity.models import (
    DAYS_MAX,
    FIELDS_MAX,
    HEARING_DAYS_DEFAULT,
    NAME_CHARS_MAX,
    VALUE_CHARS_MAX,
    Bound,
    Publicity,
    PublicityItem,
)
from shuzhuan.apps.regions.models import Region
from shuzhuan.engine import money

ITEMS_MAX = 10_000
AHEAD_DAYS_MAX = 30
_AMOUNT = "金额"
_ENDINGS = (
    "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "自治州", "自治县",
    "工业园区", "园区", "省", "市", "县", "区",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """One row to be shown. ``values``: text by title of column; the amount's is made of ``amount_fen``.

    ``subject_kind``: label of the model that the row is about, e.g. ``projects.Project``.
    """

    party: Party
    subject_kind: str
    subject_id: int
    values: Mapping[str, str]
    amount_fen: int | None = None


@transaction.atomic
def start(  # noqa: PLR0913 - a publicity has that many parts
    actor: Actor,
    *,
    place: Region,
    kind: str,
    title: str,
    basis: str,
    fields: Sequence[str],
    days: int,
    unit: str,
    items: Sequence[ItemSpec],
    starts_on: date,
    contact: str,
    hearing_days: int | None = None,
    bound: str = Bound.AT_LEAST,
) -> Publicity:
    """Publish rows of the own office from ``starts_on`` on, which does not count itself.

    ``fields`` are the columns that the rules permit, in their order; a column whose title speaks
    of 金额 takes each item's ``amount_fen``. ``hearing_days``: working days to hear an objection;
    None takes HEARING_DAYS_DEFAULT and is shown as the platform's own. Raises ValidationError,
    also for a value that no column permits, and PermissionDenied for anybody but the office.
    """
    user_id = officer_id(actor)
    if actor.region_id != place.pk:
        raise PermissionDenied
    columns, amount = _columns(fields)
    _check_period(starts_on, days)
    _check_items(items)
    # Two publicities of one place that start together take their numbers one after the other.
    Region.objects.select_for_update(no_key=True).get(pk=place.pk)
    taken = Publicity.objects.filter(place=place, year=starts_on.year)
    serial = (taken.aggregate(last=Max("serial"))["last"] or 0) + 1
    end = period.end_of(starts_on, days, unit)
    publicity = Publicity(
        place=place, kind=kind, year=starts_on.year, serial=serial,
        number=f"{short_name(place.name)}-公示-{starts_on.year}-{serial:03d}",
        title=" ".join(title.split()), basis=" ".join(basis.split()), fields=columns,
        amount_field=amount, days=days, unit=unit, bound=bound, starts_on=starts_on,
        ends_on=end.day, provisional=end.provisional, contact=" ".join(contact.split()),
        hearing_days=HEARING_DAYS_DEFAULT if hearing_days is None else hearing_days,
        hearing_days_default=hearing_days is None, items_count=len(items), created_by_id=user_id,
    )  # fmt: skip
    publicity.full_clean(exclude=["place", "created_by"])
    publicity.save()
    PublicityItem.objects.bulk_create(
        [_item(publicity, position, spec) for position, spec in enumerate(items, 1)],
        batch_size=500,
    )
    record("start_publicity", actor, publicity, detail=_what(publicity))
    return publicity


def short_name(name: str) -> str:
    """A place as its papers abbreviate it: 彭阳县 → 彭阳, 红寺堡区 → 红寺堡."""
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) > 1:
            return name.removesuffix(ending)
    return name


def _columns(fields: Sequence[str]) -> tuple[list[str], str]:
    """The columns and the one of them that holds money, if any."""
    columns = [" ".join(field.split()) for field in fields]
    if not columns or not all(columns):
        raise ValidationError("公示内容至少要有一栏，每一栏要有名称。")
    if len(columns) > FIELDS_MAX or max(map(len, columns)) > NAME_CHARS_MAX:
        raise ValidationError(f"公示内容最多 {FIELDS_MAX} 栏，名称最多 {NAME_CHARS_MAX} 个字。")
    if len(set(columns)) < len(columns):
        raise ValidationError("公示内容有两栏同名。")
    amounts = [column for column in columns if _AMOUNT in column]
    if len(amounts) > 1:
        raise ValidationError("公示内容只能有一栏金额。")
    return columns, "".join(amounts)


def _check_period(starts_on: date, days: int) -> None:
    today = timezone.localdate()
    if starts_on < today:
        raise ValidationError({"starts_on": "公示日期不能早于今天。"})
    if starts_on > today + timedelta(AHEAD_DAYS_MAX):
        raise ValidationError({"starts_on": f"公示日期最晚是 {AHEAD_DAYS_MAX} 天以后。"})
    if not 1 <= days <= DAYS_MAX:
        raise ValidationError({"days": f"公示期限应在 1 到 {DAYS_MAX} 之间。"})


def _check_items(items: Sequence[ItemSpec]) -> None:
    if not items:
        raise ValidationError("没有可以公示的对象。")
    if len(items) > ITEMS_MAX:
        raise ValidationError(f"一次最多公示 {ITEMS_MAX:,} 个对象。")
    if len({(spec.subject_kind, spec.subject_id) for spec in items}) < len(items):
        raise ValidationError("同一个对象在一次公示里只能出现一次。")


def _item(publicity: Publicity, position: int, spec: ItemSpec) -> PublicityItem:
    """The row with exactly the permitted columns. Raises ValidationError for more or fewer."""
    values = dict(spec.values)
    amount = publicity.amount_field
    if amount:
        if spec.amount_fen is None or not 0 <= spec.amount_fen <= money.MAX_FEN:
            raise ValidationError(f"第 {position} 个对象没有写{amount}。")
        values[amount] = money.format_yuan(spec.amount_fen)
    permitted = publicity.fields
    if unknown := set(values) - set(permitted):
        raise ValidationError(
            f"公示内容只能是{'、'.join(permitted)}，不能有{'、'.join(sorted(unknown))}。"
        )
    if missing := [field for field in permitted if not values.get(field, "").strip()]:
        raise ValidationError(f"第 {position} 个对象没有写{'、'.join(missing)}。")
    kept = {field: " ".join(values[field].split()) for field in permitted}
    if any(len(value) > VALUE_CHARS_MAX for value in kept.values()):
        raise ValidationError(f"第 {position} 个对象的内容超过 {VALUE_CHARS_MAX} 个字。")
    return PublicityItem(
        place_id=publicity.place_id, publicity=publicity, position=position, party=spec.party,
        subject_kind=spec.subject_kind, subject_id=spec.subject_id, values=kept,
        amount_fen=spec.amount_fen if amount else None,
    )  # fmt: skip


def _what(publicity: Publicity) -> dict[str, object]:
    return {
        "number": publicity.number,
        "kind": publicity.kind,
        "items": publicity.items_count,
        "fields": list(publicity.fields),
        "starts_on": publicity.starts_on.isoformat(),
        "ends_on": publicity.ends_on.isoformat(),
        "provisional": publicity.provisional,
    }
