"""What the working place stores: the search index, saved views, imports and bulk actions."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.enterprises.models import Enterprise
from shuzhuan.apps.regions.models import PlaceRow

HASH_CHARS = 64
NAME_CHARS_MAX = 40
QUERY_CHARS_MAX = 1000
FILE_NAME_CHARS_MAX = 120
MESSAGE_CHARS_MAX = 300
SEARCH_CHARS_MAX = 300


class SearchEntry(PlaceRow):
    """What an enterprise is found by, in a table so narrow that all of it can be looked through.

    ``text``: name, code and the first letters of the name's pinyin, in small letters. ``name_key``:
    the name as duplicates are recognised by.
    """

    enterprise = models.OneToOneField(
        Enterprise, models.CASCADE, related_name="+", verbose_name="企业", primary_key=True
    )
    text = models.CharField("检索文字", max_length=SEARCH_CHARS_MAX)
    name_key = models.CharField("名称（去掉空白和括号之别）", max_length=128)

    class Meta:
        verbose_name = "检索"
        verbose_name_plural = "检索"
        indexes: ClassVar[list[models.Index]] = [
            # Covers the search: the enterprise's own, wide row is not touched.
            models.Index(fields=["place", "text", "enterprise"], name="search_by_text"),
            models.Index(fields=["place", "name_key"], name="search_by_name"),
        ]


class Listing(models.TextChoices):
    """The lists of which a view can be kept."""

    ENTERPRISES = "enterprises", "企业"
    PROJECTS = "projects", "项目"


class SavedView(PlaceRow):
    """A list as somebody likes to see it. ``place``: where the person works."""

    listing = models.CharField("名单", max_length=12, choices=Listing, default=Listing.ENTERPRISES)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="用户")
    name = models.CharField("名称", max_length=NAME_CHARS_MAX)
    query = models.CharField("条件", max_length=QUERY_CHARS_MAX, blank=True)
    shared = models.BooleanField("本地同事可见", default=False)
    created_at = models.DateTimeField("保存时间", auto_now_add=True)

    class Meta:
        verbose_name = "常用视图"
        verbose_name_plural = "常用视图"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "user", "listing", "name"],
                name="saved_view_once",
                violation_error_message="这个名称的视图已经有了。",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_named"),
            models.CheckConstraint(
                condition=Q(listing__in=Listing.values), name="saved_view_of_a_list"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImportStatus(models.TextChoices):
    """Where an import stands."""

    WRONG = "wrong", "表里有错"
    READY = "ready", "等待确认"
    DONE = "done", "已导入"
    DROPPED = "dropped", "已放弃"


class ImportRun(PlaceRow):
    """One uploaded list, remembered with its hash; the file itself goes when it is settled."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    file_name = models.CharField("文件名", max_length=FILE_NAME_CHARS_MAX)
    extension = models.CharField("格式", max_length=8)
    file_hash = models.CharField("文件指纹", max_length=HASH_CHARS)
    status = models.CharField("状态", max_length=8, choices=ImportStatus)
    rows = models.PositiveIntegerField("行数", default=0)
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    unchanged = models.PositiveIntegerField("没有变化", default=0)
    wrong = models.PositiveIntegerField("错误处数", default=0)
    # What was shown before the commit; another outcome must be shown again first.
    plan_hash = models.CharField("预览指纹", max_length=HASH_CHARS, blank=True)
    # Hash over the items in order; the audit row carries it.
    manifest = models.CharField("清单指纹", max_length=HASH_CHARS, blank=True)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    settled_at = models.DateTimeField("办结时间", null=True, blank=True)

    class Meta:
        verbose_name = "导入"
        verbose_name_plural = "导入"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(status__in=ImportStatus.values), name="import_status_known"
            ),
            models.UniqueConstraint(
                fields=["place", "file_hash"],
                condition=Q(status="done"),
                name="import_file_once",
                violation_error_message="这个文件已经导入过。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "-created_at"], name="import_by_time"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def folder(self) -> Path:
        """Where its files are; the names inside are ours, never the person's."""
        return Path(settings.DATA_DIR) / "imports" / str(self.pk)

    @property
    def source(self) -> Path:
        return self.folder / f"input.{self.extension}"

    @property
    def checked(self) -> Path:
        """What was read of a faultless file."""
        return self.folder / "checked.json"

    @property
    def marked(self) -> Path:
        return self.folder / "marked.xlsx"


class ImportItem(PlaceRow):
    """What an import did to one enterprise."""

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="items", verbose_name="导入")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name="企业"
    )
    is_new = models.BooleanField("新增")
    fields = models.CharField("改动的项", max_length=500, blank=True)  # comma-separated keys

    class Meta:
        verbose_name = "导入明细"
        verbose_name_plural = "导入明细"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "run", "enterprise"], name="import_item_once"),
        ]


class BulkAction(models.TextChoices):
    """What can be done to all results of a list."""

    ENTER = "enter", "进入试点名单"
    LEAVE = "leave", "退出试点名单"
    SURVEY = "survey", "登记摸底情况"


class BulkRun(PlaceRow):
    """One action on many enterprises; the list is fixed when it starts."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name="任职"
    )
    action = models.CharField("动作", max_length=8, choices=BulkAction)
    parameters = models.TextField("内容")  # JSON: date, reason, …
    query = models.CharField("条件", max_length=QUERY_CHARS_MAX, blank=True)
    # Minted by the form: the same form sent twice starts one run.
    key = models.CharField("表单编号", max_length=36)
    total = models.PositiveIntegerField("企业数", default=0)
    done = models.PositiveIntegerField("已处理", default=0)
    refused = models.PositiveIntegerField("未办成", default=0)
    created_at = models.DateTimeField("开始时间", auto_now_add=True)
    touched_at = models.DateTimeField("最近进展", auto_now=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = "批量办理"
        verbose_name_plural = "批量办理"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "user", "key"], name="bulk_run_once"),
            models.CheckConstraint(
                condition=Q(action__in=BulkAction.values), name="bulk_action_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "-created_at"], name="bulk_by_time"),
        ]


class BulkOutcome(models.TextChoices):
    """What came of one enterprise."""

    WAITING = "waiting", "等待"
    DONE = "done", "已办"
    REFUSED = "refused", "未办"


class BulkItem(PlaceRow):
    """One enterprise of a run, and what came of it."""

    run = models.ForeignKey(BulkRun, models.PROTECT, related_name="items", verbose_name="批量办理")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name="企业"
    )
    outcome = models.CharField(
        "结果", max_length=8, choices=BulkOutcome, default=BulkOutcome.WAITING
    )
    message = models.CharField("说明", max_length=MESSAGE_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = "批量办理明细"
        verbose_name_plural = "批量办理明细"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "run", "enterprise"], name="bulk_item_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=BulkOutcome.values), name="bulk_outcome_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "outcome", "id"], name="bulk_item_by_outcome"),
        ]
