"""A fund of 彭阳 with money in it, and short words for its movements."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.funds import actions
from shuzhuan.apps.funds.models import Fund, FundLine, FundSource, Transfer
from tests.cast import Cast

WAN = 1_000_000  # fen
COUNTS = {"benchmark": "enterprise"}


class Desk:
    """The people who keep 彭阳's fund, and its money: amounts in fen, days today."""

    def __init__(self, cast: Cast, place: str = "pengyang", year: int | None = None) -> None:
        self.cast = cast
        self.finance: Actor = actor_of(cast.person(Role.FINANCE_OFFICER, place))
        self.officer: Actor = actor_of(cast.person(Role.COUNTY_OFFICER, place))
        self.leader: Actor = actor_of(cast.person(Role.LEADER, place))
        self.party: Party = cast.parties["pengyang_mill"]
        # The year of two months ago: in January, too, there are days before today in it.
        self.year = year or (timezone.localdate() - timedelta(days=60)).year
        self.fund: Fund = actions.open_fund(self.finance, "pengyang", self.year, COUNTS)
        self.region: FundSource = self.fund.sources.get(key="region")
        self.county: FundSource = self.fund.sources.get(key="county")
        self.rebuild: FundLine = self.fund.lines.get(key="rebuild")
        self.services: FundLine = self.fund.lines.get(key="services")

    def signed(self, dated: date | None = None, **more: Any) -> dict[str, Any]:
        """Maker, checker, day and key of a movement."""
        return {
            "maker_id": self.finance.user_id,
            "checker_id": self.officer.user_id,
            "dated": dated or timezone.localdate(),
            "key": uuid4(),
            **more,
        }

    def filled(self, appropriated: int = 1000 * WAN, allocated: int = 500 * WAN) -> Desk:
        """Money arrives, and some of it is put on the line for enterprises."""
        self.appropriate(appropriated)
        if allocated:
            self.allocate(allocated)
        return self

    def appropriate(self, fen: int, **more: Any) -> Transfer:
        more = self.signed(**{"reason": "宁财〔2026〕1号", **more})
        return actions.appropriate(
            self.finance, fund=self.fund, source=self.region, amount_fen=fen, **more
        )

    def allocate(self, fen: int, line: FundLine | None = None, **more: Any) -> Transfer:
        more = self.signed(**{"reason": "预算安排", **more})
        return actions.allocate(
            self.finance, fund=self.fund, source=self.region, line=line or self.rebuild,
            amount_fen=fen, **more,
        )  # fmt: skip

    def reserve(self, fen: int, party: Party | None = None, **more: Any) -> Transfer:
        more = self.signed(**{"subject": "PY-2026-001", "subject_id": 1, **more})
        line = more.pop("line", self.rebuild)
        return actions.reserve(
            self.officer, fund=self.fund, line=line, party=party or self.party, amount_fen=fen,
            **more,
        )  # fmt: skip

    def pay(self, pending: Transfer, fen: int, **more: Any) -> Transfer:
        more = self.signed(**{"reason": "国库支付", **more})
        return actions.pay(self.finance, pending=pending, amount_fen=fen, **more)

    def release(self, pending: Transfer, **more: Any) -> Transfer:
        more = self.signed(**{"reason": "异议成立", **more})
        return actions.release(self.officer, pending=pending, **more)

    def claw_back(self, payment: Transfer, fen: int, **more: Any) -> Transfer:
        more = self.signed(**{"reason": "虚报投资", **more})
        return actions.claw_back(self.finance, payment=payment, amount_fen=fen, **more)
