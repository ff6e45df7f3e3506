"""Interactions of two medicines: the tables, the index of pairs, conditional levels, alternatives, alerts."""
