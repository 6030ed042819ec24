"""Screens for retention."""
