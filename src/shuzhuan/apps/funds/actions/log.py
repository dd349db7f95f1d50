"""What the audit log keeps of the ledger's requests."""

from __future__ import annotations

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.funds.actions.refusals import Log, MoneyRefused, Request
from shuzhuan.apps.funds.models import Fund, Transfer


def told(transfer: Transfer) -> dict[str, object]:
    """What an audit row keeps of a transfer; for callers that write their own row."""
    return {
        "number": transfer.number,
        "fund": transfer.fund_id,
        "amount_fen": transfer.amount_fen,
        "dated": transfer.dated.isoformat(),
        "maker": transfer.maker_id,
        "checker": transfer.checker_id,
        "party": transfer.party_id,
        "subject": transfer.subject,
        "reason": transfer.reason,
    }


def logged(actor: Actor, fund: Fund) -> Log:
    """Writes one row for what came of a request: the transfer, or the refusal."""

    def log(request: Request, came: Transfer | MoneyRefused) -> None:
        if isinstance(came, MoneyRefused):
            detail: dict[str, object] = {
                "key": str(request.key),
                "code": came.refusal_code,
                "reason": came.messages[0],
            }
            record(f"funds.{request.action}", actor, fund, outcome=Outcome.REFUSED, detail=detail)
        else:
            record(f"funds.{request.action}", actor, came, detail=told(came))

    return log
