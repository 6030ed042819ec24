"""What a committee did in a year, and how far its assessors agreed."""
