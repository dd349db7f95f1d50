"""Pages of the archive. Views parse, call an action or a query, and render."""
