"""Reports about enterprises of an invented pilot say so on every page."""

from shuzhuan.apps.assessments.reports.marks import marked_by
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.pilots.models import Pilot

MARK = "演示数据，企业和数字均为虚构"


@marked_by
def invented(enterprise: Enterprise) -> str:
    """The mark where a pilot of the place, or of one above it, is a demonstration."""
    codes = enterprise.place.path.strip("/").split("/")
    rows = Pilot.objects.filter(synthetic=True, place__code__in=codes)
    return MARK if rows.exists() else ""
