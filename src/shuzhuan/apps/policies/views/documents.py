"""政策库: the documents, one document, one clause beside its rule."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shuzhuan.apps.policies.queries import documents, original, plots
from shuzhuan.apps.policies.queries import library as packs
from shuzhuan.apps.policies.queries.search import QUERY_CHARS_MAX, search
from shuzhuan.apps.policies.words import KINDS, STATUSES


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """The documents; with a query or a kind, the clauses that match."""
    query = request.GET.get("q", "").strip()
    kind, place = request.GET.get("kind", ""), request.GET.get("place", "")
    status = request.GET.get("status", "")
    everything = packs.cards()
    cards = [
        card
        for card in everything
        if (not place or card.place == place) and (not status or card.status == status)
    ]
    hits = None
    if query or kind:
        found = search(
            packs.library(), query[:QUERY_CHARS_MAX], kind=kind, places={c.place for c in cards}
        )
        hits = [
            (card, matching)
            for card in cards
            if (matching := [hit for hit in found if hit.place == card.place])
        ]
    context: dict[str, Any] = {
        "cards": cards,
        "everything": everything,
        "hits": hits,
        "count": sum(len(matching) for _, matching in hits) if hits is not None else 0,
        "q": query[:QUERY_CHARS_MAX],
        "too_long": len(query) > QUERY_CHARS_MAX,
        "kind": kind,
        "place": place,
        "status": status,
        "kinds": list(KINDS.items()),
        "statuses": STATUSES,
    }
    template = "policies/library.html"
    return render(request, template + "#list" if request.htmx else template, context)  # type: ignore[attr-defined]


@require_safe
def document(request: HttpRequest, place: str) -> HttpResponse:
    """One document with everything that its pack holds."""
    pack = packs.pack_or_404(place)
    found = documents.sections(pack)
    source = pack.source
    context = {
        "place": place,
        "pack": pack,
        "card": packs.card(pack, timezone.localdate()),
        "document": source.pack.document,
        "level": source.pack.place.level,
        "sections": found,
        "contents": documents.contents(pack, found),
        "groups": documents.groups(pack),
        "readings": documents.readings(pack),
        "numbers": {c.id: c.number for c in source.clauses},
        "stacking": documents.stacking(pack),
        "funds": source.pack.funds,
        "process": documents.process(pack),
        "targets": documents.targets(pack),
        "budget": documents.budget(pack),
        "workplan": documents.workplan(pack),
        "organization": source.organization,
        "unverified": [c for c in source.clauses if c.unverified],
        "original": original.of_document(place),
    }
    return render(request, "policies/document.html", context)


@require_safe
def clause(request: HttpRequest, place: str, clause: str) -> HttpResponse:
    """One clause: the words on the left, the rule on the right."""
    pack = packs.pack_or_404(place)
    model = packs.clause_or_404(pack, clause)
    before, after = documents.neighbours(pack, clause)
    context = {
        "place": place,
        "pack": pack,
        "card": packs.card(pack, timezone.localdate()),
        "clause": model,
        "kind_name": KINDS[model.kind],
        "rule": documents.rule(pack, model),
        "exclusions": documents.exclusions(pack, clause),
        "readings": documents.readings(pack, clause),
        "original": original.of_clause(pack, model),
        "plot": plots.plot(pack, model, timezone.localdate()),
        "before": before,
        "after": after,
    }
    return render(request, "policies/clause.html", context)


@require_safe
def original_text(request: HttpRequest, place: str) -> HttpResponse:
    """The attached wording of a whole document."""
    pack = packs.pack_or_404(place)
    row = original.of_document(place)
    if row is None:
        raise Http404
    context = {
        "place": place,
        "pack": pack,
        "card": packs.card(pack, timezone.localdate()),
        "row": row,
        "paragraphs": original.paragraphs(row.text),
    }
    return render(request, "policies/original.html", context)
