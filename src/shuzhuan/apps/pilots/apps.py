"""The pilots app."""

from django.apps import AppConfig

from shuzhuan.apps.access import stays
from shuzhuan.apps.pilots import kept


class PilotsConfig(AppConfig):
    """A pilot of a place and its batches; the process is frozen when a batch opens: 试点与批次."""

    name = "shuzhuan.apps.pilots"
    label = "pilots"
    verbose_name = "试点与批次"

    def ready(self) -> None:
        """Register who may see what, marks of reports, the trigger that keeps what was frozen."""
        from shuzhuan.apps.pilots import marks, scopes  # noqa: F401, PLC0415 - need models

        stays.keep(self, kept.BATCH_STAYS)
