"""Where my mail goes, and the link that confirms it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import opened
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.audit.models import Outcome
from shuzhuan.apps.inbox.actions.address import OFF, SPENT, confirm, remove_address, set_address
from shuzhuan.apps.inbox.forms import MailForm
from shuzhuan.apps.inbox.links import waiting
from shuzhuan.apps.inbox.models import MailAddress, MailWish

UNPROCESSABLE = 422
GONE = 410


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """My mail address and which messages I want there: 邮件提醒."""
    actor = actor_of_request(request)
    row = visible(actor, MailAddress).first()
    if request.method == "POST" and "remove" in request.POST:
        remove_address(actor)
        notes.success(request, "邮件地址已删除，消息只在站内显示。")
        return redirect("inbox:mail")
    shown = (opened(row, "pending") or opened(row, "address")) if row is not None else ""
    initial = {"address": shown, "wish": row.wish if row is not None else MailWish.ALL}
    form = MailForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            sent = set_address(actor, form.cleaned_data["address"], form.cleaned_data["wish"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            text = "确认邮件正在发出，请在 24 小时内打开里面的链接。" if sent else "已保存。"
            notes.success(request, text)
            return redirect("inbox:mail")
    context = {
        "form": form,
        "row": row,
        "address": opened(row, "address") if row is not None and row.confirmed_at else "",
        "pending": _pending(row),
        "off": OFF if settings.MAIL is None else "",
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "inbox/mail.html", context, status=status)


def _pending(row: MailAddress | None) -> str:
    """The address that waits to be confirmed, while its link works."""
    if row is None or row.pending_until is None or row.pending_until <= timezone.now():
        return ""
    return opened(row, "pending")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, token: str) -> HttpResponse:
    """Open the link of the mail; the button confirms, since programs open links, too."""
    if request.method != "POST":
        row = waiting(token)
        if row is None:
            return render(request, "inbox/link_spent.html", {"message": SPENT}, status=GONE)
        context = {"address": opened(row, "pending"), "person": row.user}
        return render(request, "inbox/confirm.html", context)
    try:
        row = confirm(token)
    except ValidationError as error:
        with transaction.atomic():
            actor = actor_of_request(request)
            record("inbox.confirm_address", Actor(user_id=actor.user_id), outcome=Outcome.REFUSED)
        context = {"message": error.messages[0]}
        return render(request, "inbox/link_spent.html", context, status=GONE)
    return render(request, "inbox/confirmed.html", {"wish": row.get_wish_display()})
