"""Models of pilots."""
