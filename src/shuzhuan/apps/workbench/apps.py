"""The workbench app."""

from django.apps import AppConfig
from django.db.models.signals import post_save


class WorkbenchConfig(AppConfig):
    """The officer's working place: 工作台."""

    name = "shuzhuan.apps.workbench"
    label = "workbench"
    verbose_name = "工作台"

    def ready(self) -> None:
        """Register who may see what, and keep the search index beside the archives."""
        from shuzhuan.apps.enterprises.models import Enterprise  # noqa: PLC0415 - needs the models
        from shuzhuan.apps.workbench import kept, scopes, search  # noqa: F401, PLC0415

        post_save.connect(
            search.follow, sender=Enterprise, dispatch_uid="shuzhuan.workbench.search"
        )
