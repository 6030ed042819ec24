"""Values that the registry computes itself, in one place."""


def derive(stay, now, context):
    """Derived values of a stay by name."""
    return dict.fromkeys(("lived_days_in_stay", "rop_at_risk", "discharged_alive"))
