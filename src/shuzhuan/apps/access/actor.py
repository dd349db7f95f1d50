"""Who is asking: one person in one role, or the public.

A person with several memberships acts in one of them at a time; what may be seen and done
follows from that one alone, so rights never add up by accident.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.regions.queries import ids_below


@dataclass(frozen=True)
class Actor:
    """The person asking. The public has no user and no role."""

    user_id: int | None = None
    name: str = "公众"
    role: Role | None = None
    membership_id: int | None = None
    region_id: int | None = None
    region_path: str = ""
    party_id: int | None = None

    @property
    def is_public(self) -> bool:
        return self.role is None

    @cached_property
    def place_ids(self) -> tuple[int, ...]:
        """Ids of the actor's region and of all below; none for whoever acts for a party."""
        if self.region_id is None or self.party_id is not None:
            return ()
        return ids_below(self.region_path)


PUBLIC = Actor()


def actor_of(membership: Membership) -> Actor:
    """The actor behind a membership (with user and region loaded)."""
    return Actor(
        user_id=membership.user_id,
        name=str(membership.user),
        role=Role(membership.role),
        membership_id=membership.pk,
        region_id=membership.region_id,
        region_path=membership.region.path,
        party_id=membership.party_id,
    )
