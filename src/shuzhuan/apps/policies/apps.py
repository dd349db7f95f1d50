"""The policies app."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Library, calculator and batch pages on top of the policy engine."""

    name = "shuzhuan.apps.policies"
    label = "policies"
    verbose_name = "政策"
