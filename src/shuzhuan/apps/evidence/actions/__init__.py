"""The only writers of the evidence store."""
