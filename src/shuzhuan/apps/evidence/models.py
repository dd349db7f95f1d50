"""The evidence store: a blob is a file, a document has versions, a link says where it is used."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shuzhuan.apps.accounts.models import Party, User
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.evidence.checks.names import NAME_CHARS_MAX
from shuzhuan.apps.evidence.slots import KIND_CHOICES, SLOT_CHOICES, SLOTS, Slot
from shuzhuan.apps.regions.models import PlaceRow

SHA256_CHARS = 64
TITLE_CHARS_MAX = 100
REASON_CHARS_MAX = 200
KIND_CHARS_MAX = 64


class OwnedRow(PlaceRow):
    """A row of one organisation's documents; the owner stands in it for the wall in the database."""

    owner = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="所属单位")

    class Meta:
        abstract = True


class Blob(OwnedRow):
    """One file of the store, by its content. It is written once and never changed."""

    sha256 = models.CharField("指纹", max_length=SHA256_CHARS)
    size_bytes = models.PositiveBigIntegerField("字节数")
    kind = models.CharField("类型", max_length=8, choices=KIND_CHOICES)
    created_at = models.DateTimeField("存入时间", auto_now_add=True)

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place", "owner", "sha256"], name="blob_once"),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="blob_not_empty"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sha256"], name="blob_by_content"),
        ]


class Document(PlaceRow):
    """One document of an organisation. ``place`` is that of its owner."""

    owner = models.ForeignKey(
        Party, models.PROTECT, related_name="documents", verbose_name="所属单位"
    )
    slot = models.CharField("类别", max_length=16, choices=SLOT_CHOICES)
    title = models.CharField("名称", max_length=TITLE_CHARS_MAX)
    # Copies of the newest version, so that a list reads one table.
    versions_count = models.PositiveSmallIntegerField("版本数", default=0)
    current = models.ForeignKey(
        "DocumentVersion", models.PROTECT, null=True, related_name="+", verbose_name="当前版本"
    )
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间")
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤下人"
    )
    withdrawn_reason = models.CharField("撤下原因", max_length=REASON_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = "资料"
        verbose_name_plural = "资料"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(slot__in=list(SLOTS)), name="document_slot_known"),
            models.CheckConstraint(condition=~Q(title=""), name="document_has_title"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True)
                | (Q(withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                name="document_withdrawn_with_reason",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["place", "owner", "withdrawn_at", "-updated_at"], name="document_by_owner"
            ),
            models.Index(fields=["owner", "slot", "-updated_at"], name="document_by_slot"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def slot_info(self) -> Slot:
        return SLOTS[self.slot]


class DocumentVersion(OwnedRow):
    """One version. ``name`` is made here; ``original_name`` is only ever shown as text."""

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="versions", verbose_name="资料"
    )
    number = models.PositiveSmallIntegerField("版本")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="versions", verbose_name="文件")
    name = models.CharField("文件名", max_length=NAME_CHARS_MAX)
    original_name = models.CharField("原文件名", max_length=NAME_CHARS_MAX)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "资料版本"
        verbose_name_plural = "资料版本"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "document", "number"], name="document_version_once"
            ),
        ]


class Link(OwnedRow):
    """Where a version is used: a qualification, an application, an acceptance, a payment.

    ``kind`` is the label of the model that uses it; apps above this one write and read links.
    """

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="links", verbose_name="资料"
    )
    version = models.ForeignKey(
        DocumentVersion, models.PROTECT, related_name="links", verbose_name="版本"
    )
    kind = models.CharField("用在哪一类", max_length=KIND_CHARS_MAX)
    object_id = models.BigIntegerField("用在哪一个")
    label = models.CharField("用处", max_length=TITLE_CHARS_MAX)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="引用人")
    created_at = models.DateTimeField("引用时间", auto_now_add=True)
    ended_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        verbose_name = "引用"
        verbose_name_plural = "引用"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place", "document", "kind", "object_id"],
                condition=Q(ended_at__isnull=True),
                name="link_once",
                violation_error_message="这份资料已经用在这里了。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "object_id"], name="link_by_object"),
        ]


class View(OwnedRow):
    """Somebody opened a version. The organisation that owns it reads this."""

    version = models.ForeignKey(
        DocumentVersion, models.PROTECT, related_name="views", verbose_name="版本"
    )
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="views", verbose_name="资料"
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="查看人")
    role = models.CharField("身份", max_length=24, choices=Role)
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "查看记录"
        verbose_name_plural = "查看记录"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["document", "-at"], name="view_by_document"),
        ]
