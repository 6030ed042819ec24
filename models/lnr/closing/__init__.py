"""Closing a registry year (data lock), and what it would fix."""
