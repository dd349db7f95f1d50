"""Messages, addresses and waiting mail of people in every tenant."""

from __future__ import annotations

from django.utils import timezone

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox.models import MailAddress, Message, Outgoing
from tests.access.world import Thing, World, builder
from tests.cast import canary

PEOPLE = (
    (Role.COUNTY_OFFICER, "pengyang"),
    (Role.COUNTY_OFFICER, "huian"),
    (Role.ENTERPRISE_FILLER, "pengyang_mill"),
    (Role.ENTERPRISE_FILLER, "huian_stone"),
    (Role.VENDOR_STAFF, "vendor_guyuan"),
    (Role.SYSTEM_ADMIN, "ningxia"),
)


@builder
def inbox(world: World) -> None:
    """Somebody is told something, has an address and gets a mail that fails."""
    for role, key in PEOPLE:
        member = world.cast.person(role, key)
        place = member.region
        word = canary(member.party or place)
        message = Message.objects.create(
            user=member.user, membership=member, party=member.party, place=place,
            key="world:1", level="todo", title=f"请办理{word}", body=word, url="/inbox/",
        )  # fmt: skip
        address = MailAddress.objects.create(
            user=member.user, address=f"{word}@example.cn", confirmed_at=timezone.now()
        )
        mail = Outgoing.objects.create(
            user=member.user, key="world:1", state="failed", last_error="连接邮件服务器超时"
        )
        for row in (message, address):
            world.add(Thing(row, place, member.party, audience="recipient", user_id=member.user_id))
        world.add(Thing(mail, place, member.party, audience=f"role:{Role.SYSTEM_ADMIN}"))
