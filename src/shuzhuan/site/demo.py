"""The door of the demonstration: anybody comes in as any of its invented people, by one click.

Open only where the data directory was filled by `shuzhuan setup --demo`; everywhere else these
addresses do not exist. Only people of the demonstration can be chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from shuzhuan.apps.access.actor import actor_of
from shuzhuan.apps.access.session import SESSION_SECOND_FACTOR
from shuzhuan.apps.accounts.invented import PREFIX
from shuzhuan.apps.accounts.models import Membership, User
from shuzhuan.apps.audit.actions import record
from shuzhuan.apps.signin.entering import enter, person_actor
from shuzhuan.site.context import own_page


@dataclass(frozen=True, slots=True)
class Persona:
    """One invented person: what waits for them in the half-way pilot."""

    key: str
    title: str
    text: str


GROUPS: tuple[tuple[str, tuple[Persona, ...]], ...] = (
    (
        "企业",
        (
            Persona("firm12", "准备申报的企业", "档案和诊断都齐了，第二批正在受理，可以开始申报"),
            Persona("firm6", "正在改造的企业", "登记合同、发票和付款，准备申请验收"),
            Persona("firm7", "限期整改的企业", "验收没有通过，看看原因和剩下的天数"),
            Persona("firm1", "已经拿到补助的企业", "从申报到兑付的全过程，每一步有据可查"),
        ),
    ),
    (
        "服务机构",
        (
            Persona("vendor", "服务商", "入企诊断，编一企一策方案"),
            Persona("agency", "评测和审核机构", "现场评测定级，逐笔核定投入"),
        ),
    ),
    (
        "主管部门和财政",
        (
            Persona("county", "县级经办甲", "形式审查、异议核查、初审，一屏看全县项目"),
            Persona("second", "县级经办乙", "复核甲核定的金额，自己办的不能自己批"),
            Persona("city", "市级经办", "审核县里报来的项目"),
            Persona("finance", "财政经办", "预算、锁定、兑付，每一分钱的去向"),
            Persona("leader", "县领导", "在手机上看进度、资金和卡在谁那里"),
        ),
    ),
    (
        "管理员",
        (
            Persona("security", "安全管理员", "人员、身份和会话；看不到业务数据"),
            Persona("audit", "审计管理员", "防篡改的审计日志和签名检查点"),
            Persona("system", "系统管理员", "区域和邮件"),
        ),
    ),
)
_KEYS = frozenset(persona.key for _, group in GROUPS for persona in group)


def _open() -> None:
    if not settings.DEMO:
        raise Http404


@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """Show who there is: 演示入口."""
    _open()
    return render(request, "site/demo.html", {"groups": GROUPS})


@require_POST
def come_in(request: HttpRequest, key: str) -> HttpResponse:
    """Begin a session as one of the invented people."""
    _open()
    if key not in _KEYS:
        raise Http404
    member = Membership.objects.filter(
        user__login_name=f"{PREFIX}{key}", user__is_active=True, is_active=True
    )
    found = member.select_related("user", "region").first()
    if found is None:
        raise Http404
    with transaction.atomic():
        record("demo.enter", person_actor(found.user), found, place_id=found.region_id)
    enter(request, found.user)
    request.session[SESSION_SECOND_FACTOR] = True
    return redirect(own_page(actor_of(found)))


def require_invented() -> None:
    """Refuse to serve a demonstration that real people have been let into."""
    if settings.DEMO and User.objects.exclude(login_name__startswith=PREFIX).exists():
        raise ImproperlyConfigured(
            "这个数据目录是演示用的，里面却有演示以外的账号。演示环境谁都能进，不能放真实数据；"
            "请换一个数据目录（SHUZHUAN_DATA）正式使用。"
        )
