"""Who may see what of inbox."""

from django.db.models import Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox.models import MailAddress, Message, Outgoing


def _own(actor: Actor) -> Q:
    return NOTHING if actor.user_id is None else Q(user_id=actor.user_id)


@scoped(Message)
def messages(actor: Actor) -> Q:
    """One's own, whatever role one acts in: a message belongs to exactly one person."""
    return _own(actor)


@scoped(MailAddress)
def addresses(actor: Actor) -> Q:
    """One's own; nobody reads another person's address."""
    return _own(actor)


@scoped(Outgoing)
def outbox(actor: Actor) -> Q:
    """The system administrator keeps the outbox of everybody in the region running."""
    if actor.role != Role.SYSTEM_ADMIN:
        return NOTHING
    people = Membership.objects.filter(region_id__in=actor.place_ids).values("user_id")
    return Q(user_id__in=people)
