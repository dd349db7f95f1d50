"""What the administrators change; one verb each."""
