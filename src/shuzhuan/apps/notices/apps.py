"""The notices app."""

from django.apps import AppConfig

from shuzhuan.apps.access import stays
from shuzhuan.apps.notices import kept


class NoticesConfig(AppConfig):
    """What an office tells the public: 通知公告."""

    name = "shuzhuan.apps.notices"
    label = "notices"
    verbose_name = "通知公告"

    def ready(self) -> None:
        """Register the scope and the trigger that keeps published text."""
        from shuzhuan.apps.notices import scopes  # noqa: F401, PLC0415 - registering

        stays.keep(self, kept.NOTICE_STAYS)
