"""A secret that waits in a form until its first code has been typed."""

from __future__ import annotations

from django.core import signing

from shuzhuan.apps.accounts.models import User

SALT = "signin.bind"
SECONDS_MAX = 15 * 60


def seal_secret(secret: str, person: User) -> str:
    """Sign the secret for one person. It is on the page anyway; what counts is that it is ours."""
    return signing.dumps({"person": person.pk, "secret": secret}, salt=SALT)


def open_secret(sealed: str, person: User) -> str:
    """Give the secret back. Raises BadSignature (also SignatureExpired) when it is not to be used."""
    stored = signing.loads(sealed, salt=SALT, max_age=SECONDS_MAX)
    if stored["person"] != person.pk:
        raise signing.BadSignature("another person's secret")
    return str(stored["secret"])
