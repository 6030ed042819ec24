"""Screens of a case: overview, new case, completing and submitting it, themes."""
