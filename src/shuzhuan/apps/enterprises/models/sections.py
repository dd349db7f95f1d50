"""Saving by sections: who saved which version, and everything that anybody has typed."""

from typing import ClassVar

from django.db import models

from shuzhuan.apps.access.crypto import EncryptedField
from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.enterprises.models.enterprise import Enterprise
from shuzhuan.apps.regions.models import PlaceRow

SECTION_CHARS_MAX = 32


class SectionState(PlaceRow):
    """The version of a section. A save names the version it started from."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="sections", verbose_name="企业"
    )
    section = models.CharField("部分", max_length=SECTION_CHARS_MAX)
    version = models.PositiveIntegerField("版本", default=0)
    filled = models.PositiveSmallIntegerField("已填项数", default=0)
    wanted = models.PositiveSmallIntegerField("应填项数", default=0)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人")
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "档案部分"
        verbose_name_plural = "档案部分"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "enterprise", "section"], name="section_state_once"
            ),
        ]


class SectionVersion(PlaceRow):
    """What a section held after each save: the common ground when two people change it."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="section_versions", verbose_name="企业"
    )
    section = models.CharField("部分", max_length=SECTION_CHARS_MAX)
    version = models.PositiveIntegerField("版本")
    # JSON of the form's fields; it may hold phones and accounts.
    text = EncryptedField("内容", bound_to=("enterprise_id", "section", "version"))
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人")
    saved_at = models.DateTimeField("保存时间", auto_now_add=True)

    class Meta:
        verbose_name = "档案部分的版本"
        verbose_name_plural = "档案部分的版本"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "enterprise", "section", "version"], name="section_version_once"
            ),
        ]


class Draft(PlaceRow):
    """What one person has typed into a section and not yet saved, exactly as typed."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="用户")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="drafts", verbose_name="企业"
    )
    section = models.CharField("部分", max_length=SECTION_CHARS_MAX)
    # JSON of the fields as typed, valid or not.
    text = EncryptedField("内容", bound_to=("user_id", "enterprise_id", "section"))
    base_version = models.PositiveIntegerField("起始版本", default=0)
    saved_at = models.DateTimeField("保存时间", auto_now=True)

    class Meta:
        verbose_name = "草稿"
        verbose_name_plural = "草稿"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "user", "enterprise", "section"], name="draft_once"
            ),
        ]
