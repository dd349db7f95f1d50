"""The evidence app."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Documents of enterprises, vendors and agencies, and who saw them."""

    name = "shuzhuan.apps.evidence"
    label = "evidence"
    verbose_name = "资料"

    def ready(self) -> None:
        """Register the scopes."""
        from shuzhuan.apps.evidence import scopes  # noqa: F401, PLC0415 - registering is the point
