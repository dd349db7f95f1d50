"""Pages of the working place."""
