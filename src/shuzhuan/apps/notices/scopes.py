"""Who works on notices: the office that speaks. What the public reads is in ``queries.py``."""

from django.db.models import Q

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import NOTHING, scoped
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.notices.models import Notice


@scoped(Notice)
def notices(actor: Actor) -> Q:
    """Those of the own office: nobody drafts, publishes or withdraws in another one's name."""
    if actor.role not in OFFICERS or actor.region_id is None:
        return NOTHING
    return Q(place_id=actor.region_id)
