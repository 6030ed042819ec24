"""Screens of questionnaires: filling in, versions, editing, trying out."""
