"""What the public pages store: original texts that an operator attached, and batch jobs.

A calculation is never stored. A batch job holds a list of enterprises for at most a day and
is reached only by the random token in its address.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

PLACE_CHARS_MAX = 64
CLAUSE_CHARS_MAX = 64
SOURCE_CHARS_MAX = 400
NAME_CHARS_MAX = 120
MESSAGE_CHARS_MAX = 1000
TOKEN_BYTES = 24
KEPT = timedelta(hours=24)


class OriginalText(models.Model):
    """The official wording of a document, or of one clause, beside our own words."""

    place = models.CharField("地方", max_length=PLACE_CHARS_MAX)
    clause_id = models.CharField("条款", max_length=CLAUSE_CHARS_MAX, blank=True)
    text = models.TextField("原文")
    source = models.CharField("来源", max_length=SOURCE_CHARS_MAX, blank=True)
    digest = models.CharField("指纹", max_length=64)
    attached_at = models.DateTimeField("附上的时间", auto_now_add=True)

    class Meta:
        verbose_name = "政策原文"
        verbose_name_plural = "政策原文"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "clause_id"], name="one_text_per_clause"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.clause_id or '全文'}"


class JobStatus(models.TextChoices):
    """Where a batch job stands."""

    WAITING = "waiting", "排队中"
    RUNNING = "running", "正在测算"
    DONE = "done", "完成"
    REFUSED = "refused", "表里有错"
    FAILED = "failed", "没有完成"


class BatchJob(models.Model):
    """One uploaded list. Whoever knows the token is its owner; only the token's hash is kept."""

    token_hash = models.CharField("令牌指纹", max_length=64, unique=True)
    place = models.CharField("地方", max_length=PLACE_CHARS_MAX)
    status = models.CharField("状态", max_length=10, choices=JobStatus, default=JobStatus.WAITING)
    stage = models.CharField("阶段", max_length=NAME_CHARS_MAX, blank=True)
    file_name = models.CharField("文件名", max_length=NAME_CHARS_MAX)
    extension = models.CharField("格式", max_length=8)
    skip_bad = models.BooleanField("跳过有错的行", default=False)
    as_of = models.DateField("测算日期")
    rows_done = models.BigIntegerField("已测算的行", default=0)
    rows_total = models.BigIntegerField("行数", default=0)
    decided = models.BigIntegerField("测算了的行", default=0)
    applicable = models.BigIntegerField("适用", default=0)
    undetermined = models.BigIntegerField("资料不足", default=0)
    problems = models.BigIntegerField("错误处数", default=0)
    message = models.CharField("说明", max_length=MESSAGE_CHARS_MAX, blank=True)
    created_at = models.DateTimeField("提交时间", auto_now_add=True)
    touched_at = models.DateTimeField("最近进展", auto_now=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    expires_at = models.DateTimeField("到期时间", db_index=True)

    class Meta:
        verbose_name = "批量测算"
        verbose_name_plural = "批量测算"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(status__in=JobStatus.values), name="batch_job_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.file_name}"

    @property
    def finished(self) -> bool:
        return self.status in (JobStatus.DONE, JobStatus.REFUSED, JobStatus.FAILED)

    @property
    def expired(self) -> bool:
        return timezone.now() >= self.expires_at

    @property
    def folder(self) -> Path:
        """Where its files are; the names inside are ours, never the person's."""
        return Path(settings.DATA_DIR) / "batch" / self.token_hash[:32]

    @property
    def upload(self) -> Path:
        return self.folder / f"input.{self.extension}"

    @property
    def output(self) -> Path:
        return self.folder / "result.xlsx"

    @property
    def marked(self) -> Path:
        return self.folder / "marked.xlsx"


def new_token() -> str:
    """A capability that cannot be guessed."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """SHA-256 in hex: the stored form, from which nobody gets the token back."""
    return hashlib.sha256(token.encode()).hexdigest()
