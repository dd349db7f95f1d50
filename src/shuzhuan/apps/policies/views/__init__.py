"""Views of the public policy pages, one file per page family."""
