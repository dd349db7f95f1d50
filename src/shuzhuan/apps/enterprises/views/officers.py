"""What the officer writes into an archive: the survey and the pilot list."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.enterprises.actions.pilot import enter_pilot, leave_pilot, set_survey
from shuzhuan.apps.enterprises.forms.officers import PilotForm, SurveyForm
from shuzhuan.apps.enterprises.models import PilotState
from shuzhuan.apps.enterprises.queries.places import packs_at
from shuzhuan.apps.enterprises.scopes import enterprise_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down willingness and readiness: 摸底."""
    actor = actor_of_request(request)
    enterprise = enterprise_or_404(actor, pk)
    initial = {
        "willingness": enterprise.willingness,
        "readiness": enterprise.readiness,
        "note": enterprise.survey_note,
    }
    form = SurveyForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        set_survey(actor, enterprise, cleaned["willingness"], cleaned["readiness"], cleaned["note"])
        messages.success(request, "摸底情况已保存。")
        return redirect("enterprises:profile", pk)
    context = {"enterprise": enterprise, "form": form, "title": "摸底"}
    return render(request, "enterprises/officer_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pilot(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the enterprise on the pilot list, or take it off."""
    actor = actor_of_request(request)
    enterprise = enterprise_or_404(actor, pk)
    leaving = enterprise.pilot_state == PilotState.IN
    packs = (
        []
        if leaving
        else [(p.id, p.source.pack.document.title) for p in packs_at(enterprise.place)]
    )
    form = PilotForm(
        request.POST if request.method == "POST" else None,
        packs=packs,
        initial={"on": timezone.localdate().isoformat()},
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            if leaving:
                leave_pilot(actor, enterprise, cleaned["on"], cleaned["reason"])
            else:
                enter_pilot(
                    actor,
                    enterprise,
                    cleaned.get("pack") or "",
                    cleaned["on"],
                    cleaned["reason"],
                    cleaned.get("batch"),
                )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已退出试点名单。" if leaving else "已进入试点名单。")
            return redirect("enterprises:profile", pk)
    context = {
        "enterprise": enterprise,
        "form": form,
        "title": "退出试点名单" if leaving else "进入试点名单",
    }
    return render(request, "enterprises/officer_form.html", context)
