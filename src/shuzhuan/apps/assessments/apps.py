"""The assessments app."""

from django.apps import AppConfig

from shuzhuan.apps.access import stays
from shuzhuan.apps.assessments import kept


class AssessmentsConfig(AppConfig):
    """Self-assessment, diagnosis, acceptance grading, and the plan that follows: 数字化水平评测."""

    name = "shuzhuan.apps.assessments"
    label = "assessments"
    verbose_name = "数字化水平评测"

    def ready(self) -> None:
        """Register who may see what, and what follows a submission."""
        from shuzhuan.apps.assessments import (  # noqa: F401, PLC0415 - needs the models
            bundle,
            profile,
            scopes,
        )
        from shuzhuan.apps.assessments.actions import after_self, on_site  # noqa: F401, PLC0415

        stays.keep(self, kept.SET_STAYS)
