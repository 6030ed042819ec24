"""Search: the index of words, and what a person finds with it."""
