"""Long work: stopping between two items, and telling how far it is."""
