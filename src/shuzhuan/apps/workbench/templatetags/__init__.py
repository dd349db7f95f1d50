"""Template filters of the working place."""
