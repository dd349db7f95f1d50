"""The three administrators at work: places by one, people by another; the log is the third's."""
