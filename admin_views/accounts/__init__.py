"""Screens of accounts: hospitals, users, log-in, second factor, sessions."""
