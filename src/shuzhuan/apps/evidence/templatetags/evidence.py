"""What other pages show of the evidence store."""

from __future__ import annotations

from typing import Any

from django import template

from shuzhuan.apps.evidence.queries.library import of_party

register = template.Library()
SHOWN = 12
KIB = 1024


@register.filter
def file_size(size_bytes: int) -> str:
    """1536 → 1.5 KB; 20971520 → 20.0 MB."""
    size = float(size_bytes)
    for unit in ("字节", "KB", "MB"):
        if size < KIB:
            return f"{size:.0f} {unit}" if unit == "字节" else f"{size:.1f} {unit}"
        size /= KIB
    return f"{size:.1f} GB"


@register.inclusion_tag("evidence/parts/shelf.html", takes_context=True)
def shelf(context: template.Context, party_id: int) -> dict[str, Any]:
    """The documents of a party as the person asking may see them: for its profile."""
    request = context["request"]
    rows = list(of_party(request.actor, party_id)[: SHOWN + 1])
    return {
        "documents": rows[:SHOWN],
        "more": len(rows) > SHOWN,
        "party_id": party_id,
        "own": request.actor.party_id == party_id,
        "csrf_token": context.get("csrf_token"),
    }
