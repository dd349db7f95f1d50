"""The session engine: Django's database sessions that know whose they are."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from shuzhuan.apps.access.session import SESSION_SEEN, SESSION_STARTED
from shuzhuan.apps.signin.models import ADDRESS_CHARS_MAX, AGENT_CHARS_MAX, Session

SESSION_ADDRESS = "address"
SESSION_AGENT = "agent"


def handle_of(session_key: str | None) -> str:
    """The name of a session on pages; the key cannot be found from it."""
    return hashlib.sha256(f"session:{session_key}".encode()).hexdigest()


class SessionStore(DatabaseStore):
    """Writes owner, address and times beside the sealed data."""

    def __init__(self, session_key: str | None = None) -> None:
        # A cookie may hold what no database takes; a key is made of letters and digits.
        sound = session_key is not None and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if sound else None)

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of this session, complete: every save writes every column."""
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        owner = data.get(SESSION_KEY)
        row.user_id = int(owner) if owner else None
        row.handle = handle_of(row.session_key)
        row.address = str(data.get(SESSION_ADDRESS, ""))[:ADDRESS_CHARS_MAX]
        row.agent = str(data.get(SESSION_AGENT, ""))[:AGENT_CHARS_MAX]
        row.started_at = _moment(data.get(SESSION_STARTED))
        row.seen_at = _moment(data.get(SESSION_SEEN))
        return row


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=UTC) if isinstance(seconds, int) else None
