"""Screens of the outbox, and the mailbox of a demonstration."""
