"""The publicity app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class PublicityConfig(AppConfig):
    """Publicity periods in working days, and objections heard before anything moves on: 公示."""

    name = "shuzhuan.apps.publicity"
    label = "publicity"
    verbose_name = "公示"

    def ready(self) -> None:
        """Register the scopes, the reminders, and the triggers that keep what was published."""
        from shuzhuan.apps.publicity import (  # noqa: PLC0415 - needs the models
            reminders,  # noqa: F401
            scopes,  # noqa: F401
            triggers,
        )

        pre_migrate.connect(triggers.before_migrate, sender=self)
        post_migrate.connect(triggers.after_migrate, sender=self)
