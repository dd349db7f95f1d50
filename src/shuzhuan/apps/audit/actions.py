"""Writing the audit log. ``record`` belongs into the transaction of what it records."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from shuzhuan.apps.access import prepared
from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.models import Chain, Entry, Outcome
from shuzhuan.engine.audit import tree

PLATFORM = "platform"  # key of the chain for what belongs to no place

_GROWN = "UPDATE audit_chain SET size = %s, head = %s, frontier = %s WHERE id = %s"

# How many rows the running request has written; the middleware writes one when it is none.
written: ContextVar[int] = ContextVar("audit_written", default=0)


def record(
    action: str,
    actor: Actor,
    target: Model | None = None,
    *,
    place_id: int | None = None,
    outcome: str = Outcome.DONE,
    detail: Mapping[str, object] | None = None,
) -> Entry:
    """Append one row to the chain of the place. Raises unless inside a transaction.

    What is returned was written but has no ``pk``; its chain and number name it.

    ``place_id`` is taken from the target where it has one. ``detail`` holds what a reader needs
    to understand the change, never sensitive values; no floats.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("审计记录必须与它记录的改动在同一个事务里")
    if place_id is None and target is not None:
        place_id = getattr(target, "place_id", None)
    chain = _locked(place_id)
    now = timezone.now()
    role = str(actor.role or "")
    kind = "" if target is None else target._meta.label_lower
    object_id = "" if target is None else str(target.pk)
    row = {
        "chain": chain.pk,
        "number": chain.size + 1,
        "at": now.isoformat(),
        "user": actor.user_id,
        "role": role,
        "action": action,
        "kind": kind,
        "object": object_id,
        "outcome": str(outcome),
        "detail": dict(detail or {}),
        "previous": chain.head,
    }
    leaf = tree.leaf(row, chain.algorithm)
    entry = Entry(
        chain=chain,
        number=chain.size + 1,
        at=now,
        user_id=actor.user_id,
        role=role,
        action=action,
        kind=kind,
        object_id=object_id,
        outcome=outcome,
        detail=tree.canonical(dict(detail or {})).decode(),
        previous=chain.head,
        leaf=leaf,
    )
    frontier = tree.push(frontier_of(chain), leaf, chain.algorithm)
    prepared.ask(_GROWN, [chain.size + 1, leaf, ",".join(frontier), chain.pk])
    prepared.add([entry])
    written.set(written.get() + 1)
    return entry


def frontier_of(chain: Chain) -> list[str]:
    """The stored frontier of the chain's tree."""
    return chain.frontier.split(",") if chain.size else []


def _locked(place_id: int | None) -> Chain:
    """The chain's head, locked until the transaction ends (SQLite has one writer anyway)."""
    key = PLATFORM if place_id is None else str(place_id)
    sql = (
        f"SELECT {prepared.columns(Chain, 'c')} FROM audit_chain c "  # noqa: S608 - own names
        f"WHERE c.key = %s{prepared.locked()}"
    )
    found = prepared.ask(sql, [key]).fetchone()
    if found is None:  # the first row of a place; somebody else may be writing it too
        prepared.add([Chain(key=key, head=tree.EMPTY, place_id=place_id)], once=True)
        found = prepared.ask(sql, [key]).fetchone()
    return prepared.row_of(Chain, found)
