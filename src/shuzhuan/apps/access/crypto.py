"""Sensitive text at rest: encrypted column, blind index, masks.

``EncryptedField`` stores ``enc1:<key id>:<base64>``. Table, column and the values of the columns
named in ``bound_to`` are authenticated with it, so a value copied into another row or column does
not open. Name columns that are known before the row is inserted and never change::

    bank_account = EncryptedField("银行账号", blank=True, bound_to=("party_id",))

Reading a row does not decrypt: the attribute does, when it is asked for. ``values()`` and the like
give ``Sealed`` objects that show nothing. Comparing in the database is refused, except with the
empty text; equal values are found by a second column that holds ``blind_index``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute

from shuzhuan.apps.access.keyring import SealBroken, ring

PREFIX = "enc1"
HIDDEN = "（已加密）"
INDEX_CHARS = 64

__all__ = [
    "INDEX_CHARS",
    "EncryptedField",
    "SealBroken",
    "Sealed",
    "blind_index",
    "mask_account",
    "mask_id_number",
    "mask_phone",
    "opened",
]


class Sealed:
    """The stored form of one value. It shows nothing by itself."""

    __slots__ = ("_opened", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._opened: str | None = None

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def key_id(self) -> str:
        return self.text.split(":")[1] if self.text.startswith(f"{PREFIX}:") else ""

    def open(self, context: bytes) -> str:
        """The plain text. Raises SealBroken unless it was sealed in this context."""
        if self._opened is None:
            self._opened = _unseal(self.text, context)
        return self._opened


class Opened(str):
    """Plain text that still knows its row, so that ``bulk_update`` can seal it again."""

    __slots__ = ("row",)
    row: Model

    def __reduce__(self) -> tuple[Any, ...]:
        return (str, (str(self),))


def _seal(plain: str, context: bytes) -> str:
    key = ring().current
    body = base64.urlsafe_b64encode(key.encrypt(plain.encode(), context)).decode()
    return f"{PREFIX}:{key.id}:{body}"


def _unseal(text: str, context: bytes) -> str:
    parts = text.split(":")
    if len(parts) != 3 or parts[0] != PREFIX:  # noqa: PLR2004 - prefix, key id, body
        raise SealBroken("the stored value is not encrypted")
    key = ring().keys.get(parts[1])
    if key is None:
        raise SealBroken(f"the key {parts[1]} is not in the key ring")
    try:
        body = base64.urlsafe_b64decode(parts[2].encode())
    except ValueError:
        raise SealBroken("the stored value is damaged") from None
    if base64.urlsafe_b64encode(body).decode() != parts[2]:
        # The last sign holds spare bits and foreign signs are skipped: both would pass unseen.
        raise SealBroken("the stored value is damaged")
    return key.decrypt(body, context).decode()


class _Attribute(DeferredAttribute):
    """Opens the value when it is read; takes plain text when it is written."""

    field: EncryptedField

    def __get__(self, instance: Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        value = instance.__dict__[name] if name in instance.__dict__ else self._load(instance, cls)
        if isinstance(value, Sealed):
            value = value.open(self.field.context(instance))
        if isinstance(value, str) and value:
            value = Opened(value)
            value.row = instance
        return value

    def __set__(self, instance: Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value

    def _load(self, instance: Model, cls: Any) -> Any:
        super().__get__(instance, cls)
        return instance.__dict__[self.field.attname]


class _IsEmpty(models.Lookup):
    """``exact`` with the empty text, the only comparison that an encrypted column knows."""

    lookup_name = "exact"

    def get_prep_lookup(self) -> str:
        if self.rhs != "":
            raise TypeError("an encrypted column is found by its blind index, not by its text")
        return ""

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [""]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = %s", [*parameters, ""]


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database; empty text and NULL are stored as they are."""

    descriptor_class = _Attribute

    def __init__(self, *args: Any, bound_to: Sequence[str] = (), **kwargs: Any) -> None:
        self.bound_to = tuple(bound_to)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.bound_to:
            kwargs["bound_to"] = self.bound_to
        return name, path, args, kwargs

    def context(self, row: Model | Mapping[str, Any]) -> bytes:
        """What a value of this row is tied to. Raises ValueError while a binding is unknown."""
        get = row.get if isinstance(row, Mapping) else lambda name: getattr(row, name)
        bound = [get(name) for name in self.bound_to]
        if None in bound:
            raise ValueError(f"{self.name} needs {'、'.join(self.bound_to)} before it is written")
        parts = [self.model._meta.db_table, str(self.column), *map(str, bound)]
        return "\0".join(parts).encode()

    def open(self, stored: object, row: Model | Mapping[str, Any]) -> str | None:
        """The plain text of what ``values()`` gave, with the columns of ``bound_to`` beside it."""
        if isinstance(stored, Sealed):
            return stored.open(self.context(row))
        return None if stored is None else str(stored)

    def seal(self, plain: str, row: Model | Mapping[str, Any]) -> str:
        """The stored text of a value of this row."""
        return _seal(plain, self.context(row)) if plain else ""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return Sealed(value) if value else value

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, Sealed) else super().to_python(value)

    def pre_save(self, model_instance: Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value  # not asked for, so not changed: the same bytes go back
        if hasattr(value, "resolve_expression"):
            raise TypeError(f"{self.name} takes text, not an expression")
        return Sealed(self.seal(str(value), model_instance))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or value == "":
            return value
        if isinstance(value, Opened):
            return self.seal(str(value), value.row)
        if isinstance(value, Sealed):
            return value.text
        raise TypeError(f"{self.name} is encrypted: save it with its row, not by an update")

    def value_to_string(self, obj: Model) -> str:
        raise TypeError(f"{self.name} is encrypted and is not serialised")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "exact":
            return _IsEmpty
        return super().get_lookup("isnull") if lookup_name == "isnull" else None


def opened(row: Model, field: str) -> str:
    """The plain text of a field of a row; empty for none."""
    return str(getattr(row, field) or "")


def blind_index(text: str, purpose: str = "") -> str:
    """A keyed digest by which equal values are found without being read; empty for nothing.

    Blanks, hyphens and the country code of a phone do not count: people write the same number in
    several ways. ``purpose`` keeps digests of different things from being compared.
    """
    bare = re.sub(r"[\s\-‐-―()（）]", "", text)
    bare = re.sub(r"^(\+|00)86(?=1\d{10}$)", "", bare)
    if not bare:
        return ""
    message = f"{purpose}\0{bare.upper()}".encode()
    return hmac.new(ring().index_secret, message, hashlib.sha256).hexdigest()


def mask_phone(text: str) -> str:
    """138****1234; a landline keeps its last four, anything short nothing."""
    bare = re.sub(r"[\s\-]", "", text)
    if re.fullmatch(r"1\d{10}", bare):
        return f"{bare[:3]}****{bare[-4:]}"
    return _last_four(bare)


def mask_id_number(text: str) -> str:
    """6****4: first and last sign."""
    bare = text.strip()
    return f"{bare[0]}****{bare[-1]}" if len(bare) >= 8 else "****" if bare else ""  # noqa: PLR2004


def mask_account(text: str) -> str:
    """****1234: the last four."""
    return _last_four(re.sub(r"[\s\-]", "", text))


def _last_four(bare: str) -> str:
    if not bare:
        return ""
    return f"****{bare[-4:]}" if len(bare) >= 8 else "****"  # noqa: PLR2004
