"""Pages of the evidence store. Views parse, call an action or a query, and render."""
