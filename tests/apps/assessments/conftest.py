"""The mill of 彭阳 with its archive, and the people who assess it."""

from __future__ import annotations

import pytest

from shuzhuan.apps.access.actor import Actor, actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.enterprises.models import Enterprise
from tests.apps.assessments.onsite import archive
from tests.cast import Cast


@pytest.fixture
def mill(cast: Cast) -> Enterprise:
    return archive(cast)


@pytest.fixture
def filler(cast: Cast) -> Actor:
    return actor_of(cast.person(Role.ENTERPRISE_FILLER, "pengyang_mill"))


@pytest.fixture
def certifier(cast: Cast) -> Actor:
    return actor_of(cast.person(Role.ENTERPRISE_CERTIFIER, "pengyang_mill"))
