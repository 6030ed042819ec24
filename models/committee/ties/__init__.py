"""Ties of members to cases: what keeps somebody from reading a case, and what ends when a tie is found later."""
