"""Queues that an officer keeps under a name. They are stored above, by the working place, which
registers here how to read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shuzhuan.apps.access.actor import Actor


@dataclass(frozen=True)
class View:
    """``query``: what stands in the address. ``drop_url``: empty for a colleague's."""

    name: str
    query: str
    drop_url: str = ""


@dataclass(frozen=True)
class Shelf:
    """The views of one actor, and where a form keeps another one."""

    views: tuple[View, ...]
    save_url: str


Reader = Callable[[Actor], Shelf | None]
_READERS: list[Reader] = []


def kept_by(reader: Reader) -> Reader:
    """Register who stores the views; None for an actor who keeps none."""
    _READERS.append(reader)
    return reader


def shelf_of(actor: Actor) -> Shelf | None:
    """The actor's views, or None."""
    return next((shelf for read in _READERS if (shelf := read(actor)) is not None), None)
