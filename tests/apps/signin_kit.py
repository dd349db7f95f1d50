"""What the tests of the door share."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection
from django.test import Client

from shuzhuan.apps.accounts.models import Membership
from shuzhuan.apps.signin import totp
from shuzhuan.apps.signin.models import SecondFactor
from tests.cast import PASSWORD

FILLER = "enterprise_filler.pengyang_mill"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(client: Client, name: str, password: str = PASSWORD, **more: Any) -> Any:
    """Type name and pass-word at the door."""
    return client.post("/sign-in/", {"login_name": name, "password": password, **more})


def whoami(client: Client) -> int:
    """The status of the page that only somebody signed in may open."""
    return client.get("/account/").status_code


def bound(person: Membership) -> str:
    """Bind an authenticator to the person and return its secret."""
    SecondFactor.objects.create(user=person.user, secret=SECRET, last_step=0)
    return SECRET


def code(secret: str = SECRET, steps: int = 0) -> str:
    """The code that the authenticator shows now, or some steps away."""
    return totp.code_at(secret, int(time.time()) + steps * totp.STEP_SECONDS)


def budget(queries: int) -> int:
    """A query budget; PostgreSQL is told before and after a request what it may reach."""
    return queries + (2 if connection.vendor == "postgresql" else 0)
