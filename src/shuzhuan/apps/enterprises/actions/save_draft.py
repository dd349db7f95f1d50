"""Keep what somebody is typing, exactly as typed, valid or not."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.enterprises.actions.person import user_of
from shuzhuan.apps.enterprises.models import Draft, Enterprise

FIELDS_MAX = 200
CHARS_MAX = 2_000


@transaction.atomic
def save_draft(
    actor: Actor,
    enterprise: Enterprise,
    section: str,
    typed: Mapping[str, str],
    original: Mapping[str, str],
    base_version: int,
) -> Draft:
    """Store or replace the actor's draft of a section. Every text is kept, up to a length."""
    text = json.dumps({"typed": _kept(typed), "original": _kept(original)}, ensure_ascii=False)
    draft, _ = Draft.objects.update_or_create(
        place_id=enterprise.place_id,
        user_id=user_of(actor),
        enterprise=enterprise,
        section=section,
        defaults={"text": text, "base_version": base_version},
    )
    record("save_draft", actor, enterprise, detail={"section": section})
    return draft


def _kept(values: Mapping[str, str]) -> dict[str, str]:
    return {name: text[:CHARS_MAX] for name, text in list(values.items())[:FIELDS_MAX]}


def read(draft: Draft) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, and what the form showed before."""
    kept = json.loads(draft.text)
    return kept["typed"], kept["original"]


@transaction.atomic
def drop_draft(actor: Actor, enterprise: Enterprise, section: str) -> None:
    """Throw the actor's own draft away, at the actor's wish."""
    Draft.objects.filter(
        place_id=enterprise.place_id,
        user_id=user_of(actor),
        enterprise=enterprise,
        section=section,
    ).delete()
    record("drop_draft", actor, enterprise, detail={"section": section})
