"""Keeping an installation: schema, backup, integrity, keys, clocks."""
