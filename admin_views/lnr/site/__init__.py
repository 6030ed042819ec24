"""The supplier's site."""
