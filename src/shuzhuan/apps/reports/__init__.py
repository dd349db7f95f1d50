"""Pages for leaders, and lists that can be sent as they are."""
