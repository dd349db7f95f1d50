"""The administration app."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    """Regions, people and roles; it has no tables of its own."""

    name = "shuzhuan.apps.administration"
    label = "administration"
    verbose_name = "管理"

    def ready(self) -> None:
        """Register who may see what."""
        from shuzhuan.apps.administration import scopes  # noqa: F401, PLC0415 - needs the models
