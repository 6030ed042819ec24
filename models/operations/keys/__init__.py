"""Keys: made once, known to the database by their fingerprints, rotated while the portal serves."""
