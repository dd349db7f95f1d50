"""Reading consents."""

from __future__ import annotations

from shuzhuan.apps.vendors.forms import PARTS
from shuzhuan.apps.vendors.models import Consent


def parts_of(consent: Consent) -> list[tuple[str, str]]:
    """The parts of the archive that a consent names: key and short label."""
    return [(name, label.partition("：")[0]) for name, label in PARTS if getattr(consent, name)]
