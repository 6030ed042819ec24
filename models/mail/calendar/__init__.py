"""Days that a mail brings for the calendar of who reads it."""
