"""Save one section of an archive; what a colleague has changed meanwhile is never overwritten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions import summary
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.enterprises.forms.sections import SectionForm
from shuzhuan.apps.enterprises.models import Draft, Enterprise, SectionState, SectionVersion
from shuzhuan.apps.enterprises.sections import Section, Values


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field that two people changed in different ways."""

    name: str
    label: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Saved:
    """What came of a save. ``conflicts`` or ``form.errors``: nothing has been changed."""

    form: SectionForm
    version: int
    conflicts: tuple[Conflict, ...] = ()
    merged: tuple[str, ...] = ()
    by: str = ""
    stored: bool = False
    changed: tuple[str, ...] = field(default=())


@transaction.atomic
def save_section(
    actor: Actor,
    enterprise: Enterprise,
    section: Section,
    typed: Mapping[str, str],
    original: Mapping[str, str],
) -> Saved:
    """Store what the actor typed.

    ``original`` is what the form showed before anything was typed. A field that the actor left
    alone keeps what a colleague has written meanwhile; a field that both changed differently is
    a conflict, and then nothing is stored.
    """
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    state = SectionState.objects.filter(
        place_id=enterprise.place_id, enterprise=enterprise, section=section.key
    ).first()
    now = section.load(enterprise)
    wanted, clashes, merged = merge(now, typed, original)
    version = state.version if state is not None else 0
    form = section.form(wanted, enterprise=enterprise)
    by = str(state.saved_by) if state is not None and (clashes or merged) else ""
    if clashes:
        shown = tuple(
            Conflict(
                name,
                str(form.fields[name].label),
                shown_value(form, name, typed.get(name, "")),
                shown_value(form, name, now[name]),
            )
            for name in clashes
        )
        return Saved(form, version, shown, by=by)
    if not form.is_valid():
        return Saved(form, version)
    section.apply(actor, enterprise, form.cleaned_data)
    summary.refresh(enterprise)
    after = section.load(enterprise)
    changed = tuple(name for name in after if after[name] != now[name])
    version = _keep(actor, enterprise, section, state, now, after)
    Draft.objects.filter(
        place_id=enterprise.place_id,
        user_id=user_of(actor),
        enterprise=enterprise,
        section=section.key,
    ).delete()
    record(
        section.action,
        actor,
        enterprise,
        detail={"section": section.key, "version": version, "fields": sorted(changed)},
    )
    labels = tuple(str(form.fields[name].label) for name in merged)
    return Saved(form, version, merged=labels, by=by, stored=True, changed=changed)


def merge(
    now: Mapping[str, str], typed: Mapping[str, str], original: Mapping[str, str]
) -> tuple[Values, list[str], list[str]]:
    """What to store; the fields in conflict; the fields taken over from a colleague."""
    wanted: Values = {}
    clashes, merged = [], []
    for name, theirs in now.items():
        mine = typed.get(name, "").strip()
        before = original.get(name, "")  # not told: then nothing is taken for granted
        if theirs in (before, mine):
            wanted[name] = mine
        elif mine == before:
            wanted[name] = theirs
            merged.append(name)
        else:
            wanted[name] = mine
            clashes.append(name)
    return wanted, clashes, merged


def shown_value(form: SectionForm, name: str, text: str) -> str:
    """As a person reads it: the label of a choice instead of its key."""
    choices = getattr(form.fields[name], "choices", ())
    return str(dict(choices).get(text, text)) or "（空）"


def _keep(
    actor: Actor,
    enterprise: Enterprise,
    section: Section,
    state: SectionState | None,
    before: Values,
    after: Values,
) -> int:
    """Raise the version and keep what the section held, before its first save as well."""
    key = {
        "place_id": enterprise.place_id,
        "enterprise": enterprise,
        "section": section.key,
    }
    if state is None:
        SectionVersion.objects.create(
            **key, version=0, text=_text(before), saved_by_id=user_of(actor)
        )
        state = SectionState(**key, version=0)
    state.version += 1
    state.filled, state.wanted = section.progress(after)
    state.saved_by_id = user_of(actor)
    state.saved_at = timezone.now()
    state.save()
    SectionVersion.objects.create(
        **key, version=state.version, text=_text(after), saved_by_id=user_of(actor)
    )
    return state.version


def _text(values: Values) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)
