"""Roof: settings, routes, command line and the shell of the pages."""
