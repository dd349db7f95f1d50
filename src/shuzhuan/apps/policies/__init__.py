"""政策库、算一算、批量测算: the public pages of the policy engine."""
