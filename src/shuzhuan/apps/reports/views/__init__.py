"""Pages of leaders, of the ledger, and what everybody may read."""
