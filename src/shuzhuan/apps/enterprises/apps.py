"""The enterprises app."""

from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    """One archive per enterprise, kept by the enterprise itself."""

    name = "shuzhuan.apps.enterprises"
    label = "enterprises"
    verbose_name = "企业档案"

    def ready(self) -> None:
        """Register who may see what, and what a bundle tells of an archive."""
        from shuzhuan.apps.enterprises import bundle, scopes  # noqa: F401, PLC0415 - needs the models
