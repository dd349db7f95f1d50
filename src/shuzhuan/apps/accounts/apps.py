"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users of the platform; places and roles follow with the next migrations."""

    name = "shuzhuan.apps.accounts"
    label = "accounts"
    verbose_name = "账号"
