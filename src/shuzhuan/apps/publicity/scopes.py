"""Who may see what of publicity."""
