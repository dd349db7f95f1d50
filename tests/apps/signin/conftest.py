"""Somebody who has not signed in."""

import pytest
from django.test import Client


@pytest.fixture
def client() -> Client:
    return Client()
