"""Readers of one format each, inside the sandbox."""
