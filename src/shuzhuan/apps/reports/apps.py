"""The reports app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Pages for leaders, and lists that can be sent as they are: 统计与台账."""

    name = "shuzhuan.apps.reports"
    label = "reports"
    verbose_name = "统计与台账"

    def ready(self) -> None:
        """Register who may see what."""
        from shuzhuan.apps.reports import scopes  # noqa: F401, PLC0415 - needs the models
