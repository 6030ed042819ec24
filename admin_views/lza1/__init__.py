"""Screens of what only LZA1 has."""
