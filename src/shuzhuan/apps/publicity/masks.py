"""How a contact is shown to the office until it asks for the whole with a reason."""

from shuzhuan.apps.access.crypto import mask_phone


def mask_contact(text: str) -> str:
    """138****1234 for a phone, z***@example.cn for mail."""
    name, at, host = text.partition("@")
    return f"{name[:1]}***@{host}" if at else mask_phone(text)
