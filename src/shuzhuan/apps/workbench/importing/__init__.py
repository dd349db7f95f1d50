"""摸底 lists in: read, check, compare, write."""
