"""How the indicators are used in a year: what the management of the LNR sets, beside the definitions in the code."""
