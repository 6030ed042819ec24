"""The people of a hospital and how long they stay: nominated, ended, reviewed once a year, suspended when nobody comes."""
