"""Suppliers of record systems: keys, qualification, scenarios."""
