"""How quickly cases are judged, and how long each lay with whom."""
