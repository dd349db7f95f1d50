"""The audit log: one chain of rows per place, append-only by trigger, and its checkpoints."""

from typing import ClassVar

from django.db import models

from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.regions.models import Region

HASH_CHARS = 64


class Outcome(models.TextChoices):
    """What came of a request."""

    DONE = "done", "已办"
    REFUSED = "refused", "被拒绝"
    FAILED = "failed", "未成功"


class Chain(models.Model):
    """Head of one chain. ``place`` is null for what belongs to the whole platform (key: platform)."""

    WALLED: ClassVar[bool] = False  # everybody's actions are written here, see access/wall.py

    key = models.CharField("链", max_length=24, unique=True)
    place = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="+", verbose_name="区域"
    )
    size = models.PositiveBigIntegerField("条数", default=0)
    head = models.CharField("最后一条的指纹", max_length=HASH_CHARS)
    frontier = models.TextField(
        "树的前沿", default="", blank=True
    )  # comma-separated, see tree.push
    algorithm = models.CharField("算法", max_length=8, default="sha256")

    class Meta:
        verbose_name = "审计链"
        verbose_name_plural = "审计链"


class Entry(models.Model):
    """One row. ``leaf`` covers every other field and the leaf of the row before it."""

    chain = models.ForeignKey(Chain, models.PROTECT, related_name="entries", verbose_name="链")
    number = models.PositiveBigIntegerField("序号")
    at = models.DateTimeField("时间")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="用户")
    role = models.CharField("角色", max_length=24, blank=True)
    action = models.CharField("动作", max_length=80)
    kind = models.CharField("对象类别", max_length=64, blank=True)
    object_id = models.CharField("对象", max_length=64, blank=True)
    outcome = models.CharField("结果", max_length=8, choices=Outcome)
    detail = models.TextField("内容")  # canonical JSON text, exactly what was hashed
    previous = models.CharField("上一条的指纹", max_length=HASH_CHARS)
    leaf = models.CharField("指纹", max_length=HASH_CHARS)

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["chain", "number"], name="audit_number_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["chain", "-at"], name="audit_by_time"),
            models.Index(fields=["kind", "object_id"], name="audit_by_object"),
            models.Index(fields=["user", "-at"], name="audit_by_user"),
        ]


class Checkpoint(models.Model):
    """A signed statement of a chain's size and root, handed out so that nobody can rewrite it all."""

    chain = models.ForeignKey(Chain, models.PROTECT, related_name="checkpoints", verbose_name="链")
    size = models.PositiveBigIntegerField("条数")
    root = models.CharField("根", max_length=HASH_CHARS)
    at = models.DateTimeField("时间")
    key = models.CharField("公钥", max_length=HASH_CHARS)
    signature = models.CharField("签名", max_length=2 * HASH_CHARS)

    class Meta:
        verbose_name = "审计检查点"
        verbose_name_plural = "审计检查点"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["chain", "size"], name="checkpoint_once"),
        ]
