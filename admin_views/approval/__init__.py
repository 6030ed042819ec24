"""Screens for approval by a second person."""
