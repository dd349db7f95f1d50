"""The projects app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """One project from filing to closing; `perform` is the only writer of its state: 项目."""

    name = "shuzhuan.apps.projects"
    label = "projects"
    verbose_name = "项目"

    def ready(self) -> None:
        """Register who may see what, the table's handlers, and what follows from a publicity."""
        from shuzhuan.apps.projects import (  # noqa: F401, PLC0415
            actions,
            bundle,
            clients,
            next_steps,
            profile,
            reactions,
            reminders,
            scopes,
        )
