"""What an officer changes from the working place, one verb each."""
