"""Screens about the people of a hospital."""
