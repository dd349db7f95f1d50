"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what, when, to what, and what came of it; nothing in it can be changed."""

    name = "shuzhuan.apps.audit"
    label = "audit"
    verbose_name = "审计"

    def ready(self) -> None:
        """Register the scopes."""
        from shuzhuan.apps.audit import scopes  # noqa: F401, PLC0415 - registering is the point
