"""What reports of any registry are made of, and how they become a document."""
