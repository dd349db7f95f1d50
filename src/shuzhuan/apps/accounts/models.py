"""The person behind every action: 用户."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

LOGIN_NAME_CHARS_MAX = 64
FULL_NAME_CHARS_MAX = 64


class UserManager(BaseUserManager["User"]):
    """Creates users with a hashed pass-word, or with none that could ever match."""

    def create_user(
        self, login_name: str, full_name: str = "", password: str | None = None
    ) -> "User":
        """Store a new user."""
        if not login_name:
            raise ValueError("login_name must not be empty")
        user = self.model(login_name=login_name, full_name=full_name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """One person, identified by the name used to sign in.

    Ours from the first migration, because AUTH_USER_MODEL cannot be changed later. There is no
    superuser flag: the three administrators (系统、安全、审计) exclude each other and are roles.
    """

    login_name = models.CharField("登录名", max_length=LOGIN_NAME_CHARS_MAX, unique=True)
    full_name = models.CharField("姓名", max_length=FULL_NAME_CHARS_MAX, blank=True)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "login_name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.full_name or self.login_name
