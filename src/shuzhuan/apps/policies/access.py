"""Access rows of the public policy pages: everybody may read, nobody is asked who they are."""

from shuzhuan.apps.access.table import READ_WRITE, Row
from shuzhuan.apps.policies.urls import urlpatterns

ROWS = tuple(Row(f"policies:{pattern.name}", READ_WRITE, public=True) for pattern in urlpatterns)
