"""The demonstration: a fictitious registry with a history, told by the same verbs that people use."""

from dataclasses import dataclass

PASSWORD = "Welkom-bij-de-demo"


@dataclass(frozen=True)
class Account:
    """Somebody one can be in the demonstration: a role in words, and what there is to try."""

    email: str
    label: str
    hint: str
    password: str = PASSWORD


def accounts():
    """One account for each role, in the order in which a newcomer would try them."""
    return [
        Account("melder@example.com", "NethOSS-melder", "beantwoord de mail van deze maand, meld een casus"),
        Account("invoerder@example.com", "NethOSS-invoerder", "vul een melding van een collega aan en dien haar in"),
        Account("coordinator@example.com", "NethOSS-coördinator", "beoordeel meldingen, bekijk wie er antwoordde"),
        Account("lza1-melder@example.com", "LZA1-melder", "meld een late zwangerschapsafbreking"),
        Account("lza1-coordinator@example.com", "LZA1-coördinator", "beoordeel LZA1-meldingen"),
        Account("commissielid@example.com", "Commissielid NethOSS", "lees goedgekeurde casus"),
        Account("beheerder@example.com", "Beheerder", "beheer ziekenhuizen, accounts, thema's en de uitgaande post"),
    ]
