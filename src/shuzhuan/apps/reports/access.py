"""Who may use these pages."""

from shuzhuan.apps.access.table import Row

ROWS: tuple[Row, ...] = ()
