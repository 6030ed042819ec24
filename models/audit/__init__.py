"""The audit log (NEN 7513): who did, saw or was refused what, and when."""
