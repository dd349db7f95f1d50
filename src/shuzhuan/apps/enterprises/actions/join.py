"""Take an invitation up."""

from django.db import transaction

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.models import User
from shuzhuan.apps.audit.actions import record


@transaction.atomic
def take_up_invitation(user: User, password: str) -> None:
    """Set the first pass-word of an invited person."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record("take_up_invitation", Actor(user_id=user.pk, name=str(user)), user)
