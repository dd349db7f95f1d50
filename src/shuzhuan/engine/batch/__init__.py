"""Tables of enterprises in, tables of decisions out: 批量测算. No Django."""

from __future__ import annotations

from .errors import BatchError
from .run import Report, run
from .tables import read_table
from .template import template

__all__ = ["BatchError", "Report", "read_table", "run", "template"]
