"""A form on the screen: its fields and its pages, for whatever asks questions."""
