"""The funds app."""

from django.apps import AppConfig


class FundsConfig(AppConfig):
    """The ledger: appropriated, reserved, paid, returned; append-only and never over budget: 资金."""

    name = "shuzhuan.apps.funds"
    label = "funds"
    verbose_name = "资金"

    def ready(self) -> None:
        """Register who may see what."""
        from shuzhuan.apps.funds import scopes  # noqa: F401, PLC0415 - needs the models
