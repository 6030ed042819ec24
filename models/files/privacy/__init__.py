"""Privacy findings in files: what may tell who somebody is, what was decided about it, and taking it out."""
