"""Models of inbox."""
