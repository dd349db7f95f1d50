"""Documents of the cast, for the tests of pages and bundles."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document
from shuzhuan.apps.evidence.models import Document
from shuzhuan.apps.vendors.models import Consent, ConsentState
from tests.apps.evidence import good_files as good
from tests.cast import canary


def actor(cast: Any, role: Role, where: str) -> Actor:
    return actor_of(cast.person(role, where))


def add(cast: Any, key: str = "pengyang_mill", title: str = "") -> Document:
    """A licence of an organisation, with its canary in the title."""
    party = cast.parties[key]
    who = actor(cast, Role.ENTERPRISE_FILLER, key)
    file = Incoming("执照.pdf", io.BytesIO(good.plain_pdf()))
    return upload_document(who, party, "licence", file, title or f"执照{canary(party)}")


def consent(cast: Any, **changes: Any) -> Consent:
    """The mill lets the vendor of Guyuan see its documents."""
    party = cast.parties["pengyang_mill"]
    today = timezone.localdate()
    values: dict[str, Any] = {
        "place": party.place,
        "enterprise": party,
        "vendor": cast.parties["vendor_guyuan"],
        "state": ConsentState.GRANTED,
        "sees_documents": True,
        "purpose": "改造",
        "valid_from": today,
        "valid_to": today + timedelta(days=30),
        "granted_by": cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill").user,
    }
    return Consent.objects.create(**{**values, **changes})
