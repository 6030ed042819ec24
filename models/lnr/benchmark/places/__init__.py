"""Where a stay stands in each indicator: a small function each, in the file of its subject."""
