"""What the registry counts with: the chain of a child over hospitals, and one row of facts for each stay."""
