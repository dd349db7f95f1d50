"""数转灯塔: policies that compute, a pilot run end to end, every fen accounted for."""

__version__ = "0.1.0"
