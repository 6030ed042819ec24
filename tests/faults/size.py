"""How large a fault is tried: short in every run of the tests, at the size of the design in the campaign (`make faults`)."""

import os

CAMPAIGN = os.environ.get("FAULTS") == "campaign"


def sized(short, full):
    """`full` in the campaign, `short` everywhere else."""
    return full if CAMPAIGN else short
