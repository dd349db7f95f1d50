"""Models of the digital level: sets, engagements, assessments with their answers, plans."""

from shuzhuan.apps.assessments.models.assessment import (
    Answer,
    Assessment,
    AssessmentKind,
    AssessmentState,
)
from shuzhuan.apps.assessments.models.doubts import DoubtKind, DoubtNote
from shuzhuan.apps.assessments.models.engagement import Engagement, EngagementKind
from shuzhuan.apps.assessments.models.plan import (
    Finding,
    FindingKind,
    Measure,
    MeasureKind,
    Plan,
    PlanState,
)
from shuzhuan.apps.assessments.models.sets import PublishedSet, SetState

__all__ = [
    "Answer",
    "Assessment",
    "AssessmentKind",
    "AssessmentState",
    "DoubtKind",
    "DoubtNote",
    "Engagement",
    "EngagementKind",
    "Finding",
    "FindingKind",
    "Measure",
    "MeasureKind",
    "Plan",
    "PlanState",
    "PublishedSet",
    "SetState",
]
