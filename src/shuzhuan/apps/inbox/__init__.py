"""Messages to people in the application and by mail, sent through an outbox."""
