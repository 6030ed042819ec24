"""`/lnr/v1/`: the delivery API."""
