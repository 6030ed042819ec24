"""Extracts for research."""
