"""In a demonstration, where anybody comes in, every login name says that it is an invented one."""

from __future__ import annotations

from django.conf import settings

PREFIX = "demo-"
WRONG = f"这里是演示环境，登录名要以 {PREFIX} 开头，请不要用真实的账号。"


def is_out_of_place(login_name: str) -> bool:
    """Whether this is a demonstration and the name does not say so."""
    return bool(settings.DEMO) and not login_name.startswith(PREFIX)
