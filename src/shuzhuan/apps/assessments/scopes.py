"""Who may see what of assessments."""
