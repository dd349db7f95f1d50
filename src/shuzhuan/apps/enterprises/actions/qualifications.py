"""Add, change and withdraw a qualification; say that the list is complete."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions import summary
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.enterprises.actions.save_section import Conflict, Saved, merge, shown_value
from shuzhuan.apps.enterprises.forms.qualification import QualificationForm, load
from shuzhuan.apps.enterprises.models import Draft, Enterprise, Qualification

_FRESH = "new"


def draft_key(row: Qualification | None) -> str:
    """Under which name a draft of this qualification is kept."""
    return f"qualification-{_FRESH if row is None else row.pk}"


@transaction.atomic
def add_qualification(actor: Actor, enterprise: Enterprise, typed: Mapping[str, str]) -> Saved:
    """Store a new qualification, or answer with what is wrong in the form."""
    form = QualificationForm(dict(typed), enterprise=enterprise)
    if not form.is_valid():
        return Saved(form, 0)
    row = Qualification(place_id=enterprise.place_id, enterprise=enterprise, **form.cleaned_data)
    if not _sound(row, form):
        return Saved(form, 0)
    row.save()
    _drop_draft(actor, enterprise, None)
    summary.refresh(enterprise)
    _record("add_qualification", actor, enterprise, row)
    return Saved(form, 1, stored=True)


@transaction.atomic
def change_qualification(
    actor: Actor, row: Qualification, typed: Mapping[str, str], original: Mapping[str, str]
) -> Saved:
    """Change a qualification; a colleague's change of the same field is a conflict."""
    row = (
        Qualification.objects.select_for_update(no_key=True)
        .select_related("enterprise")
        .get(pk=row.pk)
    )
    enterprise = row.enterprise
    now = load(row)
    wanted, clashes, merged = merge(now, typed, original)
    form = QualificationForm(wanted, enterprise=enterprise)
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
        return Saved(form, 1, shown)
    if not form.is_valid():
        return Saved(form, 1)
    for name, value in form.cleaned_data.items():
        setattr(row, name, value)
    if not _sound(row, form):
        return Saved(form, 1)
    row.save()
    _drop_draft(actor, enterprise, row)
    summary.refresh(enterprise)
    _record("change_qualification", actor, enterprise, row)
    labels = tuple(str(form.fields[name].label) for name in merged)
    return Saved(form, 1, merged=labels, stored=True)


@transaction.atomic
def withdraw_qualification(actor: Actor, row: Qualification, reason: str) -> None:
    """Take a qualification off the list with its reason; the row stays. Raises ValidationError."""
    reason = reason.strip()
    if not reason:
        raise ValidationError("请写明撤销的原因。")
    done = Qualification.objects.filter(pk=row.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now(), withdrawn_reason=reason[:200]
    )
    if not done:
        raise ValidationError("这项资质已经撤销。")
    summary.refresh(row.enterprise)
    _record("withdraw_qualification", actor, row.enterprise, row, reason=reason[:200])


@transaction.atomic
def confirm_qualifications(actor: Actor, enterprise: Enterprise) -> None:
    """Say that every qualification is listed: from now on a missing one means none."""
    enterprise.qualifications_complete_on = timezone.localdate()
    summary.refresh(enterprise)
    record("confirm_qualifications", actor, enterprise)


def _sound(row: Qualification, form: QualificationForm) -> bool:
    """Check the constraints of the row; what is wrong goes into the form."""
    try:
        row.validate_constraints()
    except ValidationError as error:
        for message in error.messages:
            form.add_error(None, message)
        return False
    return True


def _drop_draft(actor: Actor, enterprise: Enterprise, row: Qualification | None) -> None:
    Draft.objects.filter(
        place_id=enterprise.place_id,
        user_id=user_of(actor),
        enterprise=enterprise,
        section=draft_key(row),
    ).delete()


def _record(
    action: str, actor: Actor, enterprise: Enterprise, row: Qualification, **more: str
) -> None:
    detail = {"qualification": row.pk, "kind": row.kind, "level": row.level, **more}
    record(action, actor, enterprise, detail=detail)
