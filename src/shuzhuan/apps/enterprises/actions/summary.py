"""The copies that lists read: figures of the latest year, size class, completeness."""

from __future__ import annotations

from django.utils import timezone

from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.enterprises.sections import SECTIONS
from shuzhuan.engine import sizes


def refresh(enterprise: Enterprise) -> None:
    """Compute every stored copy again and save the row. Imports call it too, after the years."""
    refresh_figures(enterprise)
    refresh_size(enterprise)
    enterprise.completeness = completeness(enterprise)
    enterprise.save()


def refresh_figures(enterprise: Enterprise) -> None:
    """Take the figures of the latest full year that has any."""
    this_year = timezone.localdate().year
    rows = [row for row in enterprise.years.order_by("-year") if row.year < this_year]
    latest = rows[0] if rows else None
    enterprise.figures_year = latest.year if latest else None
    enterprise.people = latest.people if latest else None
    enterprise.revenue_last_year_fen = latest.revenue_fen if latest else None
    enterprise.main_revenue_last_year_fen = latest.main_revenue_fen if latest else None
    enterprise.assets_fen = latest.assets_fen if latest else None


def refresh_size(enterprise: Enterprise) -> None:
    """Compute the size class and the sentence that explains it. Does not save."""
    if enterprise.size_industry is None:
        enterprise.size_class = ""
        enterprise.size_explanation = "还没有选择划型行业，不能判断企业规模。"
        return
    found = sizes.classify(
        enterprise.size_industry,
        enterprise.people,
        enterprise.revenue_last_year_fen,
        enterprise.assets_fen,
    )
    industry = sizes.industries()[enterprise.size_industry].name
    lacking = "、".join(sizes.MEASURES[measure] for measure in found.missing)
    steps = list(found.steps) + ([f"还缺：{lacking}"] if lacking else [])
    year = f"{enterprise.figures_year}年数据，" if enterprise.figures_year else ""
    enterprise.size_class = found.size or ""
    enterprise.size_explanation = (
        f"按{sizes.CITE}，{industry}，{year}{'；'.join(steps)}。结论：{found.name}。"
    )


def completeness(enterprise: Enterprise) -> int:
    """Share of the wanted answers that are there, in per cent; qualifications count as one."""
    filled = 0 if enterprise.qualifications_complete_on is None else 1
    wanted = 1
    for section in SECTIONS.values():
        got, asked = section.progress(section.load(enterprise))
        filled, wanted = filled + got, wanted + asked
    return filled * 100 // wanted
