"""The shell of the pages as a Django app, so that its templates and files are found."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Registers the shell; it has no models."""

    name = "shuzhuan.site"
    label = "shell"
    verbose_name = "页面外壳"
