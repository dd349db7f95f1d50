"""The profile of an enterprise, and the policies of its place: 一企一档、政策匹配."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.crypto import mask_account, mask_phone
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import ENTERPRISE, GOVERNMENT, OFFICERS
from shuzhuan.apps.enterprises.models import Enterprise, EnterpriseYear
from shuzhuan.apps.enterprises.queries import profile as picturing
from shuzhuan.apps.enterprises.queries.archive import Archive, load, own_enterprise
from shuzhuan.apps.enterprises.queries.matching import Nearness, matches
from shuzhuan.apps.enterprises.queries.timeline import timeline
from shuzhuan.apps.enterprises.scopes import enterprise_or_404
from shuzhuan.apps.evidence.models import Document

DOCUMENTS_SHOWN = 5


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything known of one enterprise that the reader may see."""
    actor = actor_of_request(request)
    archive = load(enterprise_or_404(actor, pk), timezone.localdate())
    enterprise = archive.enterprise
    whole = actor.role in GOVERNMENT or actor.role in ENTERPRISE
    figures = whole or visible(actor, EnterpriseYear).filter(enterprise=enterprise).exists()
    found = [match for place in matches(archive) for match in place.matches] if whole else []
    documents = visible(actor, Document).filter(owner_id=enterprise.party_id)
    context = {
        "documents": documents.order_by("-updated_at", "-pk")[:DOCUMENTS_SHOWN],
        "documents_count": documents.count(),
        "archive": archive,
        "enterprise": enterprise,
        "tags": picturing.tags(archive),
        "whole": whole,
        "figures": figures,
        "plot": picturing.revenue(archive) if figures else None,
        "blocks": picturing.blocks(actor, archive),
        "risks": picturing.risks(archive) if whole else [],
        "survey": picturing.survey(archive) if actor.role in GOVERNMENT else [],
        "events": timeline(actor, archive) if whole else [],
        "officer": actor.role in OFFICERS,
        "own": actor.role in ENTERPRISE,
        "entitled": [m for m in found if m.nearness == Nearness.ENTITLED],
        "nearly": [m for m in found if m.nearness == Nearness.NEARLY],
        "reachable": [m for m in found if m.nearness == Nearness.REACHABLE],
        **(_contact(enterprise) if whole else {}),
    }
    return render(request, "enterprises/profile.html", context)


@require_safe
def policies(request: HttpRequest, pk: int) -> HttpResponse:
    """The clauses of the place for one enterprise, decided from its archive."""
    actor = actor_of_request(request)
    return _policies(request, actor, enterprise_or_404(actor, pk))


@require_safe
def own_policies(request: HttpRequest) -> HttpResponse:
    """The same for the enterprise itself: 政策匹配、免申即享."""
    actor = actor_of_request(request)
    return _policies(request, actor, own_enterprise(actor))


def _policies(request: HttpRequest, actor: Actor, enterprise: Enterprise) -> HttpResponse:
    archive: Archive = load(enterprise, timezone.localdate())
    context = {
        "archive": archive,
        "enterprise": enterprise,
        "places": matches(archive),
        "here": "policies",
        "own": actor.role in ENTERPRISE,
    }
    return render(request, "enterprises/policies.html", context)


def _contact(enterprise: Enterprise) -> dict[str, str]:
    """Masked: the whole numbers are shown by an audited request, with a reason."""
    return {
        "contact_name": str(enterprise.contact_name),
        "phone": mask_phone(str(enterprise.contact_phone)),
        "account": mask_account(str(enterprise.bank_account)),
    }
