"""Models of publicity."""
