"""Benchmarks: the same eleven clauses on several engines, checked equal to the fen."""
