"""What may become of a mail, and what each mail is called."""

from enum import StrEnum


class MailStatus(StrEnum):
    WACHT = "wacht"
    DAGMAIL = "dagmail"
    BEZIG = "bezig"
    VERZONDEN = "verzonden"
    ONZEKER = "onzeker"
    MISLUKT = "mislukt"
    VERVALLEN = "vervallen"


MAIL_STATUS_LABELS = {
    MailStatus.WACHT: "Wacht",
    MailStatus.DAGMAIL: "Wacht op de dagmail",
    MailStatus.BEZIG: "Wordt verzonden",
    MailStatus.VERZONDEN: "Verzonden",
    MailStatus.ONZEKER: "Onzeker of hij aankwam",
    MailStatus.MISLUKT: "Mislukt",
    MailStatus.VERVALLEN: "Niet meer nodig",
}

MAIL_LABELS = {
    "monthly_request": "Maandelijkse uitvraag",
    "monthly_reminder": "Herinnering aan de uitvraag",
    "zero_receipt": "Ontvangstbewijs nul-melding",
    "births_request": "Vraag naar geboorten",
    "case_incomplete": "Bericht bij een melding",
    "case_approved": "Melding goedgekeurd",
    "case_reopened": "Melding heropend",
    "case_closed": "Melding afgesloten",
    "case_theme": "Thema van een melding gewijzigd",
    "case_part": "Uitnodiging voor een deel van een casus",
    "part_withdrawn": "Deel van een casus ingetrokken",
    "case_assigned": "Melding aan u toegewezen",
    "case_question": "Vraag bij een melding",
    "question_answered": "Antwoord op een vraag",
    "colleague_request": "Vraag aan een collega om een document",
    "colleague_code": "Code voor een uploadlink",
    "colleague_upload": "Bestand ontvangen van een collega",
    "case_submitted": "Melding ingediend door een collega",
    "file_blocked": "Bestand kan niet worden geopend",
    "file_undecided": "Nog beslissen over een bestand",
    "reminder": "Herinnering openstaande meldingen",
    "question_reminder": "Herinnering aan open vragen",
    "lza1_term": "Termijn van een LZA1-melding",
    "committee_question": "Vraag van de commissie",
    "committee_verdict": "Oordeel van de commissie",
    "committee_letter": "Lessenbrief van de commissie",
    "case_use": "Bericht van gebruik",
    "committee_named": "Genoemd als beoordelaar",
    "committee_term": "Andere datum voor een beoordeling",
    "committee_withdrawn": "Beoordeling vervalt",
    "committee_news": "Nieuws bij een casus die u beoordeelt",
    "committee_reminder": "Herinnering aan beoordelaars",
    "stay_erasure": "Verzoek om een LNR-opname te wissen",
    "lnr_tested": "LNR-leverancier is klaar om toe te laten",
    "lnr_admitted": "LNR-leverancier toegelaten",
    "daily": "Dagmail",
    "alarm": "Iets is beschadigd",
    "unusual_access": "Opvallend gebruik",
    "held_change": "Wijziging van een account",
    "reach_change": "Wijziging van wie meldingen leest",
    "lnr_key_ending": "LNR-sleutel verloopt",
    "lnr_restored": "Opnieuw aanleveren aan de LNR",
    "account_ending": "Account loopt af",
    "account_unused": "Account lang niet gebruikt",
    "account_review": "Jaarlijkse controle van accounts",
    "cases_offered": "Open meldingen van een collega",
    "wording_test": "Proef van een mailtekst",
    "invitation": "Uitnodiging",
    "account": "Accountbericht",
}
