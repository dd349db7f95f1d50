"""The access app: no tables of its own, but the wall before everybody else's."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AccessConfig(AppConfig):
    """Who may see and do what."""

    name = "shuzhuan.apps.access"
    label = "access"
    verbose_name = "访问控制"

    def ready(self) -> None:
        """Keep the wall and the triggers up after migrations, and every connection set."""
        from shuzhuan.apps.access import stays, wall  # noqa: PLC0415 - models are ready only now

        post_migrate.connect(wall.build, dispatch_uid="shuzhuan.wall")
        pre_migrate.connect(stays.before_migrate, dispatch_uid="shuzhuan.stays")
        post_migrate.connect(stays.after_migrate, dispatch_uid="shuzhuan.stays")
        connection_created.connect(wall.open_connection, dispatch_uid="shuzhuan.wall")
