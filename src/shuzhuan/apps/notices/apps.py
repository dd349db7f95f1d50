"""The notices app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class NoticesConfig(AppConfig):
    """What an office tells the public: 通知公告."""

    name = "shuzhuan.apps.notices"
    label = "notices"
    verbose_name = "通知公告"

    def ready(self) -> None:
        """Register the scope and the trigger that keeps published text."""
        from shuzhuan.apps.notices import scopes, triggers  # noqa: F401, PLC0415 - registering

        pre_migrate.connect(triggers.before_migrate, sender=self)
        post_migrate.connect(triggers.after_migrate, sender=self)
