"""Taking the ledger out."""
