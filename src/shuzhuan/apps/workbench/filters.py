"""What a list is narrowed by, read from its address; what cannot be read is said, never guessed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.models import Membership, PartyKind
from shuzhuan.apps.enterprises.forms.fields import CountField, DayField
from shuzhuan.apps.enterprises.models import (
    Enterprise,
    PilotState,
    Qualification,
    QualificationKind,
    Readiness,
    SizeClass,
    Willingness,
)
from shuzhuan.apps.workbench.columns import BY_KEY, SORT_USUAL
from shuzhuan.apps.workbench.models import ImportItem, SearchEntry
from shuzhuan.apps.workbench.places import Places
from shuzhuan.apps.workbench.search import wanted

PAGE_MAX = 20
DAYS_MAX = 3650
NONE = "none"
_UNKNOWN = "“%(value)s”不在可选的范围里，请重新选择。"
_LEVELS = [(str(n), f"{'零一二三四'[n]}级") for n in range(5)]
# Words of the address that are no filter.
LAYOUT = ("sort", "cols", "page", "csrfmiddlewaretoken")


def _many(label: str, choices: list[tuple[Any, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=[(str(value), name) for value, name in choices],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _UNKNOWN, "invalid_list": "请重新选择。"},
    )


def _one(label: str, choices: list[tuple[Any, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", "全部"), *((str(value), name) for value, name in choices)],
        required=False,
        error_messages={"invalid_choice": _UNKNOWN},
    )


class FilterForm(forms.Form):
    """Every filter of the list. Fields are drawn by the page, names stand in the address."""

    q = forms.CharField(label="名称、代码或拼音首字母", required=False, max_length=60)
    place = _one("所属", [])
    park = _one("园区", [])
    industry = forms.CharField(label="细分行业", required=False, max_length=64)
    qual = _one("持有资质", list(QualificationKind.choices))
    above = _one("规上规下", [("yes", "规上"), ("no", "规下"), (NONE, "没填")])
    size = _many("规模", [*SizeClass.choices, (NONE, "没判定")])
    level = _many("数字化等级", [*_LEVELS, (NONE, "没评测")])
    pilot = _many("试点", list(PilotState.choices))
    will = _many("改造意愿", [*Willingness.choices, (NONE, "没摸底")])
    ready = _many("数字化基础", [*Readiness.choices, (NONE, "没摸底")])
    survey = _one("摸底", [("missing", "还没完成"), ("done", "已完成")])
    complete_from = CountField(label="完整度从（%）", most=100)
    complete_to = CountField(label="完整度到（%）", most=100)
    updated_since = DayField(label="更新不早于", help_text="")
    created_since = DayField(label="建档不早于", help_text="")
    expiring = CountField(label="资质几天内到期", most=DAYS_MAX)
    origin = _one("建档", [("self", "企业自己登记"), ("import", "摸底导入")])
    invited = _one("邀请", [("yes", "有同事还没接受邀请")])
    sort = forms.CharField(required=False, max_length=20)
    page = CountField(most=PAGE_MAX)

    def __init__(self, data: QueryDict, places: Places) -> None:
        super().__init__(data, auto_id="f-%s")
        self.places = places
        indent = places.region.path.count("/")
        self._choose(
            "place",
            [(str(r.pk), "　" * (r.path.count("/") - indent) + r.name) for r in places.below],
        )
        self._choose("park", [(str(r.pk), r.name) for r in places.parks])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *choices]

    def clean_q(self) -> str:
        text: str = self.cleaned_data["q"]
        if "\0" in text:
            raise forms.ValidationError("检索的文字里有不能用的字符。")
        return wanted(text)

    def clean_sort(self) -> str:
        text: str = self.cleaned_data["sort"] or SORT_USUAL
        if text.removeprefix("-") not in BY_KEY:
            raise forms.ValidationError("不能按这一项排序。")
        return text

    @property
    def active(self) -> list[str]:
        """Names of the filters in use."""
        return [
            name for name, value in self.cleaned_data.items() if name not in LAYOUT and value != ""
            and value not in ([], None)
        ]  # fmt: skip

    @property
    def active_rest(self) -> int:
        """How many filters of the folded part are in use."""
        return len(set(self.active) - {"q", "place", "survey", "industry"})

    @property
    def groups(self) -> list[forms.BoundField]:
        """The filters of which several values may be chosen."""
        return [self[name] for name in ("size", "level", "pilot", "will", "ready")]

    @property
    def singles(self) -> list[forms.BoundField]:
        """The other filters of the folded part."""
        names = ["qual", "above", "complete_from", "complete_to", "updated_since"]
        names += ["created_since", "origin", "expiring", "invited"]
        return [self[name] for name in ([*names, "park"] if self.places.parks else names)]

    @property
    def unreadable(self) -> list[tuple[str, str]]:
        """Label and word for everything that could not be read."""
        return [
            (str(self.fields[name].label or "地址"), str(errors[0]))
            for name, errors in self.errors.items()
        ]


def read(query: QueryDict, places: Places) -> FilterForm:
    """The filters of an address."""
    form = FilterForm(query, places=places)
    form.is_valid()
    return form


def narrowed(actor: Actor, form: FilterForm) -> QuerySet[Enterprise]:
    """The visible enterprises that fit; none at all while a filter cannot be read."""
    rows = visible(actor, Enterprise)
    if form.errors:
        return rows.none()
    cleaned = form.cleaned_data
    for name, test in _TESTS.items():
        if cleaned[name] not in ("", None, []):
            rows = rows.filter(test(form, cleaned[name]))
    if cleaned["q"]:
        found = visible(actor, SearchEntry).filter(text__contains=cleaned["q"])
        rows = rows.filter(pk__in=found.values("enterprise_id"))
    held = visible(actor, Qualification).filter(withdrawn_at__isnull=True)
    today = timezone.localdate()
    if cleaned["qual"]:
        valid = held.filter(kind=cleaned["qual"]).filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=today)
        )
        rows = rows.filter(pk__in=valid.values("enterprise_id"))
    if cleaned["expiring"] is not None:
        rows = rows.filter(pk__in=expiring(actor, cleaned["expiring"]).values("enterprise_id"))
    if cleaned["origin"]:
        made = Exists(ImportItem.objects.filter(enterprise=OuterRef("pk"), is_new=True))
        rows = rows.filter(made if cleaned["origin"] == "import" else ~made)
    if cleaned["invited"]:
        rows = rows.filter(party_id__in=invitations(actor).values("party_id"))
    return rows


def invitations(actor: Actor) -> QuerySet[Membership]:
    """Colleagues of the enterprises of the place who have not yet set a pass-word."""
    return Membership.objects.filter(
        party__place_id__in=actor.place_ids,
        party__kind=PartyKind.ENTERPRISE,
        is_active=True,
        user__is_active=True,
        user__password__startswith=UNUSABLE_PASSWORD_PREFIX,
        user__last_login__isnull=True,
    )


def expiring(actor: Actor, days: int) -> QuerySet[Qualification]:
    """Qualifications that end within so many days."""
    today = timezone.localdate()
    return visible(actor, Qualification).filter(
        withdrawn_at__isnull=True,
        kind__in=QualificationKind.values,  # lets the index by kind and day answer
        expires_on__gte=today,
        expires_on__lte=today + timedelta(days=days),
    )


def ordered(rows: QuerySet[Enterprise], sort: str) -> QuerySet[Enterprise]:
    """In the order of a column."""
    column = BY_KEY[sort.removeprefix("-")]
    return rows.order_by(*column.order(descending=sort.startswith("-")))


def _some(field: str, values: list[str], empty: Q) -> Q:
    named = [value for value in values if value != NONE]
    test = Q(**{f"{field}__in": named}) if named else Q(pk__in=[])
    return test | empty if NONE in values else test


_ABOVE = {"yes": Q(above_scale=True), "no": Q(above_scale=False)}
_SURVEYED = Q(willingness__isnull=False, readiness__isnull=False)
_TESTS: dict[str, Any] = {
    "place": lambda form, v: Q(place_id__in=form.places.within(form.places.by_id[int(v)])),
    "park": lambda form, v: Q(park_id=int(v)),
    "industry": lambda form, v: (
        Q(industry=v) if v in form.places.industries else Q(industry__startswith=v)
    ),
    "above": lambda form, v: _ABOVE.get(v, Q(above_scale__isnull=True)),
    "size": lambda form, v: _some("size_class", v, Q(size_class="")),
    "level": lambda form, v: _some("digital_level", v, Q(digital_level__isnull=True)),
    "pilot": lambda form, v: Q(pilot_state__in=v),
    "will": lambda form, v: _some("willingness", v, Q(willingness__isnull=True)),
    "ready": lambda form, v: _some("readiness", v, Q(readiness__isnull=True)),
    "survey": lambda form, v: (
        _SURVEYED if v == "done" else Q(willingness__isnull=True) | Q(readiness__isnull=True)
    ),
    "complete_from": lambda form, v: Q(completeness__gte=v),
    "complete_to": lambda form, v: Q(completeness__lte=v),
    "updated_since": lambda form, v: Q(updated_at__gte=_midnight(v)),
    "created_since": lambda form, v: Q(created_at__gte=_midnight(v)),
}


def _midnight(day: Any) -> Any:
    return timezone.make_aware(datetime.combine(day, time()))
