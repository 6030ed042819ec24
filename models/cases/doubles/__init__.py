"""Doubles: what tells that reports of two hospitals are about one woman."""
