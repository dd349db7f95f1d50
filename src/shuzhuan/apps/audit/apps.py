"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what, when, to what, and what came of it; nothing in it can be changed."""

    name = "shuzhuan.apps.audit"
    label = "audit"
    verbose_name = "审计"
