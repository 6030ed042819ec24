"""Questionnaires as rows: their definition, their answers, and the document that a complete one becomes."""
