"""Screens of the monthly request: the links of its mail, and the month grid."""
