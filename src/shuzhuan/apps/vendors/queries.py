"""Reading consents."""

from __future__ import annotations

from collections.abc import Iterable

from shuzhuan.apps.access.wall import opened
from shuzhuan.apps.accounts.models import Party
from shuzhuan.apps.vendors.forms import PARTS
from shuzhuan.apps.vendors.models import Consent


def parts_of(consent: Consent) -> list[tuple[str, str]]:
    """The parts of the archive that a consent names: key and short label."""
    return [(name, label.partition("：")[0]) for name, label in PARTS if getattr(consent, name)]


def vendor_names(consents: Iterable[Consent]) -> dict[int, str]:
    """Names of the vendors behind consents that the caller may see."""
    wanted = {consent.vendor_id for consent in consents}
    with opened("the name of a vendor that has asked"):
        return dict(Party.objects.filter(pk__in=wanted).values_list("pk", "name"))
