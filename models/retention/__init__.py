"""Retention: how long each kind of data is kept, what the night destroys, and what is kept of a person (AVG)."""
