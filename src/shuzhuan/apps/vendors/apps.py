"""The vendors app."""

from django.apps import AppConfig


class VendorsConfig(AppConfig):
    """Consent of an enterprise to a vendor, withdrawn at any time."""

    name = "shuzhuan.apps.vendors"
    label = "vendors"
    verbose_name = "服务商"

    def ready(self) -> None:
        """Register who may see what, and let consent open an archive."""
        from shuzhuan.apps.vendors import scopes  # noqa: F401, PLC0415 - needs the models
