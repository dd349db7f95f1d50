"""The outbox as the system administrator sees it: numbers and reasons, no addresses, no texts."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.inbox import queries
from shuzhuan.apps.inbox.actions.retry import retry


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """How the outbox stands; a button tries again what failed: 邮件."""
    actor = actor_of_request(request)
    if request.method == "POST":
        count = retry(actor)
        notes.success(request, f"{count} 封邮件会马上再发一次。" if count else "没有失败的邮件。")
        return redirect("inbox:outbox")
    mail = settings.MAIL
    context = {
        "state": queries.outbox(actor),
        "is_on": mail is not None,
        "way": "" if mail is None else mail["host"] or "写成文件（试用）",
    }
    return render(request, "inbox/outbox.html", context)
