"""The inbox: the list, one message, and the way to what it is about."""

from __future__ import annotations

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import get_visible
from shuzhuan.apps.inbox import queries
from shuzhuan.apps.inbox.actions.read import open_message, read_all
from shuzhuan.apps.inbox.models import Message


@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """My messages: 消息."""
    actor = actor_of_request(request)
    found = queries.listing(actor, request.GET.get("show", ""), request.GET.get("page"))
    counts = {"unread": found.unread, "todo": found.todo}
    shows = [(value, label, counts.get(value)) for value, label in queries.SHOWS]
    return render(request, "inbox/list.html", {"found": found, "page": found.page, "shows": shows})


@never_cache
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One message, where the link of a mail leads; reading it is said with the button."""
    message = get_visible(actor_of_request(request), Message, pk=pk)
    return render(request, "inbox/message.html", {"message": message})


@require_POST
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as read and go to what it is about, in the role that it is meant for."""
    actor = actor_of_request(request)
    message = open_message(actor, pk)
    meant = message.membership
    if meant is not None and meant.pk != actor.membership_id and meant.is_active:
        notes.info(request, f"这条消息是给您的“{meant.get_role_display()}”身份的，请先换身份。")
        query = urlencode({"next": message.url})
        return redirect(f"{reverse('signin:choose')}?{query}")
    return redirect(message.url)


@require_POST
def read_everything(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    count = read_all(actor_of_request(request))
    notes.success(request, f"{count} 条消息已标为已读。" if count else "没有未读的消息。")
    return redirect("inbox:list")
