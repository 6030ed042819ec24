"""The Landelijke Neonatale Registratie: what a message is, and what is wrong with one.

data/*.csv -> definition      the one definition of the dataset; condition: when an item is asked for
xsd, published                what is made from it: the schema, code lists, examples (`python app.py lnr-dataset`)
tree -> record                bytes as a tree with places; the tree as typed values by item identifier
rules/                        R-01 to R-57, each a line of data and a small function
derived/                      values computed from a stay, three-valued; derivation: the table `derived.csv`
context                       what a rule asks about other messages and stays; the delivery answers
check                         `check(raw, now, context) -> Verdict`: all of it, and it never raises
verdict                       Finding, Header, Verdict, and the report as JSON and XML
"""
