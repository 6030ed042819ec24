"""How statements reach the database."""
