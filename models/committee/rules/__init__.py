"""What a committee holds to: the settings that its coordinator keeps, and who is present at a meeting."""
