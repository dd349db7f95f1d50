"""Publicity periods in working days, and objections heard before anything moves on."""
