"""The day on which the tests of publicity happen."""

import pytest

from tests.apps.publicity.kit import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands at the Monday before National Day 2026."""
    return Clock(monkeypatch)
