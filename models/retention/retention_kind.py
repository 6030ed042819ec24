"""Every kind of data with a term: what for, on which ground, how long, and what happens then. Terms are days."""

from dataclasses import dataclass
from enum import StrEnum

RESEARCH = "Kwaliteitsregistratie en wetenschappelijk onderzoek (AVG art. 6 lid 1 e of f, art. 9 lid 2 i en j)"
SECURITY = "Beveiliging van de verwerking (AVG art. 32, NEN 7510)"
REGISTRY = "Wetenschappelijk en statistisch onderzoek (AVG art. 5 lid 1 b en e, art. 9 lid 2 j, art. 89)"
REQUESTS = "Verantwoording over verzoeken van betrokkenen (AVG art. 5 lid 2)"
ACCOUNT = "Uitvoering van de deelname door het ziekenhuis (AVG art. 6 lid 1 f)"
YEAR = 365


class RetentionKind(StrEnum):
    CLOSED_CASE = "closed_case"
    PATIENT_NUMBER = "patient_number"
    APPROVED_CASE = "approved_case"
    REMOVED_FILE = "removed_file"
    REPLACED_PDF = "replaced_pdf"
    UNFINISHED_UPLOAD = "unfinished_upload"
    ENDED_ACCOUNT = "ended_account"
    ACCOUNT_REVIEW = "account_review"
    SESSION = "session"
    LINK_VISIT = "link_visit"
    DEVICE = "device"
    MAIL_TEXT = "mail_text"
    DOSSIER_PACKAGE = "dossier_package"
    LNR_STAY = "lnr_stay"
    UPLOAD_LINK = "upload_link"
    LNR_REFUSED = "lnr_refused"
    LNR_UPLOAD = "lnr_upload"
    LNR_DRAFT = "lnr_draft"
    CALL_LOG = "call_log"
    HOSPITAL_NOTE = "hospital_note"
    MONTH_NOTE = "month_note"
    HELD_CHANGE = "held_change"
    ERASURE_REASON = "erasure_reason"
    LNR_ERASURE_REASON = "lnr_erasure_reason"
    STAY_HOLD = "stay_hold"
    TRAIL = "trail"


@dataclass(frozen=True)
class KindFacts:
    """What the table of terms says of one kind. `least` to `most`: between what a beheerder chooses, in days."""

    label: str
    counts_from: str
    happens: str
    purpose: str
    ground: str
    days: int
    least: int
    most: int

    @property
    def fixed(self) -> bool:
        return self.least == self.most


KINDS = {
    RetentionKind.CLOSED_CASE: KindFacts(
        "Afgesloten en ingetrokken meldingen", "het afsluiten of intrekken",
        "Patiëntnummer, bestanden, antwoorden, berichten en notities worden vernietigd. Nummer, thema en logboek blijven.",
        "Herstel van een vergissing", RESEARCH, 90, 30, 2 * YEAR,
    ),
    RetentionKind.PATIENT_NUMBER: KindFacts(
        "Patiëntnummer van goedgekeurde meldingen", "de goedkeuring",
        "Het patiëntnummer wordt gewist, maar niet zolang de commissie de casus behandelt. De melding blijft.",
        "Navraag in het dossier van het ziekenhuis", RESEARCH, 180, 30, 2 * YEAR,
    ),
    RetentionKind.APPROVED_CASE: KindFacts(
        "Goedgekeurde meldingen", "de goedkeuring", "De inhoud wordt vernietigd, als bij een afgesloten melding.",
        "Beoordeling, lessen en onderzoek", RESEARCH, 15 * YEAR, 5 * YEAR, 20 * YEAR,
    ),
    RetentionKind.REMOVED_FILE: KindFacts(
        "Verwijderde bestanden", "het verwijderen", "Het bestand en zijn naam worden vernietigd.",
        "Terugzetten na een vergissing", RESEARCH, 30, 30, 30,
    ),
    RetentionKind.REPLACED_PDF: KindFacts(
        "Vervangen vragenlijsten (PDF)", "het vervangen", "De oude PDF wordt vernietigd. De nieuwe blijft.",
        "Nagaan wat er eerder stond", RESEARCH, YEAR, 30, 5 * YEAR,
    ),
    RetentionKind.UNFINISHED_UPLOAD: KindFacts(
        "Onvolledige uploads", "het laatste deel dat binnenkwam", "Wat van het bestand binnen was, wordt vernietigd.",
        "Verdergaan na een verbroken verbinding", RESEARCH, 3, 1, 14,
    ),
    RetentionKind.ENDED_ACCOUNT: KindFacts(
        "Geheimen van beëindigde accounts", "het beëindigen, of een jaar na het schorsen",
        "Wachtwoord, tweede stap, telefoon en netwerkadressen worden gewist. Naam en e-mailadres blijven, voor het logboek.",
        "Terugkeer van dezelfde persoon", ACCOUNT, 30, 1, 2 * YEAR,
    ),
    RetentionKind.ACCOUNT_REVIEW: KindFacts(
        "Jaarlijkse controles van accounts", "het openen van de controle", "De controle wordt verwijderd, met wie wat zei.",
        "Aantonen dat de toegang is nagekeken", SECURITY, 5 * YEAR, 2 * YEAR, 10 * YEAR,
    ),
    RetentionKind.SESSION: KindFacts(
        "Sessies met netwerkadres en browser", "het laatste gebruik", "De regel wordt verwijderd.",
        "Misbruik herkennen", SECURITY, 90, 14, YEAR,
    ),
    RetentionKind.LINK_VISIT: KindFacts(
        "Geopende links uit mails, met netwerkadres en browser", "het openen", "De regel wordt verwijderd.",
        "Mailfilters van mensen onderscheiden", SECURITY, 90, 30, YEAR,
    ),
    RetentionKind.DEVICE: KindFacts(
        "Herkende apparaten", "het herkennen", "De regel wordt verwijderd. Het apparaat werd al niet meer herkend.",
        "Inloggen zonder hinder", SECURITY, 400, 400, 400,
    ),
    RetentionKind.MAIL_TEXT: KindFacts(
        "Tekst en adres van mails", "het schrijven", "Tekst, onderwerp en adres worden gewist. Dat er een mail was blijft.",
        "Nagaan wat iemand heeft gekregen", ACCOUNT, YEAR, 30, 5 * YEAR,
    ),
    RetentionKind.DOSSIER_PACKAGE: KindFacts(
        "Dossiers als PDF of ZIP", "het aanvragen", "Het bestand wordt vernietigd. De casus blijft.",
        "Lezen zonder verbinding", RESEARCH, 3, 1, 14,
    ),
    # Long, because what becomes of children is followed into adulthood; not for ever, as storage limitation asks.
    RetentionKind.LNR_STAY: KindFacts(
        "Opnamen in de LNR, met het bericht zoals het kwam", "het laatste bericht",
        "Alles over het kind wordt vernietigd. Nummer en kenmerk van de afzender blijven, en de cijfers van gesloten jaren. "
        "Eerder kan ook: het ziekenhuis trekt de opname in, of twee mensen wissen die op verzoek.",
        "Ontwikkelingen over tientallen jaren volgen", REGISTRY, 30 * YEAR, 15 * YEAR, 50 * YEAR,
    ),
    RetentionKind.UPLOAD_LINK: KindFacts(
        "Mailadressen van collega's die om een document zijn gevraagd", "het vragen",
        "Het adres en de zin erbij worden gewist. Het bestand en de regels van het logboek blijven.",
        "Navraag over een bestand", ACCOUNT, 180, 30, YEAR,
    ),
    RetentionKind.LNR_REFUSED: KindFacts(
        "Geweigerde LNR-berichten", "het weigeren", "Het oorspronkelijke bericht wordt vernietigd.",
        "Navraag bij de leverancier", RESEARCH, 30, 30, 30,
    ),
    RetentionKind.LNR_UPLOAD: KindFacts(
        "Bestanden met LNR-berichten", "het aanleveren", "Het bestand wordt vernietigd. Wat aangenomen is blijft.",
        "Navraag bij de leverancier", RESEARCH, 90, 90, 90,
    ),
    RetentionKind.LNR_DRAFT: KindFacts(
        "Half ingevulde LNR-formulieren", "de laatste wijziging", "Het formulier wordt vernietigd.",
        "Later verder invullen", RESEARCH, 90, 90, 90,
    ),
    RetentionKind.CALL_LOG: KindFacts(
        "Vastgelegde gesprekken met ziekenhuizen", "het gesprek",
        "Het gesprek wordt verwijderd. Waarover nog moet worden teruggebeld, blijft zolang.",
        "Opvolging van de maandelijkse uitvraag", ACCOUNT, 2 * YEAR, 180, 5 * YEAR,
    ),
    RetentionKind.HOSPITAL_NOTE: KindFacts(
        "Opmerkingen over ziekenhuizen", "het schrijven of wijzigen", "De opmerking wordt verwijderd.",
        "Opvolging van de maandelijkse uitvraag", ACCOUNT, 3 * YEAR, YEAR, 5 * YEAR,
    ),
    RetentionKind.MONTH_NOTE: KindFacts(
        "Met wie over een maand is gesproken", "het antwoord", "De naam wordt gewist. Het antwoord over de maand blijft.",
        "Navraag over een telefonische nul-melding", ACCOUNT, 2 * YEAR, 180, 5 * YEAR,
    ),
    RetentionKind.HELD_CHANGE: KindFacts(
        "Redenen en adressen van wijzigingen van accounts", "het besluit",
        "Reden en e-mailadres worden gewist. Wie wat vroeg en besliste, blijft.",
        "Nagaan waarom toegang werd gegeven", SECURITY, 2 * YEAR, YEAR, 5 * YEAR,
    ),
    RetentionKind.ERASURE_REASON: KindFacts(
        "Redenen van verzoeken om te wissen", "het besluit", "De reden wordt gewist. Dat er een verzoek was, blijft.",
        "Navraag over een verzoek, ook als het is afgewezen", REQUESTS, 2 * YEAR, 180, 5 * YEAR,
    ),
    RetentionKind.LNR_ERASURE_REASON: KindFacts(
        "Redenen van verzoeken om een opname van de LNR te wissen", "het besluit",
        "De reden wordt gewist. Dat er een verzoek was, blijft.",
        "Navraag over een verzoek, ook als het is afgewezen", REQUESTS, 2 * YEAR, 180, 5 * YEAR,
    ),
    RetentionKind.STAY_HOLD: KindFacts(
        "Redenen van opgeheven bewaarplicht in de LNR", "het opheffen", "De reden wordt gewist. Dat er een was, blijft.",
        "Navraag over waarom iets langer bleef", REQUESTS, 2 * YEAR, 180, 5 * YEAR,
    ),
    # Not shorter than a case is kept, so that its hospital can always see who looked into it.
    RetentionKind.TRAIL: KindFacts(
        "Regels van het logboek", "de gebeurtenis",
        "De oudste regels worden vernietigd. Het controlegetal van de laatste blijft, zodat de rest controleerbaar blijft.",
        "Verantwoorden wie wat heeft ingezien en gedaan", SECURITY, 15 * YEAR, 5 * YEAR, 20 * YEAR,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Lasting:
    """What has no term: until when it is kept, and what can be done before that."""

    label: str
    until: str
    instead: str
    purpose: str
    ground: str


WITHOUT_TERM = (
    Lasting(
        "Nummer en kenmerk van een LNR-opname die ingetrokken of gewist is", "het einde van de registratie",
        "Wat naar het kind kan leiden is dan al weg.", "Dezelfde opname komt niet ongemerkt terug", REGISTRY,
    ),
    Lasting(
        "Nummer, thema, maand en statussen van een vernietigde melding", "het einde van de registratie",
        "Wat naar de vrouw kan leiden is dan al weg.", "Jaarcijfers blijven kloppen", RESEARCH,
    ),
    Lasting(
        "Naam en e-mailadres van beëindigde accounts", "het wissen op verzoek", "Twee beheerders wissen ze op verzoek.",
        "Het logboek blijft leesbaar", SECURITY,
    ),
    Lasting(
        "Bevindingen bij de maandelijkse controle van het logboek", "het einde van de registratie",
        "Schrijf er geen namen of patiëntgegevens in: een handtekening wordt nooit gewijzigd.",
        "Aantonen dat het logboek is nagelezen", SECURITY,
    ),
    Lasting(
        "Ankers van het logboek", "het einde van de registratie", "Er staat niets over een persoon in.",
        "Het begin van het logboek blijft controleerbaar", SECURITY,
    ),
)  # fmt: skip
KIND_LABELS = {kind: facts.label for kind, facts in KINDS.items()}
