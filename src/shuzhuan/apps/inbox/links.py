"""The link that confirms a mail address: signed, for one person, once, for 24 hours."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.utils import timezone

from shuzhuan.apps.inbox.models import MailAddress

SALT = "inbox.mail"
VALID = timedelta(hours=24)


def token_of(row: MailAddress) -> str:
    """The link's token. It is made anew from the row for each attempt and stored nowhere."""
    return signing.dumps({"user": row.user_id, "nonce": row.nonce}, salt=SALT)


def waiting(token: str) -> MailAddress | None:
    """The address that a token confirms, while it works."""
    try:
        content = signing.loads(token, salt=SALT, max_age=2 * VALID)
    except signing.BadSignature:
        return None
    if not content["nonce"]:
        return None
    rows = MailAddress.objects.select_related("user").filter(user__is_active=True)
    return rows.filter(
        user_id=content["user"], nonce=content["nonce"], pending_until__gt=timezone.now()
    ).first()
