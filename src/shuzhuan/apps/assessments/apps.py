"""The assessments app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


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
            triggers,
        )
        from shuzhuan.apps.assessments.actions import after_self, on_site  # noqa: F401, PLC0415

        pre_migrate.connect(triggers.before_migrate, sender=self)
        post_migrate.connect(triggers.after_migrate, sender=self)
