"""Who may see what of inbox."""
