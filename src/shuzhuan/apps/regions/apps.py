"""The regions app."""

from django.apps import AppConfig


class RegionsConfig(AppConfig):
    """The tree of places: 省 → 市 → 县 → 园区."""

    name = "shuzhuan.apps.regions"
    label = "regions"
    verbose_name = "区域"
