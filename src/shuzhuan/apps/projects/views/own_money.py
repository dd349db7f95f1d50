"""The enterprise's own money: 补助资金."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.enterprises.queries.archive import own_enterprise
from shuzhuan.apps.enterprises.queries.next_steps import section_url
from shuzhuan.apps.projects.queries.own_money import own_money


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What each project brings, where the money is, who has it, and what was booked."""
    actor = actor_of_request(request)
    enterprise = own_enterprise(actor)
    purse = own_money(actor, enterprise.party, timezone.localdate())
    account_missing = purse.expecting and not enterprise.bank_account_digest
    context = {
        "here": "money",
        "enterprise": enterprise,
        "purse": purse,
        # Without it the treasury cannot pay.
        "account_url": section_url("contact") if account_missing else "",
    }
    return render(request, "projects/own_money.html", context)
