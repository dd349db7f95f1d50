"""The main entries of the site, in one place for the header and the phone's bottom bar."""

from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it leads and what the person reads."""

    route: str
    label: str
    short: str
    icon: str
    # Pages under this address belong to the entry; the home page has only itself.
    exact: bool = False

    @property
    def url(self) -> str:
        return reverse(self.route)

    def holds(self, path: str) -> bool:
        """Tell whether the page at this address belongs to the entry."""
        return path == self.url if self.exact else path.startswith(self.url)


ENTRIES = (
    Entry("site:home", "首页", "首页", "home", exact=True),
    Entry("policies:library", "政策库", "政策库", "book-2"),
    Entry("policies:calculator", "算一算", "算一算", "calculator"),
    Entry("policies:batch", "批量测算", "批量", "table"),
)
