"""How fast, and at what size: `make bench`. Prints tables; judges nothing."""
