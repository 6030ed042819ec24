"""A stay typed in by hand."""
