"""The accounts app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from shuzhuan.apps.accounts import triggers


class AccountsConfig(AppConfig):
    """Users, the organisations they work for, and the roles they have."""

    name = "shuzhuan.apps.accounts"
    label = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        """Keep the triggers in place whatever a migration rebuilds."""
        pre_migrate.connect(triggers.before_migrate, sender=self)
        post_migrate.connect(triggers.after_migrate, sender=self)
