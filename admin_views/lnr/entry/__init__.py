"""The entry form of a stay."""
