"""What the coordinator writes down about a hospital."""
