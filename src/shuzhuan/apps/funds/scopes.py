"""Who may see what of funds."""
