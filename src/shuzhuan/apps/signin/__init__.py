"""The door: signing in and out, the second factor, sessions, one's own account."""
