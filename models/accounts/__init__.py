"""Hospitals and people: accounts, roles, second factor, sessions, known devices, rate limits."""
