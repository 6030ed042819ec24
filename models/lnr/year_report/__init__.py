"""The year report of the LNR: of a closed year, for each NICU and for the country."""
