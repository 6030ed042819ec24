"""Upload links: a colleague without an account sends one requested document."""
