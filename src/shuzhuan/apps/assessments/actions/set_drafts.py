"""Writing indicator sets: import, change, compare with the official text, publish, retire."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.assessments.actions.sets import fill
from shuzhuan.apps.assessments.models import PublishedSet, SetState
from shuzhuan.apps.assessments.models.sets import NOTE_CHARS_MAX, SAME_VERSION, SECOND_PERSON
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.apps.assessments.set_figures import Path, marked, with_figures, without_marks
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.models.enterprise import LEVEL_MAX
from shuzhuan.engine.grading import IndicatorSet, figure_differences

CHANGED = "同事刚刚改过这份草稿。请重新打开，看过现在的内容再改。"
NOT_DRAFT = "已发布的指标集不再改动。要改请拟新的版本。"
NOT_OURS = "只有适用区域的经办单位和上级单位可以办理这份指标集。"
TEXT_CHARS_MAX = 200


@transaction.atomic
def import_draft(
    actor: Actor,
    indicators: IndicatorSet,
    *,
    base: PublishedSet | None = None,
    note: str = "",
    compared_with: str = "",
) -> PublishedSet:
    """Keep a set that was read from a file as a draft of the own office. Raises ValidationError.

    ``compared_with``: the official document with which a person says to have compared all of it.
    """
    row = _begun(actor, indicators, base)
    row.note = _text(note, NOTE_CHARS_MAX)
    if compared_with:
        row.checked = json.dumps(
            [_check(actor, "全部题面、分值和等级条件", compared_with, actor.name)],
            ensure_ascii=False,
        )
    _store_new(row)
    record("import_indicator_set", actor, row, detail=_what(row))
    return row


@transaction.atomic
def copy_to_draft(actor: Actor, pk: int, version: str, note: str = "") -> PublishedSet:
    """A draft of the own office that starts from a published set. Raises ValidationError."""
    old = _found(actor, pk)
    if old.state == SetState.DRAFT:
        raise ValidationError("草稿可以直接改，不用另拟新版。")
    row = _begun(actor, with_figures(parsed(old), {}, version), old)
    row.note, row.checked = _text(note, NOTE_CHARS_MAX), old.checked
    _store_new(row)
    record("copy_indicator_set", actor, row, detail={**_what(row), "from": old.pk})
    return row


@transaction.atomic
def change_figures(
    actor: Actor, pk: int, seen: int, changes: Mapping[Path, str | bool | None]
) -> PublishedSet:
    """Put new figures into a draft. Raises ValidationError, FigureMistakes.

    What changes is marked 待核对官方原文 again: an earlier comparison was of another figure.
    """
    row = _draft(actor, pk, seen)
    before = parsed(row)
    after = with_figures(before, changes)
    if after.ref == before.ref:
        return row
    _keep(actor, row, after)
    detail = {**_what(row), "figures": figure_differences(before, after)}
    record("change_indicator_set", actor, row, detail=detail)
    return row


@transaction.atomic
def clear_marks(
    actor: Actor, pk: int, seen: int, items: Sequence[Path], document: str, checker: str
) -> PublishedSet:
    """Take off the mark 待核对官方原文 of items that somebody compared. Raises ValidationError."""
    row = _draft(actor, pk, seen)
    indicators = parsed(row)
    names = {path: name for path, name, _ in marked(indicators)}
    chosen = [path for path in items if path in names]
    document, checker = _text(document, TEXT_CHARS_MAX), _text(checker, TEXT_CHARS_MAX)
    if not chosen:
        raise ValidationError({"items": "请勾选已经核对过的项目。"})
    if not document:
        raise ValidationError({"document": "请写明核对用的官方文件，如名称、文号和页码。"})
    if not checker:
        raise ValidationError({"checker": "请写明核对的人。"})
    checks = json.loads(row.checked)
    checks += [_check(actor, names[path], document, checker) for path in chosen]
    row.checked = json.dumps(checks, ensure_ascii=False)
    _keep(actor, row, without_marks(indicators, chosen))
    detail = {**_what(row), "items": [names[path] for path in chosen], "document": document}
    record("check_indicator_set", actor, row, detail={**detail, "checker": checker})
    return row


@transaction.atomic
def discard_draft(actor: Actor, pk: int, seen: int) -> None:
    """Throw a draft away; nothing rests on it."""
    row = _draft(actor, pk, seen)
    record("discard_indicator_set", actor, row, detail=_what(row))
    row.delete()


@transaction.atomic
def publish_set(actor: Actor, pk: int, seen: int) -> PublishedSet:
    """Let a draft hold for sheets begun from now on; by somebody who did not write it."""
    row = _found(actor, pk, for_update=True)
    if row.state == SetState.PUBLISHED and row.published_by_id == actor.user_id:
        return row  # the button was pressed twice
    row = _draft(actor, pk, seen)
    if actor.user_id in (row.created_by_id, row.changed_by_id):
        raise ValidationError(SECOND_PERSON)
    row.state = SetState.PUBLISHED
    row.published_by_id, row.published_at = actor.user_id, timezone.now()
    row.validate_constraints()
    row.save()
    record("publish_indicator_set", actor, row, detail=_what(row))
    return row


@transaction.atomic
def retire_set(actor: Actor, pk: int, reason: str) -> PublishedSet:
    """Begin no more sheets under a set; those begun keep it. Raises ValidationError."""
    row = _found(actor, pk, for_update=True)
    _require_ours(actor, row)
    reason = _text(reason, NOTE_CHARS_MAX)
    if row.state != SetState.PUBLISHED:
        raise ValidationError("只有已发布的指标集可以停用。")
    if not reason:
        raise ValidationError({"reason": "请写明停用的原因。"})
    row.state, row.retired_at = SetState.RETIRED, timezone.now()
    row.retired_by_id, row.retired_reason = actor.user_id, reason
    row.save(update_fields=["state", "retired_at", "retired_by", "retired_reason"])
    record("retire_indicator_set", actor, row, detail={**_what(row), "reason": reason})
    return row


def _begun(actor: Actor, indicators: IndicatorSet, base: PublishedSet | None) -> PublishedSet:
    if actor.user_id is None or actor.region_id is None or actor.role not in OFFICERS:
        raise PermissionDenied
    if len(indicators.levels) > LEVEL_MAX:
        raise ValidationError(f"最多{LEVEL_MAX}个等级，这一份有{len(indicators.levels)}个。")
    row = PublishedSet(place_id=actor.region_id, based_on=base)
    row.created_by_id = row.changed_by_id = actor.user_id
    fill(row, indicators)
    return row


def _store_new(row: PublishedSet) -> None:
    """A version number is used once: in the own office, above it and by what ships."""
    assert row.place is not None
    above = Q(place__isnull=True) | Q(place__code__in=row.place.path.strip("/").split("/"))
    same = PublishedSet.objects.filter(above, set_id=row.set_id, version=row.version)
    if same.exists():
        raise ValidationError({"version": SAME_VERSION})
    row.full_clean(exclude=["place", "created_by", "changed_by", "based_on", "document"])
    row.save()


def _found(actor: Actor, pk: int, *, for_update: bool = False) -> PublishedSet:
    if actor.role not in OFFICERS:
        raise PermissionDenied
    rows = visible(actor, PublishedSet)
    found = (rows.select_for_update(no_key=True) if for_update else rows).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _require_ours(actor: Actor, row: PublishedSet) -> None:
    """The office of the place, or one above it; what ships belongs to nobody here."""
    if row.place_id is None:
        raise ValidationError("平台自带的指标集不能改动或停用。可以拟本地的新版本。")
    if row.place_id not in actor.place_ids:
        raise ValidationError(NOT_OURS)


def _draft(actor: Actor, pk: int, seen: int) -> PublishedSet:
    row = _found(actor, pk, for_update=True)
    _require_ours(actor, row)
    if row.state != SetState.DRAFT:
        raise ValidationError(NOT_DRAFT)
    if row.edits != seen:
        raise ValidationError(CHANGED)
    return row


def _keep(actor: Actor, row: PublishedSet, indicators: IndicatorSet) -> None:
    fill(row, indicators)
    row.edits += 1
    row.changed_by_id = actor.user_id
    row.save()


def _check(actor: Actor, item: str, document: str, checker: str) -> dict[str, object]:
    return {
        "item": item,
        "document": document,
        "checker": checker,
        "recorded_by": actor.name,
        "on": timezone.localdate().isoformat(),
    }


def _text(value: str, chars_max: int) -> str:
    text = " ".join(value.split())
    if len(text) > chars_max:
        raise ValidationError(f"文字最多 {chars_max} 个字。")
    return text


def _what(row: PublishedSet) -> dict[str, object]:
    return {"set": f"{row.set_id} {row.version}", "edits": row.edits, "sha256": row.sha256}
