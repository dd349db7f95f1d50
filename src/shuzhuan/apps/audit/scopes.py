"""What may be read of the log: the audit administrator's region and everything below it."""

from django.db.models import Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.models import Chain, Entry


def _chains(actor: Actor, prefix: str) -> Q:
    if actor.role != Role.AUDIT_ADMIN:
        return NOTHING
    below = Q(**{f"{prefix}place_id__in": actor.place_ids})
    # What belongs to no place (sign-ins of strangers, set-up) is read at the top of the tree.
    at_the_top = actor.region_path.count("/") == 1
    return below | Q(**{f"{prefix}place__isnull": True}) if at_the_top else below


@scoped(Chain)
def chains(actor: Actor) -> Q:
    return _chains(actor, "")


@scoped(Entry)
def entries(actor: Actor) -> Q:
    return _chains(actor, "chain__")
