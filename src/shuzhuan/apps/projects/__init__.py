"""One project from filing to closing; `perform` is the only writer of its state."""
