"""Models of expected deaths, and the SMR on the page of an indicator."""
