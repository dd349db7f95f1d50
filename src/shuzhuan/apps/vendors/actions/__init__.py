"""What can be done about consent."""
