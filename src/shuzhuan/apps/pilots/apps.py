"""The pilots app."""

from django.apps import AppConfig


class PilotsConfig(AppConfig):
    """A pilot of a place and its batches; the process is frozen when a batch opens: 试点与批次."""

    name = "shuzhuan.apps.pilots"
    label = "pilots"
    verbose_name = "试点与批次"

    def ready(self) -> None:
        """Register who may see what."""
        from shuzhuan.apps.pilots import scopes  # noqa: F401, PLC0415 - needs the models
