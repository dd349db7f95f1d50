"""The first start: places and three administrators, from a file or by a few questions.

Nobody gets a pass-word here. Each administrator gets a link that works once, printed once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.urls import reverse

from shuzhuan.apps.accounts.models import User, UserKind
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.administration.actions.found import (
    FOUNDER,
    KEYS,
    Founded,
    FoundingRefused,
    found,
    is_founded,
)
from shuzhuan.apps.signin.actions.links import VALID, issue_link

PLAN_BYTES_MAX = 1_000_000
LATER = (
    "还没有设立区域和管理员，公开的政策页面可以先用。\n"
    "设立：在终端里运行 shuzhuan setup 并回答几个问题，或 shuzhuan setup --from 文件.yaml"
)


def run(plan_file: str | None, address: str) -> None:
    """Found the platform unless that has been done; a plan for a founded platform is refused."""
    if plan_file is not None:
        plan = _read(Path(plan_file))
    elif is_founded():
        return
    elif sys.stdin.isatty():
        plan = _ask()
    else:
        print(LATER)
        return
    try:
        _report(found(plan), address)
    except FoundingRefused as refusal:
        raise ImproperlyConfigured(str(refusal)) from refusal


def renew_link(login_name: str, address: str) -> None:
    """A new link for an administrator; everybody else gets one from the security administrator."""
    user = User.objects.filter(login_name=login_name, is_active=True).first()
    if user is None or user.kind == UserKind.BUSINESS:
        raise ImproperlyConfigured(f"没有登录名为 {login_name} 的管理员。")
    with transaction.atomic():
        token = issue_link(FOUNDER, user)
    print(f"{user}（{user.login_name}）：{_link(address, token)}")


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > PLAN_BYTES_MAX:
            raise ImproperlyConfigured(f"{path} 太大。")
        plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ImproperlyConfigured(f"{path} 不能读取：{error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{path} 不是有效的 YAML：{error}") from error
    if not isinstance(plan, dict):
        raise ImproperlyConfigured(f"{path} 应有 regions 和 administrators 两部分。")
    return plan


def _ask() -> dict[str, Any]:
    """A province, then as deep as the person likes; then the three administrators."""
    print("第一次使用：设立区域和三位管理员。每个问题直接回车表示没有或到此为止。")
    regions: list[dict[str, str]] = []
    levels = (("province", "省级区域"), ("city", "市"), ("county", "县（市、区）"))
    for level, label in levels:
        name = input(f"{label}名称：").strip()
        if not name:
            break
        row = {"name": name, "level": level, "code": input(f"{name}的行政区划代码：").strip()}
        if regions:
            row["parent"] = regions[-1]["code"]
        if pack := input(f"{name}运行的政策包（如 pengyang，没有就回车）：").strip():
            row["pack"] = pack
        regions.append(row)
    administrators = {}
    for key, role in KEYS.items():
        full_name = input(f"{role.label}姓名：").strip()
        administrators[key] = {
            "full_name": full_name,
            "login_name": input(f"{role.label}登录名：").strip(),
        }
    return {"regions": regions, "administrators": administrators}


def _report(founded: Founded, address: str) -> None:
    print(f"已设立 {founded.root.name} 和三位管理员。")
    hours = int(VALID.total_seconds() // 3600)
    print(f"请把下面的链接分别交给本人设置密码；只能用一次，{hours} 小时内有效，不会再显示：")
    for role, (user, token) in founded.tokens.items():
        print(f"  {Role(role).label} {user}（{user.login_name}）：{_link(address, token)}")


def _link(address: str, token: str) -> str:
    return f"{address.rstrip('/')}{reverse('signin:link', args=[token])}"
