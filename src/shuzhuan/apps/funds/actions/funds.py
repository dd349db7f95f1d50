"""Opening a fund from its document, closing days, and closing the fund."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.http import Http404
from django.utils import timezone

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.funds.actions.refusals import MoneyRefused
from shuzhuan.apps.funds.models import (
    Account,
    AccountKind,
    Counts,
    Fund,
    FundLine,
    FundSource,
    Period,
)
from shuzhuan.apps.funds.models.fund import NAME_CHARS_MAX, YEAR_MAX, YEAR_MIN
from shuzhuan.apps.funds.queries.packs import pack_with_budget, settled
from shuzhuan.engine.money import format_cn
from shuzhuan.engine.policy.pack import Pack


@transaction.atomic
def open_fund(
    actor: Actor, pack_id: str, year: int, counts: Mapping[str, str] | None = None, name: str = ""
) -> Fund:
    """Open the special account of a document and year with its sources, lines and ratios: 设立.

    ``counts``: by line id, on which side of the ratio a line counts where the document does not
    say so (``queries.packs.settled``). Raises ValidationError.
    """
    place_id = actor.region_id
    if actor.role != Role.FINANCE_OFFICER or place_id is None or actor.user_id is None:
        raise PermissionDenied
    pack = pack_with_budget(place_id, pack_id)
    if pack is None:
        raise ValidationError("这份文件没有写明资金来源和预算方向，不能据此设立专项资金。")
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise ValidationError("年度请写四位数，如 2026。")
    name = " ".join(name.split()) or f"{year}年{pack.name}专项资金"
    if len(name) > NAME_CHARS_MAX:
        raise ValidationError(f"名称最多 {NAME_CHARS_MAX} 个字。")
    decided = _decided(pack, counts or {})
    try:
        with transaction.atomic():
            fund = Fund.objects.create(
                place_id=place_id, pack=pack.id, policy_version=pack.version, year=year, name=name,
                opened_by_id=actor.user_id, **_ratios(pack),
            )  # fmt: skip
    except IntegrityError:
        raise ValidationError("这份文件这一年度的专项资金已经设立，不用再设。") from None
    _furnish(fund, pack, decided)
    record(
        "funds.open", actor, fund,
        detail={"pack": pack.id, "version": pack.version, "year": year, "counts": decided},
    )  # fmt: skip
    return fund


def _decided(pack: Pack, counts: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line, side in settled(pack).items():
        chosen = side or counts.get(line)
        if chosen not in Counts.values:
            raise ValidationError("有预算方向还没有选定计入哪一边，请逐项选择。")
        found[line] = str(chosen)
    return found


def _ratios(pack: Pack) -> dict[str, Any]:
    """The parts that the document sets, as whole numbers."""
    found: dict[str, Any] = {}
    cites = []
    for rule in pack.source.budget.rules if pack.source.budget else ():
        side = "enterprise" if rule.bound == "at_least" else "support"
        ratio = Fraction(rule.ratio)
        found[f"{side}_num"], found[f"{side}_den"] = ratio.numerator, ratio.denominator
        cites.append(rule.cite)
    if cites:
        found["ratio_cite"] = max(cites, key=len) if len(set(cites)) > 1 else cites[0]
    return found


def _furnish(fund: Fund, pack: Pack, decided: Mapping[str, str]) -> None:
    budget = pack.source.budget
    if budget is None:
        return
    own = {"place_id": fund.place_id, "fund": fund}
    sources = FundSource.objects.bulk_create(
        FundSource(
            **own, key=s.id, name=s.name, cite=s.cite, planned_fen=s.amount, position=position
        )
        for position, s in enumerate(budget.sources, 1)
    )
    lines = FundLine.objects.bulk_create(
        FundLine(
            **own, key=x.id, group=x.group, name=x.name, cite=x.cite, counts=decided[x.id],
            planned_fen=x.total, position=position,
        )
        for position, x in enumerate(budget.lines, 1)
    )  # fmt: skip
    kinds = (AccountKind.SOURCE, AccountKind.RECEIVED)
    accounts = [Account(**own, kind=kind, source=s) for s in sources for kind in kinds]
    accounts += [Account(**own, kind=AccountKind.POOL, line=line) for line in lines]
    Account.objects.bulk_create(accounts)


@transaction.atomic
def close_period(actor: Actor, *, fund: Fund, until: date) -> Period:
    """Close every day up to ``until``: 结账. Nothing dated inside is posted any more."""
    fund, closed_by = _held(actor, fund)
    if until >= timezone.localdate():
        raise ValidationError("只能结已经过完的日子，最晚到昨天。")
    last = Period.objects.filter(fund=fund).order_by("-ends").first()
    starts = date(fund.year, 1, 1) if last is None else last.ends + timedelta(days=1)
    if until < starts:
        raise ValidationError(
            f"{until:%Y-%m-%d} 已经结账。" if last else f"这笔资金从 {starts:%Y-%m-%d} 开始。"
        )
    period = Period.objects.create(
        place_id=fund.place_id, fund=fund, starts=starts, ends=until, closed_by_id=closed_by
    )
    record("funds.close_period", actor, period, detail={"fund": fund.pk, "days": str(period)})
    return period


@transaction.atomic
def close_fund(actor: Actor, *, fund: Fund) -> Fund:
    """Take no new money and no new reservations: 结清. Claw-backs still come back to the fund."""
    fund, _ = _held(actor, fund)
    if fund.closed_on is not None:
        return fund
    held = Account.objects.filter(fund=fund, kind=AccountKind.POOL).aggregate(
        all=Sum("debits_pending")
    )["all"]
    if held:
        raise MoneyRefused("closed", f"还有 {format_cn(held)} 锁定未办，不能结清。")
    fund.closed_on = timezone.localdate()
    fund.save(update_fields=["closed_on"])
    record("funds.close", actor, fund, detail={"closed_on": fund.closed_on.isoformat()})
    return fund


def _held(actor: Actor, fund: Fund) -> tuple[Fund, int]:
    """The fund's row, locked so that its postings wait, and the id of who asks."""
    if actor.role != Role.FINANCE_OFFICER or actor.region_id != fund.place_id:
        raise PermissionDenied
    if actor.user_id is None:
        raise PermissionDenied
    held = visible(actor, Fund).select_for_update(no_key=True).filter(pk=fund.pk).first()
    if held is None:
        raise Http404
    return held, actor.user_id
