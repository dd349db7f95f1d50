"""First floor: one Django app per noun of the field."""
