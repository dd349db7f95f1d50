"""The ledger: appropriated, reserved, paid, returned; append-only and never over budget."""
