"""The chapters of the supplier's site, in order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """One page: its last part of the address, its title and a sentence about it, in both languages."""

    name: str
    nl: str
    en: str
    about_nl: str
    about_en: str


PAGES = (
    Chapter(
        "aanleveren",
        "Aanleveren",
        "Delivering",
        "Wat u stuurt, wanneer en hoe, en wat u terugkrijgt.",
        "What you send, when and how, and what comes back.",
    ),
    Chapter(
        "gegevens",
        "Gegevens",
        "Items",
        "Elk gegeven van een bericht, met soort, grenzen en voorwaarde.",
        "Every item of a message, with its kind, limits and condition.",
    ),
    Chapter(
        "codelijsten",
        "Codelijsten",
        "Code lists",
        "De toegestane codes; code en codeSystem beslissen, displayName niet.",
        "The allowed codes; code and codeSystem decide, displayName does not.",
    ),
    Chapter(
        "regels",
        "Regels",
        "Rules",
        "Waarop elk bericht wordt gecontroleerd, en wat u leest als iets niet klopt.",
        "What every message is checked against, and what you read when something is wrong.",
    ),
    Chapter(
        "berekend",
        "Berekende waarden",
        "Computed values",
        "Wat de registratie zelf uit een bericht afleidt: voor wie, op welk moment en wanneer het onbekend is.",
        "What the registry derives from a message: for whom, at which moment, and when it is unknown.",
    ),
    Chapter(
        "voorbeelden",
        "Voorbeelden",
        "Examples",
        "Berichten met verzonnen kinderen, goed en fout, met het verslag dat erbij hoort.",
        "Messages about fictitious children, right and wrong, with the report that belongs to each.",
    ),
    Chapter(
        "controle",
        "Bericht controleren",
        "Check a message",
        "Plak een testbericht en lees het verslag. Er wordt niets bewaard.",
        "Paste a test message and read the report. Nothing is kept.",
    ),
    Chapter(
        "kwalificatie",
        "Kwalificatie",
        "Qualification",
        "De scenario's die uw software doorloopt voordat die echt mag aanleveren.",
        "The scenarios that your software goes through before it may deliver for real.",
    ),
    Chapter(
        "fhir",
        "FHIR",
        "FHIR",
        "Waar elk gegeven in HL7 FHIR zou staan: een voorstel om u op voor te bereiden.",
        "Where each item would stand in HL7 FHIR: a proposal to prepare for.",
    ),
    Chapter(
        "jaarverslagen",
        "Openbare jaarverslagen",
        "Public annual reports",
        "Het jaarverslag van alle NICU’s samen, per opnamejaar.",
        "The annual report of all NICUs together, by year of admission. In Dutch.",
    ),
    Chapter(
        "wijzigingen",
        "Wijzigingen en bestanden",
        "Changes and files",
        "Wat er per versie veranderde, en alles om te downloaden.",
        "What changed in each version, and everything to download.",
    ),
)
CHAPTERS = {page.name: page for page in PAGES}
