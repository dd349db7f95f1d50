"""The publicity app."""

from django.apps import AppConfig


class PublicityConfig(AppConfig):
    """Publicity periods in working days, and objections heard before anything moves on: 公示."""

    name = "shuzhuan.apps.publicity"
    label = "publicity"
    verbose_name = "公示"

    def ready(self) -> None:
        """Register who may see what."""
        from shuzhuan.apps.publicity import scopes  # noqa: F401, PLC0415 - needs the models
