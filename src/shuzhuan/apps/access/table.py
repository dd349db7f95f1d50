"""The access table: every route, the methods it knows, and who may use it.

Each app lists its own rows in ``access.py``; ``shuzhuan.site.access`` puts them together. A
route that is not listed answers nobody, and a test fails until it is listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.accounts.roles import Role

READ = ("GET", "HEAD")
READ_WRITE = ("GET", "HEAD", "POST")
WRITE = ("POST",)


@dataclass(frozen=True, slots=True)
class Row:
    """One route. ``public`` admits everybody; otherwise ``roles`` may use it.

    ``model`` and ``lookup`` name what the address points at, so that the matrix test can build
    addresses of own and foreign records: lookup is the keyword of the address.
    """

    route: str
    methods: tuple[str, ...]
    roles: frozenset[Role] = frozenset()
    public: bool = False
    model: str = ""
    lookup: str = ""
    write_roles: frozenset[Role] | None = None
    signed_in: bool = field(default=False)

    def admits(self, actor: Actor, method: str) -> bool:
        """Tell whether the actor may use the route by this method."""
        if self.public:
            return True
        if actor.role is None:
            return False
        if method not in READ and self.write_roles is not None:
            return actor.role in self.write_roles
        return self.signed_in or actor.role in self.roles


def assemble(parts: Iterable[Iterable[Row]]) -> Mapping[str, Row]:
    """All rows by route. Raises ValueError for a route listed twice."""
    table: dict[str, Row] = {}
    for rows in parts:
        for row in rows:
            if row.route in table:
                raise ValueError(f"route {row.route} is listed twice")
            table[row.route] = row
    return table
