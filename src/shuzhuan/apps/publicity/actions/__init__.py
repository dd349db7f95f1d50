"""The only writers of publicities and objections; one verb each."""
