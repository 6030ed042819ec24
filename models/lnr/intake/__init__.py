"""How messages come in: by machine, upload, form, and the dry run."""
