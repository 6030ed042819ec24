"""The committee of the demonstration."""
