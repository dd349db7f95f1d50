"""The pilots app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class PilotsConfig(AppConfig):
    """A pilot of a place and its batches; the process is frozen when a batch opens: 试点与批次."""

    name = "shuzhuan.apps.pilots"
    label = "pilots"
    verbose_name = "试点与批次"

    def ready(self) -> None:
        """Register who may see what, marks of reports, the trigger that keeps what was frozen."""
        from shuzhuan.apps.pilots import marks, scopes, triggers  # noqa: F401, PLC0415 - need models

        pre_migrate.connect(triggers.before_migrate, sender=self)
        post_migrate.connect(triggers.after_migrate, sender=self)
