"""Who may give which role where."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import Party, PartyKind
from shuzhuan.apps.accounts.roles import ADMINISTRATORS, ENTERPRISE, GOVERNMENT, PARTIES, Role
from shuzhuan.apps.regions.models import Level, Region

# Roles that the security administrator gives; parties invite their own people.
OFFICES = ADMINISTRATORS | GOVERNMENT | {Role.EXPERT}
_LEVELS = {
    Role.PROVINCE_OFFICER: {Level.PROVINCE},
    Role.CITY_OFFICER: {Level.CITY},
    Role.COUNTY_OFFICER: {Level.COUNTY, Level.PARK},
}
_STAFF = {
    PartyKind.ENTERPRISE: ENTERPRISE,
    PartyKind.VENDOR: frozenset({Role.VENDOR_STAFF}),
    PartyKind.AGENCY: frozenset({Role.AGENCY_STAFF}),
}
_INVITERS = frozenset({Role.ENTERPRISE_CERTIFIER, Role.VENDOR_STAFF, Role.AGENCY_STAFF})


def require_may_grant(actor: Actor, role: Role, region: Region, party: Party | None) -> None:
    """Raise PermissionDenied unless the actor may give this role here; closed unless opened.

    Raises ValidationError where the role does not fit the place.
    """
    if actor.role == Role.SECURITY_ADMIN:
        allowed = role in OFFICES and party is None and region.pk in actor.place_ids
    elif actor.role in _INVITERS and role in PARTIES and party is not None:
        own = actor.party_id is not None and party.pk == actor.party_id
        allowed = own and role in _STAFF[PartyKind(party.kind)] and region.pk == party.place_id
    else:
        allowed = False
    if not allowed:
        raise PermissionDenied
    levels = _LEVELS.get(role)
    if levels is not None and Level(region.level) not in levels:
        raise ValidationError({"region": f"“{role.label}”与“{region.name}”的层级不符。"})
