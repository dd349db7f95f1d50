"""A pilot of a place and its batches; the process is frozen when a batch opens."""
