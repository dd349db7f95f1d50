"""Columns whose content nobody reads in the database: phone, bank account, what people type."""

from shuzhuan.apps.access.crypto import INDEX_CHARS as DIGEST_CHARS
from shuzhuan.apps.access.crypto import EncryptedField
from shuzhuan.apps.access.crypto import blind_index as digest

__all__ = ["DIGEST_CHARS", "EncryptedField", "digest"]
