"""The screens, and the menu from top to bottom."""


def register(admin):
    """Add every screen to `admin`, in the order of the menu."""
