"""Reading for leaders: everything is counted from what happened, nothing is typed in."""
