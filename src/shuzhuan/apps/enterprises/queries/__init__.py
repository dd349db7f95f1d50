"""Scoped reads of the archive."""
