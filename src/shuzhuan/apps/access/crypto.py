"""Columns that nobody can read in the database, a backup or a log: sealed with AES-GCM or SM4-GCM.

The keys are in ``keys.json`` in the data directory, which a backup of the database alone does
not hold. A sealed text names its key, so keys can change while the site runs: `rotate` seals
everything anew in small batches, and no reader notices.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models, transaction
from django.db.models.lookups import Exact, IsNull

AES, SM4 = "aes", "sm4"
_ALGORITHMS: dict[str, tuple[Callable[[bytes], Any], int]] = {
    AES: (algorithms.AES, 32),
    SM4: (algorithms.SM4, 16),
}
MARK = "sz1"
NONCE_BYTES = 12
TAG_BYTES = 16
BATCH_ROWS = 500


class Unreadable(ValueError):
    """A sealed text that was changed, moved to another column, or whose key is not here."""


@dataclass(frozen=True)
class Key:
    """One key of the ring."""

    name: str
    algorithm: str
    secret: bytes


class Ring:
    """The keys in a file; read again whenever the file has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._keys: dict[str, Key] = {}
        self._current = ""

    def current(self) -> Key:
        """The key that seals."""
        self._refresh()
        return self._keys[self._current]

    def named(self, name: str) -> Key:
        """The key of a sealed text. Raises Unreadable when it is not here."""
        if name not in self._keys:
            self._refresh()
        try:
            return self._keys[name]
        except KeyError as error:
            raise Unreadable(f"密钥 {name} 不在 {self.path} 里，请从备份恢复。") from error

    def add(self, algorithm: str) -> Key:
        """Make a key and let it seal from now on."""
        with self._writing():
            self._refresh()
            return self._add(algorithm)

    def retire(self, name: str) -> None:
        """Forget a key. What it sealed can never be read again."""
        with self._writing():
            self._refresh()
            if name == self._current:
                raise ValueError("the current key cannot be retired")
            del self._keys[name]
            self._write()

    def names(self) -> list[str]:
        """Names of all keys, the oldest first."""
        self._refresh()
        return list(self._keys)

    def _refresh(self) -> None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self._first()
            status = self.path.stat()
        mark = (status.st_mtime_ns, status.st_ino)
        if mark == self._seen:
            return
        stored = json.loads(self.path.read_text(encoding="ascii"))
        keys = {
            name: Key(name, each["algorithm"], base64.b64decode(each["secret"]))
            for name, each in stored["keys"].items()
        }
        with self._lock:
            self._keys, self._current, self._seen = keys, stored["current"], mark

    def _first(self) -> None:
        with self._writing():
            if not self.path.exists():
                self._keys = {}
                self._add(settings.FIELD_CIPHER)

    def _add(self, algorithm: str) -> Key:
        _, size = _ALGORITHMS[algorithm]
        key = Key(secrets.token_hex(4), algorithm, secrets.token_bytes(size))
        self._keys = {**self._keys, key.name: key}
        self._current = key.name
        self._write()
        return key

    def _write(self) -> None:
        keys = {
            key.name: {"algorithm": key.algorithm, "secret": base64.b64encode(key.secret).decode()}
            for key in self._keys.values()
        }
        beside = self.path.with_suffix(".new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump({"current": self._current, "keys": keys}, file)
            file.flush()
            os.fsync(file.fileno())
        # A key that seals must survive the next power cut: the name is made durable as well.
        beside.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One process at a time changes the file."""
        handle = os.open(self.path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


_rings: dict[Path, Ring] = {}


def ring() -> Ring:
    """The ring of this instance."""
    path = Path(settings.DATA_DIR) / "keys.json"
    return _rings.setdefault(path, Ring(path))


def seal(text: str, purpose: str) -> str:
    """Seal a text for one purpose (a column); sealed for one it cannot be opened for another."""
    key = ring().current()
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = Cipher(_ALGORITHMS[key.algorithm][0](key.secret), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(purpose.encode())
    body = cipher.update(text.encode()) + cipher.finalize()
    packed = base64.urlsafe_b64encode(nonce + cipher.tag + body).decode()
    return f"{MARK}:{key.name}:{packed}"


def unseal(sealed: str, purpose: str) -> str:
    """Open what `seal` made. Raises Unreadable for anything else."""
    mark, _, rest = sealed.partition(":")
    name, _, packed = rest.partition(":")
    if mark != MARK or not packed:
        raise Unreadable("内容没有加密，或者已经损坏。")
    key = ring().named(name)
    try:
        raw = base64.urlsafe_b64decode(packed)
        nonce, tag = raw[:NONCE_BYTES], raw[NONCE_BYTES : NONCE_BYTES + TAG_BYTES]
        cipher = Cipher(
            _ALGORITHMS[key.algorithm][0](key.secret), modes.GCM(nonce, tag)
        ).decryptor()
        cipher.authenticate_additional_data(purpose.encode())
        body = cipher.update(raw[NONCE_BYTES + TAG_BYTES :]) + cipher.finalize()
        return bytes(body).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable("加密的内容被改动过，或者不属于这一栏。") from error


class _EqualsNothing(Exact):
    """Equality with the empty text; any other comparison with a sealed text is a mistake."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise FieldError("加密的栏目不能按内容查找，请另存一个摘要栏。")
        return self.rhs


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Text that is sealed in the database and plain in Python. An empty text stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal(text, self._purpose()) if text else text

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Open a stored text."""
        return unseal(value, self._purpose()) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        allowed: dict[str, Any] = {"exact": _EqualsNothing, "isnull": IsNull}
        if lookup_name not in allowed:
            raise FieldError("加密的栏目不能按内容查找，请另存一个摘要栏。")
        return allowed[lookup_name]

    def _purpose(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"


def masked(text: str, *, shown: int = 4) -> str:
    """Show the last signs only: 13895412345 → ＊＊＊＊2345; a short text shows nothing."""
    return "＊＊＊＊" + (text[-shown:] if len(text) > shown + 2 else "")


def rotate(algorithm: str, *, new_key: bool = True) -> int:
    """Make a new key and seal every column with it, batch by batch; return how many values.

    The site may run meanwhile: a value that changes between reading and writing is left to
    whoever changed it, who already uses the new key.
    """
    if algorithm not in _ALGORITHMS:
        raise ImproperlyConfigured(f"不认识的算法：{algorithm}")
    if new_key:
        ring().add(algorithm)
    return sum(_seal_anew(table, pk, field) for table, pk, field in _columns())


def _columns() -> Iterator[tuple[str, str, EncryptedField]]:
    for model in apps.get_models():
        primary = model._meta.pk.column
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedField) and primary is not None:
                yield model._meta.db_table, primary, field


def _seal_anew(table: str, pk: str, field: EncryptedField) -> int:
    quote = connection.ops.quote_name
    column, key_column = quote(str(field.column)), quote(pk)
    current = f"{MARK}:{ring().current().name}:%"
    choose = (
        f"SELECT {key_column}, {column} FROM {quote(table)} WHERE {column} <> '' "  # noqa: S608
        f"AND {column} NOT LIKE %s ORDER BY {key_column} LIMIT {BATCH_ROWS}"
    )
    store = f"UPDATE {quote(table)} SET {column} = %s WHERE {key_column} = %s AND {column} = %s"  # noqa: S608
    done = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(choose, [current])
            rows = cursor.fetchall()
            for key, sealed in rows:
                fresh = seal(unseal(sealed, field._purpose()), field._purpose())
                cursor.execute(store, [fresh, key, sealed])
                done += cursor.rowcount
        if not rows:
            return done


def unused_keys() -> list[str]:
    """Names of the keys with which nothing is sealed any more, the current one left out."""
    used = {ring().current().name}
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table, _, field in _columns():
            column = quote(str(field.column))
            for name in ring().names():
                cursor.execute(
                    f"SELECT 1 FROM {quote(table)} WHERE {column} LIKE %s LIMIT 1",  # noqa: S608
                    [f"{MARK}:{name}:%"],
                )
                if cursor.fetchone():
                    used.add(name)
    return [name for name in ring().names() if name not in used]
