"""Who may see what of projects."""
