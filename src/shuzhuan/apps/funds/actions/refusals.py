"""Refusals of the ledger, and how an answer is kept so that a key never gets a second one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shuzhuan.apps.funds.models import Fund, IdempotentRequest, Transfer
from shuzhuan.apps.funds.models.ledger import REFUSAL_CHARS_MAX
from shuzhuan.engine.audit.tree import canonical

OTHER_BODY = "这个请求已经用另外的内容提交过。请刷新页面，核对以后重新填写。"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: its key, and the hash of everything else."""

    key: UUID
    action: str
    body_hash: str
    place_id: int


class MoneyRefused(ValidationError):
    """The ledger refuses; ``code`` says why for programs, the message for people.

    Codes: short, people, period, day, resolved, too_much, closed, ratio, key, reversed.
    """

    def __init__(self, code: str, message: str, request: Request | None = None) -> None:
        super().__init__(message, code=code)
        self.refusal_code = code
        self.request = request

    def __reduce__(self) -> tuple[type[MoneyRefused], tuple[str, str, Request | None]]:
        return MoneyRefused, (self.refusal_code, self.messages[0], self.request)

    def remember(self) -> None:
        """Keep this answer for its key, unless the key has one already. For ``keeping_refusals``."""
        if self.request is None:
            return
        try:
            with transaction.atomic():
                _store(self.request, self)
        except IntegrityError:
            pass  # answered already, by this refusal or by a twin of the request


Log = Callable[[Request, "Transfer | MoneyRefused"], None]


@contextmanager
def keeping_refusals() -> Iterator[None]:
    """Keep a refusal although the caller's transaction is rolled back: 拒绝也要记住.

    Goes round the outermost ``atomic`` of an action that calls the ledger::

        with keeping_refusals(), transaction.atomic(): ...
    """
    try:
        yield
    except MoneyRefused as refused:
        refused.remember()
        raise


def request_of(key: str | UUID, action: str, fund: Fund, body: Mapping[str, object]) -> Request:
    """The request with the hash of its body. Raises ValidationError for a key that is no UUID."""
    try:
        number = key if isinstance(key, UUID) else UUID(str(key))
    except ValueError:
        raise ValidationError("请求编号不对，请刷新页面后重新提交。") from None
    told = {"action": action, "fund": fund.pk, **body}
    digest = hashlib.sha256(canonical(told)).hexdigest()
    return Request(number, action, digest, fund.place_id)


def answered(request: Request) -> Transfer | None:
    """The transfer that this request made before. Raises the refusal that it got before."""
    row = IdempotentRequest.objects.filter(key=request.key).select_related("transfer").first()
    if row is None:
        return None
    if row.body_hash != request.body_hash:
        raise MoneyRefused("key", OTHER_BODY)
    if row.transfer is None:
        raise MoneyRefused(row.refusal_code, row.refusal)
    return row.transfer


def once(request: Request, post: Callable[[], Transfer], log: Log | None) -> Transfer:
    """Do ``post`` unless the request has an answer, and write it to the log.

    Answer, transfer and audit row are stored in one transaction; a refusal too, in place of the
    transfer. Of two that run at once one stores its answer, and the other gives that one.
    """
    before = answered(request)
    if before is not None:
        return before
    try:
        came = _tried(request, post, log)
    except IntegrityError:
        twin = answered(request)
        if twin is None:
            raise
        return twin
    if isinstance(came, MoneyRefused):
        raise came
    return came


@transaction.atomic
def _tried(
    request: Request, post: Callable[[], Transfer], log: Log | None
) -> Transfer | MoneyRefused:
    came: Transfer | MoneyRefused
    try:
        with transaction.atomic():
            came = post()
    except MoneyRefused as refused:
        refused.request = request
        came = refused
    _store(request, came)
    if log is not None:
        log(request, came)
    return came


def _store(request: Request, came: Transfer | MoneyRefused) -> None:
    refused = came if isinstance(came, MoneyRefused) else None
    IdempotentRequest.objects.create(
        place_id=request.place_id,
        key=request.key,
        action=request.action,
        body_hash=request.body_hash,
        transfer=None if isinstance(came, MoneyRefused) else came,
        refusal_code=refused.refusal_code if refused else "",
        refusal=refused.messages[0][:REFUSAL_CHARS_MAX] if refused else "",
    )
