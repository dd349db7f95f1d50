"""Users, the parties they work for, and what they act as."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from shuzhuan.apps.accounts.roles import ADMINISTRATORS, PARTIES, Role
from shuzhuan.apps.regions.models import PlaceRow, Region

LOGIN_NAME_CHARS_MAX = 64
FULL_NAME_CHARS_MAX = 64
EXTERNAL_ID_CHARS_MAX = 255
PARTY_NAME_CHARS_MAX = 128
USCC_CHARS = 18


class UserKind(models.TextChoices):
    """The three administrators exclude each other and everybody else, by what they are."""

    BUSINESS = "business", "业务用户"
    SYSTEM = "system_admin", "系统管理员"
    SECURITY = "security_admin", "安全管理员"
    AUDIT = "audit_admin", "审计管理员"


class UserManager(BaseUserManager["User"]):
    """Creates users with a hashed pass-word, or with none that could ever match."""

    def create_user(
        self,
        login_name: str,
        full_name: str = "",
        password: str | None = None,
        kind: str = UserKind.BUSINESS,
    ) -> "User":
        """Store a new user."""
        if not login_name:
            raise ValueError("login_name must not be empty")
        user = self.model(login_name=login_name, full_name=full_name, kind=kind)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """One person, identified by the name used to sign in.

    There is no superuser flag. ``kind`` never changes: a system administrator cannot become an
    officer, nor the other way round (trust.md 16).
    """

    login_name = models.CharField("登录名", max_length=LOGIN_NAME_CHARS_MAX, unique=True)
    full_name = models.CharField("姓名", max_length=FULL_NAME_CHARS_MAX, blank=True)
    kind = models.CharField("类别", max_length=16, choices=UserKind, default=UserKind.BUSINESS)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    # Who the person is to the sign-in service of the government (OIDC), written by the security
    # administrator; nobody is found by a name that they chose themselves.
    external_id = models.CharField(
        "统一身份认证编号", max_length=EXTERNAL_ID_CHARS_MAX, null=True, blank=True, unique=True
    )
    # Raised by the security administrator to end every session of the person at once.
    session_epoch = models.PositiveIntegerField("会话批次", default=0)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "login_name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=UserKind.values), name="user_kind_known"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.login_name


class PartyKind(models.TextChoices):
    """What an organisation is to the platform."""

    ENTERPRISE = "enterprise", "企业"
    VENDOR = "vendor", "服务商"
    AGENCY = "agency", "第三方机构"


class Party(PlaceRow):
    """An organisation that people act for: 企业, 服务商, 第三方机构. ``place``: where it is registered."""

    kind = models.CharField("类别", max_length=12, choices=PartyKind)
    name = models.CharField("名称", max_length=PARTY_NAME_CHARS_MAX)
    uscc = models.CharField("统一社会信用代码", max_length=USCC_CHARS)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    class Meta:
        verbose_name = "单位"
        verbose_name_plural = "单位"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["kind", "uscc"],
                name="party_once_by_code",
                violation_error_message="这个统一社会信用代码已经登记过。",
            ),
            models.CheckConstraint(condition=Q(kind__in=PartyKind.values), name="party_kind_known"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["place", "kind", "name"], name="party_by_place"),
        ]

    def __str__(self) -> str:
        return self.name


_ADMIN_ROLES = [str(role) for role in sorted(ADMINISTRATORS)]
_PARTY_ROLES = [str(role) for role in sorted(PARTIES)]


class Membership(models.Model):
    """A role that a person has, in a region (officers, administrators, experts) or for a party."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="用户")
    role = models.CharField("角色", max_length=24, choices=Role)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="区域")
    party = models.ForeignKey(
        Party,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name="单位",
    )
    # Copied from the user and held equal to it by the writing action and a trigger, so that the
    # exclusion of the administrators is a constraint and not a habit.
    user_kind = models.CharField("用户类别", max_length=16, choices=UserKind, editable=False)
    is_active = models.BooleanField("有效", default=True)
    created_at = models.DateTimeField("授予时间", auto_now_add=True)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="授予人"
    )

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "role", "region", "party"], name="membership_once"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "region"],
                condition=Q(party__isnull=True),
                name="membership_once_in_region",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=(Q(user_kind=UserKind.BUSINESS) & ~Q(role__in=_ADMIN_ROLES))
                | Q(user_kind=models.F("role")),
                name="administrators_exclude_each_other",
            ),
            models.CheckConstraint(
                condition=Q(role__in=_PARTY_ROLES, party__isnull=False)
                | (~Q(role__in=_PARTY_ROLES) & Q(party__isnull=True)),
                name="membership_party_fits_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"
