"""The publicity app."""

from django.apps import AppConfig

from shuzhuan.apps.access import stays
from shuzhuan.apps.publicity import kept


class PublicityConfig(AppConfig):
    """Publicity periods in working days, and objections heard before anything moves on: 公示."""

    name = "shuzhuan.apps.publicity"
    label = "publicity"
    verbose_name = "公示"

    def ready(self) -> None:
        """Register the scopes, the reminders, and the triggers that keep what was published."""
        from shuzhuan.apps.publicity import reminders, scopes  # noqa: F401, PLC0415 - need models

        stays.keep(self, *kept.PUBLISHED_STAYS)
