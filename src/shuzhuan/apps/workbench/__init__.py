"""The officer's working place: lists, figures, imports, the pilot list."""
