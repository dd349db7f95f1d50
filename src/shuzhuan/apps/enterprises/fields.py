"""Digests by which equal phones and accounts are found without being read."""

from __future__ import annotations

from shuzhuan.apps.access.crypto import INDEX_CHARS, blind_index

DIGEST_CHARS = INDEX_CHARS


def phone_digest(text: str) -> str:
    """For ``Enterprise.contact_phone_digest``; whoever writes the phone writes this too."""
    return blind_index(text, "enterprise-phone")


def account_digest(text: str) -> str:
    """For ``Enterprise.bank_account_digest``; whoever writes the account writes this too."""
    return blind_index(text, "enterprise-account")
