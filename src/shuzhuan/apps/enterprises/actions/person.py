"""The person behind an action; what nobody signed for is not done."""

from django.core.exceptions import PermissionDenied

from shuzhuan.apps.access.actor import Actor


def user_of(actor: Actor) -> int:
    """Id of the acting person. Raises PermissionDenied for the public."""
    if actor.user_id is None:
        raise PermissionDenied
    return actor.user_id
