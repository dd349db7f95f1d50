"""Who may see what of pilots."""
