"""Probabilities of counts, charts in time, and expected deaths: pure functions of numbers, as limits.py."""
