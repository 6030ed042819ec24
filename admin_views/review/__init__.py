"""Screens of coordinator and committee."""
