"""Filings are numbered in one series of their place, whoever files and whatever they may see."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.site.rehearsal.drive import Drive, Firm
from tests.apps.projects.conftest import CASE, firm
from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db


def test_a_second_firm_gets_the_next_number(drive: Drive, mill: Firm, cast: Cast) -> None:
    """Through the pages: behind PostgreSQL's wall a firm's connection sees its own filings only."""
    foundry = firm(cast, "park_foundry")
    drive.archive(foundry, "装备制造")
    numbers = []
    for key, each in (("pengyang_mill", mill), ("park_foundry", foundry)):
        project = drive.fill(each, CASE)
        client = client_of(cast.person(Role.ENTERPRISE_CERTIFIER, key))
        answer = client.post(
            reverse("projects:act", args=[project.pk, "file"]), {"key": str(uuid4())}
        )
        assert answer.status_code == 302
        project.refresh_from_db()
        numbers.append(project.number)
    assert [number.rpartition("-")[2] for number in numbers] == ["001", "002"]
