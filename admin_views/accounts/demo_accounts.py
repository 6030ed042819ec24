"""The demonstration: a fictitious registry with a history, told by the same verbs that people use."""

from dataclasses import dataclass

from models.access import Process, Role

PASSWORD = "Welkom-bij-de-demo"
# With which anybody delivers to the demonstration for UMC Noorderdiep, as the README shows.
LNR_KEY = "lnr_demonstratie-van-umc-noorderdiep"


@dataclass(frozen=True)
class Account:
    """Somebody one can be in the demonstration: a role in words, and what there is to try."""

    email: str
    role: Role
    label: str
    hint: str
    committee: Process | None = None
    password: str = PASSWORD


def accounts():
    """One account for each role, in the order in which a newcomer would try them."""
    return [
        Account("melder@example.com", Role.MELDER, "NethOSS-melder", "beantwoord de mail van deze maand, meld een casus"),
        Account("invoerder@example.com", Role.INVOERDER, "NethOSS-invoerder", "vul een melding aan en dien die in"),
        Account("coordinator@example.com", Role.COORDINATOR, "NethOSS-coördinator", "beoordeel, en bekijk wie er antwoordde"),
        Account("lza1-melder@example.com", Role.LZA1_MELDER, "LZA1-melder", "meld een late zwangerschapsafbreking"),
        Account("lza1-coordinator@example.com", Role.LZA1_COORDINATOR, "LZA1-coördinator", "beoordeel LZA1-meldingen"),
        Account(
            "commissielid@example.com", Role.COMMISSIELID, "Commissielid", "beoordeel de casussen die u kreeg", Process.NETHOSS
        ),
        Account(
            "lnr-contact@example.com", Role.LNR_CONTACT, "LNR-contactpersoon", "bekijk wat uw ziekenhuis aan de LNR leverde"
        ),
        Account("lnr-beheer@example.com", Role.LNR_BEHEER, "LNR-beheer", "laat leveranciers toe en maak hun sleutels"),
        Account("beheerder@example.com", Role.BEHEERDER, "Beheerder", "beheer ziekenhuizen, accounts, thema's en de post"),
    ]
