"""Why a whole file cannot be used."""

from __future__ import annotations


class BatchError(ValueError):
    """The file cannot be read or written at all; Chinese message that says what to do."""
