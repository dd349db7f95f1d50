"""The keys that sensitive values are encrypted with: one file in the data directory, mode 600.

The file holds every key that a stored value may still need, the one that new values take
(``current``), and one key for blind indexes. It is read again whenever it has changed, so that
a key added by `shuzhuan rotate-keys` is used by every running process at once.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

AES, SM4 = "aes", "sm4"  # AES-256-GCM, SM4-GCM
KEY_BYTES = {AES: 32, SM4: 16}
INDEX_KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
ID_BYTES = 4
FILE_NAME = "keyring.json"
OTHERS = 0o077  # permission bits of everybody but the owner


class SealBroken(ValueError):
    """A stored value was changed, moved to another row, or its key is gone."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key. ``retired_at``: since when no new value takes it."""

    id: str
    algorithm: str
    secret: bytes
    made_at: str
    retired_at: str = ""

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        """Nonce, cipher text and tag."""
        nonce = os.urandom(NONCE_BYTES)
        if self.algorithm == AES:
            return nonce + AESGCM(self.secret).encrypt(nonce, plain, context)
        engine = Cipher(algorithms.SM4(self.secret), modes.GCM(nonce)).encryptor()
        engine.authenticate_additional_data(context)
        return nonce + engine.update(plain) + engine.finalize() + engine.tag

    def decrypt(self, sealed: bytes, context: bytes) -> bytes:
        """The plain bytes. Raises SealBroken unless every bit and the context are as sealed."""
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        if len(nonce) < NONCE_BYTES or len(body) < TAG_BYTES:
            raise SealBroken("the sealed value is too short")
        try:
            if self.algorithm == AES:
                return AESGCM(self.secret).decrypt(nonce, body, context)
            mode = modes.GCM(nonce, body[-TAG_BYTES:])
            engine = Cipher(algorithms.SM4(self.secret), mode).decryptor()
            engine.authenticate_additional_data(context)
            return engine.update(body[:-TAG_BYTES]) + engine.finalize()
        except InvalidTag:
            raise SealBroken("the sealed value is not as it was written here") from None


@dataclass(frozen=True, slots=True)
class Ring:
    """All keys by id, the one for new values, and the one for blind indexes."""

    keys: dict[str, Key]
    current_id: str
    index_secret: bytes

    @property
    def current(self) -> Key:
        return self.keys[self.current_id]


_cached: dict[Path, tuple[tuple[int, int, int], Ring]] = {}


def path() -> Path:
    """Where the key ring of this instance is."""
    return Path(settings.DATA_DIR) / FILE_NAME


_held: ContextVar[Ring | None] = ContextVar("keyring_held", default=None)


@contextmanager
def held() -> Iterator[None]:
    """Look at the file once for many values: a list of thousands is sealed under one ring."""
    token = _held.set(ring())
    try:
        yield
    finally:
        _held.reset(token)


def ring() -> Ring:
    """The key ring as the file has it now; made on first use."""
    pinned = _held.get()
    if pinned is not None:
        return pinned
    place = path()
    try:
        status = place.stat()
    except FileNotFoundError:
        _publish_first(place)
        status = place.stat()
    if os.name == "posix" and status.st_mode & OTHERS:
        raise ImproperlyConfigured(f"密钥环 {place} 只能由属主读写，请运行：chmod 600 {place}")
    stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
    known = _cached.get(place)
    if known is None or known[0] != stamp:
        known = (stamp, _parse(place.read_bytes(), place))
        _cached[place] = known
    return known[1]


def add_key(algorithm: str = "") -> Ring:
    """Put a new key into the ring and make it the current one; the others are kept."""
    ring()
    with _writing(path()):
        old, now = ring(), _now()
        key = _new_key(algorithm or wanted_algorithm(), taken=set(old.keys))
        kept = {
            each.id: each if each.retired_at else replace(each, retired_at=now)
            for each in old.keys.values()
        }
        _replace(path(), Ring({**kept, key.id: key}, key.id, old.index_secret))
    return ring()


def forget(ids: set[str]) -> Ring:
    """Remove keys for good. Raises ValueError for the current one."""
    with _writing(path()):
        old = ring()
        if old.current_id in ids:
            raise ValueError("the current key cannot be forgotten")
        kept = {name: key for name, key in old.keys.items() if name not in ids}
        _replace(path(), Ring(kept, old.current_id, old.index_secret))
    return ring()


def wanted_algorithm() -> str:
    """The algorithm of new keys: SHUZHUAN_CIPHER, AES by default."""
    return str(settings.FIELD_CIPHER)


def _new_key(algorithm: str, taken: set[str]) -> Key:
    name = secrets.token_hex(ID_BYTES)
    while name in taken:
        name = secrets.token_hex(ID_BYTES)
    return Key(name, algorithm, secrets.token_bytes(KEY_BYTES[algorithm]), _now())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _publish_first(place: Path) -> None:
    """Write the first ring; of two processes that start together one wins, whole."""
    key = _new_key(wanted_algorithm(), taken=set())
    first = Ring({key.id: key}, key.id, secrets.token_bytes(INDEX_KEY_BYTES))
    draft = place.with_name(f"{FILE_NAME}.{secrets.token_hex(ID_BYTES)}")
    _write(draft, first)
    try:
        os.link(draft, place)  # fails where there is one already
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_folder(place.parent)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """One process at a time changes the file."""
    handle = os.open(place.with_name(f"{FILE_NAME}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(place: Path, fresh: Ring) -> None:
    """Swap the file: a key that seals must survive the next power cut."""
    draft = place.with_name(f"{FILE_NAME}.{secrets.token_hex(ID_BYTES)}")
    _write(draft, fresh)
    draft.replace(place)
    _sync_folder(place.parent)


def _write(place: Path, fresh: Ring) -> None:
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(_text(fresh).encode())
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _text(fresh: Ring) -> str:
    keys = [
        {
            "id": key.id,
            "algorithm": key.algorithm,
            "secret": base64.b64encode(key.secret).decode(),
            "made_at": key.made_at,
            "retired_at": key.retired_at,
        }
        for key in fresh.keys.values()
    ]
    index = base64.b64encode(fresh.index_secret).decode()
    whole = {"version": 1, "current": fresh.current_id, "index": index, "keys": keys}
    return json.dumps(whole, indent=1)


def _parse(content: bytes, place: Path) -> Ring:
    try:
        whole = json.loads(content)
        keys = {
            row["id"]: Key(
                row["id"],
                row["algorithm"],
                base64.b64decode(row["secret"], validate=True),
                row["made_at"],
                row["retired_at"],
            )
            for row in whole["keys"]
        }
        found = Ring(keys, whole["current"], base64.b64decode(whole["index"], validate=True))
        sound = all(len(key.secret) == KEY_BYTES[key.algorithm] for key in keys.values())
    except (ValueError, KeyError, TypeError):
        sound = False
    if not sound or found.current_id not in keys or len(found.index_secret) != INDEX_KEY_BYTES:
        raise ImproperlyConfigured(f"密钥环 {place} 不完整，请从备份恢复。")
    return found
