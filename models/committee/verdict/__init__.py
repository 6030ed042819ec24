"""What a committee of verdicts makes of its consensus: a draft for the letter that its coordinator places."""
