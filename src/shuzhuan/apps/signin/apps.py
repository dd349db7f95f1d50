"""The sign-in app."""

from django.apps import AppConfig


class SigninConfig(AppConfig):
    """The door of the platform."""

    name = "shuzhuan.apps.signin"
    label = "signin"
    verbose_name = "登录"

    def ready(self) -> None:
        """Register who may see what."""
        from shuzhuan.apps.signin import scopes  # noqa: F401, PLC0415 - needs the models
