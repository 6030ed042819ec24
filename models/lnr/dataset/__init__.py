"""The dataset of the LNR: items, code lists, rules' data, the schema made of them."""
