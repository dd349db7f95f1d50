"""The founding of a platform: the first places and the three administrators, once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.accounts.roles import ADMINISTRATORS, Role
from shuzhuan.apps.administration.actions.invite import admit
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.regions.models import Region

FOUNDER = Actor(name="安装程序")
KEYS = {"system": Role.SYSTEM_ADMIN, "security": Role.SECURITY_ADMIN, "audit": Role.AUDIT_ADMIN}
CODE = re.compile(r"[0-9A-Z]{1,12}")
REGIONS_MAX = 500


class FoundingRefused(Exception):
    """The plan cannot be carried out; the message says what to change."""


@dataclass(frozen=True)
class Founded:
    """What came out: the root region, and for each administrator name and one-time token."""

    root: Region
    tokens: dict[Role, tuple[User, str]]


def is_founded() -> bool:
    """Tell whether the platform has administrators."""
    return Membership.objects.filter(role__in=ADMINISTRATORS).exists()


@transaction.atomic
def found(plan: Mapping[str, Any]) -> Founded:
    """Carry out the plan, all of it or nothing. Raises FoundingRefused, also the second time."""
    if is_founded():
        raise FoundingRefused(
            "平台已经设立过，不能再设立一次。请用管理员账号登录后增加区域和人员。"
        )
    unknown = sorted(set(plan) - {"regions", "administrators"})
    if unknown:
        raise FoundingRefused(f"不认识的项目：{'、'.join(unknown)}。")
    regions = _regions(plan.get("regions"))
    roots = [region for region in regions if region.parent_id is None]
    if len(roots) != 1:
        raise FoundingRefused("regions 里应有且只有一个没有 parent 的区域（省、自治区或直辖市）。")
    tokens = _administrators(plan.get("administrators"), roots[0])
    record("administration.found", FOUNDER, roots[0], place_id=None)
    return Founded(roots[0], tokens)


def _regions(rows: object) -> list[Region]:
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        raise FoundingRefused("缺少 regions：至少写一个省级区域。")
    if len(rows) > REGIONS_MAX:
        raise FoundingRefused(f"regions 最多 {REGIONS_MAX} 个，其余的设立后再增加。")
    known: dict[str, Region] = {}
    for number, row in enumerate(rows, start=1):
        where = f"regions 第 {number} 项"
        texts = _texts(row, where, {"code", "name", "level"}, {"parent", "pack"})
        if not CODE.fullmatch(texts["code"]):
            raise FoundingRefused(f"{where}：code 应是 1 到 12 位数字或大写字母（加引号）。")
        above = texts.get("parent", "")
        if above and above not in known:
            raise FoundingRefused(f"{where}：parent {above} 要写在它前面。")
        parent = known.get(above)
        region = Region(
            code=texts["code"],
            name=texts["name"],
            level=texts["level"],
            parent=parent,
            pack=texts.get("pack", ""),
        )
        region.path = f"{parent.path if parent is not None else ''}{region.code}/"
        _clean(region, where)
        region.save()
        record("administration.add_region", FOUNDER, region, place_id=region.pk)
        known[region.code] = region
    return list(known.values())


def _administrators(rows: object, root: Region) -> dict[Role, tuple[User, str]]:
    if not isinstance(rows, Mapping) or set(rows) != set(KEYS):
        raise FoundingRefused("administrators 要写 system、security、audit 三个人，不多不少。")
    tokens = {}
    for key, role in KEYS.items():
        where = f"administrators.{key}"
        texts = _texts(rows[key], where, {"login_name", "full_name"}, set())
        probe = User(login_name=texts["login_name"], full_name=texts["full_name"])
        probe.set_unusable_password()
        _clean(probe, where)
        try:
            member, token = admit(
                FOUNDER,
                role=role,
                region=root,
                login_name=texts["login_name"],
                full_name=texts["full_name"],
            )
        except ValidationError as error:
            raise FoundingRefused(f"{where}：{'；'.join(error.messages)}") from error
        tokens[role] = (member.user, token)
    return tokens


def _texts(row: object, where: str, needed: set[str], optional: set[str]) -> dict[str, str]:
    """The row as texts; a number that YAML made of a code is refused, it may have lost zeros."""
    if not isinstance(row, Mapping):
        raise FoundingRefused(f"{where}：应写成“名称: 值”。")
    if missing := sorted(needed - set(row)):
        raise FoundingRefused(f"{where}：缺少 {'、'.join(missing)}。")
    if unknown := sorted(str(key) for key in set(row) - needed - optional):
        raise FoundingRefused(f"{where}：不认识的项目 {'、'.join(unknown)}。")
    for key, value in row.items():
        if not isinstance(value, str) or not value.strip():
            raise FoundingRefused(f'{where}：{key} 应是文字；代码请加引号，例如 "640000"。')
    return {str(key): str(value).strip() for key, value in row.items()}


def _clean(row: Region | User, where: str) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise FoundingRefused(f"{where}：{'；'.join(error.messages)}") from error
