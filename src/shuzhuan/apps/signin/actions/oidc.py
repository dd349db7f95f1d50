"""Signing in through the government's own service."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from shuzhuan.apps.access.actor import PUBLIC
from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.signin.entering import person_actor


@transaction.atomic
def sign_in_by_claims(claims: Mapping[str, object], claim: str, address: str) -> User | None:
    """The existing, active person whom the service names, or nobody; nobody is ever created."""
    value = claims.get(claim)
    found = None
    if isinstance(value, str) and value:
        found = User.objects.filter(external_id=value, is_active=True).first()
    detail = {"address": address, "how": "oidc"}
    if found is None:
        record("signin.sign_in", PUBLIC, outcome=Outcome.REFUSED, detail=detail)
    else:
        record("signin.sign_in", person_actor(found), found, detail=detail)
    return found


@transaction.atomic
def note_refused(address: str, reason: str) -> None:
    """Record that the answer of the service was not believed."""
    detail = {"address": address, "how": "oidc", "reason": reason}
    record("signin.sign_in", PUBLIC, outcome=Outcome.REFUSED, detail=detail)
