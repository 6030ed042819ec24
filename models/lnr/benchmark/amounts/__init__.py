"""Indicators of days: how long, or how often in so many days, where the others are of a proportion."""
