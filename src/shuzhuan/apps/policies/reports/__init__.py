"""Printed documents of the policy pages."""
