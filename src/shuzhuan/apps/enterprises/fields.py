"""Columns whose content nobody reads in the database: phone, bank account, what people type."""

from __future__ import annotations

import hashlib
import hmac
import re

from django.conf import settings
from django.db import models

DIGEST_CHARS = 64


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Text that is to be encrypted at rest; the crypto of the access app takes its place."""


def digest(text: str) -> str:
    """A keyed digest by which equal values are found without storing them; empty for nothing.

    Blanks and hyphens do not count: people write the same number in several ways.
    """
    bare = re.sub(r"[\s\-]", "", text)
    if not bare:
        return ""
    return hmac.new(settings.SECRET_KEY.encode(), bare.encode(), hashlib.sha256).hexdigest()
