"""The dossier of a case as one file: what goes in, how it is made, and the row that a person asked for."""
