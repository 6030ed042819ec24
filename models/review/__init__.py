"""Reviewing cases: the work list, one case on one page, follow-up of silent hospitals."""
