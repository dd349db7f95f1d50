"""The places whose packs ship with the program: 试点地区一览.

The portal needs a dozen words per place, long before anybody computes. So only the head of each
pack is read, once per process; whether the pack is right is the business of the engine.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

import shuzhuan

PACKS = Path(shuzhuan.__file__).resolve().parent / "packs"
LEVELS = {"province": "省", "city": "市", "county": "县（区）", "park": "园区"}


@dataclass(frozen=True, slots=True)
class Place:
    """One place with the document that its pack puts into rules."""

    key: str
    name: str
    level: str
    code: str
    title: str
    issuer: str
    status: str
    number: str
    valid_to: date | None

    def state_on(self, day: date) -> str:
        """Return the document's state, or 已过期 once its last day has passed."""
        if self.valid_to is not None and day > self.valid_to:
            return "已过期"
        return self.status


def _place(head: dict[str, Any]) -> Place:
    place, document = head["place"], head["document"]
    return Place(
        key=head["id"],
        name=place["name"],
        level=LEVELS.get(place["level"], place["level"]),
        code=str(place["code"]),
        title=document["title"],
        issuer=document["issuer"],
        status=document["status"],
        number=document.get("number") or "",
        valid_to=document.get("valid_to"),
    )


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """Return the places in the order of their administrative codes."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    heads = [
        yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (a safe loader)
        for path in sorted(PACKS.glob("*/pack.yaml"))
    ]
    return tuple(sorted((_place(head) for head in heads if "place" in head), key=lambda p: p.code))
