"""Signed checkpoints and receipts: what is handed out so that the log cannot be rewritten unseen."""

from __future__ import annotations

import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import frontier_of, record
from shuzhuan.apps.audit.models import Chain, Checkpoint, Entry
from shuzhuan.engine.audit import tree


def _key_file() -> Path:
    return Path(settings.DATA_DIR) / "audit.key"


def signing_key() -> Ed25519PrivateKey:
    """The instance's signing key, made on first use and readable by its owner alone."""
    path = _key_file()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        raw = Ed25519PrivateKey.generate().private_bytes(
            Encoding.Raw, PrivateFormat.Raw, NoEncryption()
        )
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(raw.hex())
            file.flush()
            os.fsync(file.fileno())
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))


def public_key() -> str:
    """The public key (hex) that checkpoints are verified with."""
    return signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def statement(chain: str, size: int, root: str, at: str, algorithm: str) -> bytes:
    """The bytes that a checkpoint's signature covers."""
    return tree.canonical(
        {"algorithm": algorithm, "at": at, "chain": chain, "root": root, "size": size}
    )


@transaction.atomic
def checkpoint(chain_id: int) -> Checkpoint | None:
    """Sign the chain as it stands; the same size is signed once. None for an empty chain."""
    chain = Chain.objects.select_for_update(no_key=True).get(pk=chain_id)
    if chain.size == 0:
        return None
    existing = Checkpoint.objects.filter(chain=chain, size=chain.size).first()
    if existing is not None:
        return existing
    root = tree.fold(frontier_of(chain), chain.algorithm)
    at = timezone.now()
    signed = statement(chain.key, chain.size, root, at.isoformat(), chain.algorithm)
    return Checkpoint.objects.create(
        chain=chain,
        size=chain.size,
        root=root,
        at=at,
        key=public_key(),
        signature=signing_key().sign(signed).hex(),
    )


@transaction.atomic
def sign(actor: Actor, chain: Chain) -> Checkpoint | None:
    """Sign the chain because somebody asked for it, and say so in the log."""
    point = checkpoint(chain.pk)
    detail = {"size": 0 if point is None else point.size}
    record("audit.checkpoint", actor, chain, place_id=chain.place_id, detail=detail)
    return point


def checkpoint_json(point: Checkpoint) -> dict[str, object]:
    """The published form of a checkpoint."""
    return {
        "chain": point.chain.key,
        "algorithm": point.chain.algorithm,
        "size": point.size,
        "root": point.root,
        "at": point.at.isoformat(),
        "key": point.key,
        "signature": point.signature,
    }


def row_json(entry: Entry) -> dict[str, object]:
    """The row exactly as it was hashed."""

    return {
        "chain": entry.chain_id,
        "number": entry.number,
        "at": entry.at.isoformat(),
        "user": entry.user_id,
        "role": entry.role,
        "action": entry.action,
        "kind": entry.kind,
        "object": entry.object_id,
        "outcome": entry.outcome,
        "detail": json.loads(entry.detail),
        "previous": entry.previous,
    }


def receipt(entry: Entry) -> dict[str, object]:
    """What a person keeps: the row, its leaf, and the proof that a signed root covers it."""
    point = entry.chain.checkpoints.filter(size__gte=entry.number).order_by("size").first()
    if point is None:
        point = checkpoint(entry.chain_id)
    assert point is not None
    leaves = list(
        Entry.objects.filter(chain=entry.chain, number__lte=point.size)
        .order_by("number")
        .values_list("leaf", flat=True)
    )
    path = tree.proof(leaves, entry.number - 1, entry.chain.algorithm)
    return {
        "format": "shuzhuan.receipt/1",
        "row": row_json(entry),
        "leaf": entry.leaf,
        "proof": [list(step) for step in path],
        "checkpoint": checkpoint_json(point),
    }
