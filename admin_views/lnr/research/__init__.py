"""Extracts for research: asking, approving, fetching."""
