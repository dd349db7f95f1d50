"""The assessments app."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Self-assessment, diagnosis, acceptance grading, and the plan that follows: 数字化水平评测."""

    name = "shuzhuan.apps.assessments"
    label = "assessments"
    verbose_name = "数字化水平评测"

    def ready(self) -> None:
        """Register who may see what, and what follows a submission on site."""
        from shuzhuan.apps.assessments import profile, scopes  # noqa: F401, PLC0415 - needs the models
        from shuzhuan.apps.assessments.actions import on_site  # noqa: F401, PLC0415
