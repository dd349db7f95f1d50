"""A figure as a way to what it counts."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def drill(
    context: dict[str, Any], key: str, value: int, shown: str = "", place: int | None = None
) -> str | SafeString:
    """The figure, leading to its list unless there is nothing to list.

    ``place``: of which region; otherwise that of the page (``at`` in its context).
    """
    text = shown or f"{value:,}"
    if not value:
        return text
    asked = f"?place={place}" if place else context["at"]
    url = reverse("reports:figure", args=[key])
    return format_html('<a class="drill" href="{}{}">{}</a>', url, asked, text)
