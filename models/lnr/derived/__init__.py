"""Values derived from a stay: clinical ones, and respiratory support."""
