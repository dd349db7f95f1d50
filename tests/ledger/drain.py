"""Many at once: reservations from several processes that empty a budget, and twins of one key."""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import Error, connections

from shuzhuan.apps.funds.actions import MoneyRefused
from shuzhuan.apps.funds.models import IdempotentRequest, Transfer
from shuzhuan.apps.funds.queries.balances import balances
from shuzhuan.apps.funds.queries.verify import verify
from tests.apps.funds.kit import Desk
from tests.ledger.driver import Caught

COST_FEN = 700
FORK = multiprocessing.get_context("fork")
OTHERS_SHARE = 7  # one in so many of the payments is resolved or clawed back in between


def _worker(desk: Desk, number: int, requests: int, mixed: bool, answers: Any) -> None:
    """One process: its requests one after the other, as the room of the projects makes them.

    That room writes the row of the log for the action that reserves; the ledger writes none.
    """
    connections.close_all()
    came: Counter[str] = Counter()
    parties = sorted(desk.cast.parties.values(), key=lambda party: party.pk)
    for at in range(requests):
        party = parties[(at + number) % len(parties)]
        try:
            pending = desk.reserve(COST_FEN, party=party, audited=False)
            came["granted"] += 1
            if mixed and at % OTHERS_SHARE == 0:
                desk.claw_back(desk.pay(pending, COST_FEN), COST_FEN // 2)
                came["mixed"] += 1
        except MoneyRefused as refused:
            came[refused.refusal_code] += 1
        except (ValidationError, Error, KeyError) as error:
            came["error"] += 1
            came[f"error {type(error).__name__}: {str(error).splitlines()[0][:80]}"] += 1
    connections.close_all()
    answers.put(came)


def drain(desk: Desk, requests: int, processes: int, *, mixed: bool = False) -> Counter[str]:
    """Ask ``requests`` times for ``COST_FEN``; about seven in ten can be granted. Raises Caught.

    All cost the same, so the reference is exact whatever the order: the budget divided by it.
    """
    budget = requests * 7 // 10 * COST_FEN + 300
    desk.filled(budget + 1, budget)
    each = [requests // processes + (at < requests % processes) for at in range(processes)]
    came = _together(desk, each, mixed)
    granted = came["granted"] * COST_FEN
    if not mixed and granted > budget:
        raise Caught("limit", f"预算 {budget} 分，批出 {granted} 分")
    line = balances(desk.fund).lines[0]
    if line.reserved_fen + line.paid_fen != granted:
        raise Caught("balance", f"批出 {granted} 分，账上有 {line.reserved_fen + line.paid_fen} 分")
    found = verify()
    if found:
        raise Caught(found[0].code, found[0].text)
    if came["error"]:
        raise Caught("crash", f"有 {came['error']} 个请求出错：{_first_error(came)}")
    if not mixed and came["granted"] != budget // COST_FEN:
        raise Caught("limit", f"应当批出 {budget // COST_FEN} 个，批出 {came['granted']} 个")
    if Transfer.objects.filter(fund=desk.fund, purpose="reserve").count() != came["granted"]:
        raise Caught("one_answer", "批出的个数与记账的笔数不同")
    return came


def _together(desk: Desk, each: list[int], mixed: bool) -> Counter[str]:
    connections.close_all()
    answers = FORK.SimpleQueue()
    workers = [
        FORK.Process(target=_worker, args=(desk, number, requests, mixed, answers))
        for number, requests in enumerate(each)
    ]
    for worker in workers:
        worker.start()
    came: Counter[str] = Counter()
    for _ in workers:
        came += answers.get()
    for worker in workers:
        worker.join()
    return came


def _first_error(came: Counter[str]) -> str:
    return next((name for name in came if name.startswith("error ")), "")


def twins(desk: Desk, many: int) -> None:
    """``many`` threads send one request at the same moment: one transfer, one answer. Raises Caught."""
    key, start = uuid4(), threading.Barrier(many)
    signed = desk.signed(key=key)
    answers: list[str] = []

    def send() -> None:
        try:
            start.wait()
            answers.append(str(desk.reserve(COST_FEN, **signed).pk))
        except (ValidationError, Error) as error:
            answers.append(f"{type(error).__name__}: {error}"[:120])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(set(answers)) != 1 or not answers[0].isdigit():
        raise Caught("one_answer", f"{many} 个同样的请求得到 {Counter(answers).most_common(3)}")
    _once(key)


def _once(key: UUID) -> None:
    if (
        Transfer.objects.filter(key=key).count() != 1
        or IdempotentRequest.objects.filter(key=key).count() != 1
    ):
        raise Caught("one_answer", "同一编号不是恰好一笔")
