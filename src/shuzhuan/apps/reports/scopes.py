"""Who may see what of reports."""
