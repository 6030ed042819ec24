"""The word index, and what a person finds with it."""
