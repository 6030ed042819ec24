"""Versions of questionnaires: their definition as rows, checked, edited, compared."""
