"""Standard phrases: words that people read outside mails, and that a coordinator changes as the text of a mail: reasons, and
what a message or letter begins and ends with. What was written with earlier words keeps those.

A new one is a line here; whoever needs it asks `phrases` of mail_wording.py.
"""

from dataclasses import dataclass

LONGEST_PHRASE = 300  # letters
SPLITS, LONGEST_REASON = ";", 40


@dataclass(frozen=True)
class StandardPhrase:
    """What it is called on the screen, the delivered words, and where they stand."""

    label: str
    text: str
    place: str
    listed: bool = False  # a list to choose from: its words are separated by SPLITS
    taken: tuple[str, ...] = ()  # what the portal itself says there, in small letters: no list holds it


_MESSAGE = "Het bericht dat zichzelf schrijft als u aanvinkt wat ontbreekt."
_REASON = "De keuze bij ‘Melding afsluiten’; het ziekenhuis leest de reden. Wat al is afgesloten, houdt zijn tekst."
_LIST = "Zet een puntkomma tussen de redenen. Wat al is gekozen, houdt zijn tekst."
_LETTER = "De lessenbrief van de commissie. Brieven die al zijn vrijgegeven houden hun tekst."
STANDARD_PHRASES = {
    "closed_double": StandardPhrase("Reden van afsluiten: dubbel", "Dubbel: deze casus is al gemeld", _REASON),
    "closed_outside": StandardPhrase("Reden van afsluiten: buiten de definitie", "Valt buiten de definitie", _REASON),
    "absent_reasons": StandardPhrase(
        "Redenen: document niet beschikbaar",
        "niet verricht; verslag is niet gemaakt; is bij een ander ziekenhuis; niet meer te vinden",
        f"De keuze van het ziekenhuis bij ‘Geen bestand?’, naast eigen woorden. {_LIST}",
        listed=True,
    ),
    "return_reasons": StandardPhrase(
        "Redenen: casus teruggeven",
        "geen tijd; andere deskundigheid nodig",
        "De keuze van een beoordelaar bij ‘Casus teruggeven’, naast eigen woorden. Een band met de casus staat er altijd bij, "
        f"want dan gaat de casus meteen dicht. {_LIST}",
        listed=True,
        taken=("band", "band met de casus", "band gevonden", "ander thema", "teruggenomen door de coördinator"),
    ),
    "missing_opening": StandardPhrase("Onvolledig: begin van het bericht", "De volgende documenten ontbreken nog:", _MESSAGE),
    "missing_questions": StandardPhrase(
        "Onvolledig: als uw vragen nog open zijn", "uw antwoord op onze vragen bij de vragenlijst en de bestanden", _MESSAGE
    ),
    "missing_closing": StandardPhrase(
        "Onvolledig: slot van het bericht",
        "Wilt u deze nog toevoegen en de melding daarna opnieuw indienen? Veel dank!",
        _MESSAGE,
    ),
    "letter_greeting": StandardPhrase("Lessenbrief: aanhef", "Geachte melder,", _LETTER),
    "letter_thanks": StandardPhrase(
        "Lessenbrief: dank",
        "Dank dat u deze casus hebt gemeld. Zonder uw melding had de commissie dit niet kunnen leren.",
        _LETTER,
    ),
}
