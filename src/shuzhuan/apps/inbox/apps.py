"""The inbox app."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Messages to people in the application and by mail, sent through an outbox: 消息."""

    name = "shuzhuan.apps.inbox"
    label = "inbox"
    verbose_name = "消息"

    def ready(self) -> None:
        """Register who may see what."""
        from shuzhuan.apps.inbox import scopes  # noqa: F401, PLC0415 - needs the models
