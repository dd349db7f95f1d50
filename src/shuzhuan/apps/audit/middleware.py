"""Every request that could change something leaves at least one audit row, refusals too."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from shuzhuan.apps.access.actor import PUBLIC, Actor
from shuzhuan.apps.access.table import READ
from shuzhuan.apps.audit.actions import record, written
from shuzhuan.apps.audit.models import Outcome

FIRST_REFUSAL = 400  # HTTP status


class AuditMiddleware:
    """Writes the row that no action wrote: the request was refused, or its form had mistakes.

    What an action did is recorded by the action itself, inside its own transaction. If the row
    of a refusal cannot be written, the request fails: nothing goes unrecorded.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in (*READ, "OPTIONS"):
            return self.get_response(request)
        token = written.set(0)
        try:
            response = self.get_response(request)
            if written.get() == 0:
                self._note(request, response)
        finally:
            written.reset(token)
        return response

    @staticmethod
    def _note(request: HttpRequest, response: HttpResponse) -> None:
        actor: Actor = getattr(request, "actor", PUBLIC)
        match = request.resolver_match
        refused = response.status_code >= FIRST_REFUSAL
        with transaction.atomic():
            record(
                f"request:{match.view_name if match is not None else 'unknown'}",
                actor,
                place_id=actor.region_id,
                outcome=Outcome.REFUSED if refused else Outcome.FAILED,
                detail={
                    "method": request.method or "",
                    "path": request.path[:200],
                    "status": response.status_code,
                },
            )
