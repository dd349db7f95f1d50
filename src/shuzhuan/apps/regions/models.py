"""The tree of places (省→市→县→园区) and the mark that every row of a place carries."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

CODE_CHARS_MAX = 12
NAME_CHARS_MAX = 64
PATH_CHARS_MAX = 80


class Level(models.TextChoices):
    """Level of a region."""

    PROVINCE = "province", "省（自治区、直辖市）"
    CITY = "city", "市"
    COUNTY = "county", "县（市、区）"
    PARK = "park", "园区"


_ORDER = [Level.PROVINCE, Level.CITY, Level.COUNTY, Level.PARK]


class Region(models.Model):
    """One place. ``path`` lists the codes from the province down, each ended by a slash.

    A region below another has the other's path as its beginning; the path never changes, so it
    can be compared without walking the tree.
    """

    code = models.CharField("代码", max_length=CODE_CHARS_MAX, unique=True)
    name = models.CharField("名称", max_length=NAME_CHARS_MAX)
    level = models.CharField("层级", max_length=8, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    path = models.CharField("路径", max_length=PATH_CHARS_MAX, unique=True, editable=False)
    # The policy pack that the place runs; empty where a higher or lower region runs one.
    pack = models.CharField("政策包", max_length=64, blank=True)

    class Meta:
        verbose_name = "区域"
        verbose_name_plural = "区域"
        ordering: ClassVar[list[str]] = ["path"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a parent that is not of a higher level."""
        if self.level not in Level.values:
            return  # the field itself has been complained about
        if self.parent is not None and _ORDER.index(Level(self.parent.level)) >= _ORDER.index(
            Level(self.level)
        ):
            raise ValidationError({"parent": "上级的层级必须更高。"})
        if self.parent is None and self.level != Level.PROVINCE:
            raise ValidationError({"parent": "只有省级区域没有上级。"})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the region; the path is written once, when it is created."""
        if not self.path:
            above = self.parent.path if self.parent is not None else ""
            self.path = f"{above}{self.code}/"
        super().save(*args, **kwargs)

    def contains(self, other: "Region") -> bool:
        """Tell whether the other region is this one or lies below it."""
        return other.path.startswith(self.path)


class PlaceRow(models.Model):
    """A row that belongs to a place. The key allows the data to be spread by place later."""

    place = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")

    class Meta:
        abstract = True
