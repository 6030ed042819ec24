"""Approval by a second person (four-eyes principle) of what opens cases."""
