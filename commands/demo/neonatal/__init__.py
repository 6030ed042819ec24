"""Ten NICUs of the demonstration, and the newborns that they deliver to the LNR."""
