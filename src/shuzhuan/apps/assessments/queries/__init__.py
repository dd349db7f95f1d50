"""What pages and reports read."""
