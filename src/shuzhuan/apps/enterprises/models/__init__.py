"""What an archive holds."""

from shuzhuan.apps.enterprises.models.enterprise import (
    Enterprise,
    PilotState,
    Readiness,
    SizeClass,
    Willingness,
)
from shuzhuan.apps.enterprises.models.records import (
    CloudKind,
    CloudUse,
    Declaration,
    EnterpriseYear,
    PilotEntry,
    Qualification,
    QualificationKind,
    QualificationLevel,
    QualificationStage,
)
from shuzhuan.apps.enterprises.models.sections import Draft, SectionState, SectionVersion

__all__ = [
    "CloudKind",
    "CloudUse",
    "Declaration",
    "Draft",
    "Enterprise",
    "EnterpriseYear",
    "PilotEntry",
    "PilotState",
    "Qualification",
    "QualificationKind",
    "QualificationLevel",
    "QualificationStage",
    "Readiness",
    "SectionState",
    "SectionVersion",
    "SizeClass",
    "Willingness",
]
