"""Scoped reads of the working place."""
