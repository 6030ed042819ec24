"""Health of an installation: what is tried before it starts, and what is told while it runs."""
