"""Scoped reads of the evidence store."""
