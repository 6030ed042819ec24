"""Screens of the files of a case."""
