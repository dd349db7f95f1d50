"""Tags and filters of the shell, available in every template without loading."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

FEN_PER_YUAN = 100
YUAN_PER_WAN = 10_000


@lru_cache(maxsize=256)
def _icon_paths(name: str) -> str:
    """Return the drawing inside an icon file; a missing icon is an error, not an empty spot."""
    path = Path(settings.SITE_DIR) / "static" / "vendor" / "icons" / f"{name}.svg"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ImproperlyConfigured(
            f"缺少图标 {name}：请把它写进 frontend/vendor.json，再运行 python3 dev.py setup"
        ) from error
    inner = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
    if inner is None:
        raise ImproperlyConfigured(f"图标文件 {name}.svg 不是 SVG。")
    return inner[1].replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "").strip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon beside a text; it is decoration, so readers of the screen skip it."""
    return format_html(
        '<svg class="ico" viewBox="0 0 24 24" width="20" height="20" fill="none" '
        'stroke="currentColor" stroke-width="1.75" stroke-linecap="round" '
        'stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(_icon_paths(name)),  # noqa: S308 (a file of ours, not of a person)
    )


def _grouped(amount: Decimal, places: int) -> str:
    return f"{amount:,.{places}f}"


@register.filter
def yuan(fen: int | None) -> str:
    """Show fen as 元 with two decimals: 30000000 → 300,000.00; nothing known → —."""
    if fen is None:
        return "—"
    return _grouped(Decimal(fen) / FEN_PER_YUAN, 2)


@register.filter
def wan(fen: int | None, places: int = 2) -> str:
    """Show fen as 万元; only for figures that nobody pays by, because it may round."""
    if fen is None:
        return "—"
    return _grouped(Decimal(fen) / (FEN_PER_YUAN * YUAN_PER_WAN), places)


@register.filter
def grouped(value: Any) -> str:
    """Show a whole number with thousands separated."""
    try:
        return f"{Decimal(str(value)):,}"
    except InvalidOperation:
        return str(value)


@register.filter
def control(field: BoundField) -> SafeString:
    """Draw a form control with the shell's class for its kind."""
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        kind = "choices"
    elif isinstance(widget, CheckboxInput):
        kind = "form-check-input"
    elif isinstance(widget, Select):
        kind = "form-select"
    else:
        kind = "form-control"
    return field.as_widget(attrs={"class": f"{kind} is-invalid" if field.errors else kind})


@register.filter
def is_group(field: BoundField) -> bool:
    """Tell whether a field is a set of choices, which needs a fieldset instead of a label."""
    return bool(field.field.widget.use_fieldset)


STATUS_LABELS = {"applicable": "适用", "not_applicable": "不适用", "undetermined": "资料不足"}


@register.inclusion_tag("shell/status.html")
def status(kind: str) -> dict[str, str]:
    """Mark a clause 适用, 不适用 or 资料不足, by shape and word rather than by colour."""
    return {"kind": kind, "label": STATUS_LABELS[kind]}


LIGHT_LABELS = {"green": "正常", "yellow": "预警", "red": "告警"}


@register.inclusion_tag("shell/light.html")
def light(colour: str, label: str = "") -> dict[str, str]:
    """Show a light with its shape: ● 正常, ▲ 预警, ■ 告警."""
    return {"colour": colour, "label": label or LIGHT_LABELS[colour]}


@register.inclusion_tag("shell/chart.html")
def chart(drawing: Any) -> dict[str, Any]:
    """Place a chart with its words for those who do not see it and the table behind it."""
    return {"chart": drawing}


@register.inclusion_tag("shell/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Any) -> dict[str, Any]:
    """Link the other pages of a list and keep the filters in the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "ellipsis": page.paginator.ELLIPSIS,
        "query": query.urlencode(),
    }
