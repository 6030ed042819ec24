"""The own figures in time, and a new baseline of them."""
