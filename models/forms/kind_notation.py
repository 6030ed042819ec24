"""How a kind of answer is written in the spreadsheet and on the screen, one line of text for each question.

keuze: thuis; ziekenhuis          meer: geen!; hypertensie; diabetes      (! : kan niet samen met een ander antwoord)
ja/nee                            getal (12-60)                           getal (2-15, 1 decimaal)
weken + dagen                     datum      tijd      datum + tijd       datum; of: niet ontslagen
tekst (300)                       lang (8000)                             auto: dagen(B5, B2)
lijst: tijd = tijd | pols = getal (0-300)
lijst: product = rij: erytrocyten; plasma | eenheden = getal (0-200)      (rij : deze regels staan er al)
"""

import re
from typing import Any

from models.forms.answer_kinds import Calculated, ChoiceAnswer, NumberAnswer, Several, Text, WeeksAnswer, YesNoAnswer
from models.forms.date_answers import Clock, DateTimeAnswer, Day
from models.forms.expression import ExpressionError
from models.forms.table_answers import TableAnswer

FORM = re.compile(r"(?P<word>[a-z/]+(?: \+ [a-z]+)?)\s*(?:\((?P<bounds>[^()]*)\))?\s*(?::\s*(?P<rest>.*))?", re.S)
RANGE = re.compile(r"(\d+(?:,\d+)?)-(\d+(?:,\d+)?)(?:, ([1-6]) decima(?:al|len))?")
PLAIN = {"ja/nee": YesNoAnswer(options=("ja", "nee")), "datum": Day(), "tijd": Clock(), "datum + tijd": DateTimeAnswer()}
SPLIT = {"keuze": ";", "meer": ";", "lijst": "|"}  # what stands between the parts of these kinds
# Each kind in plain words, and what a form asks besides.
KIND_LABELS = {
    "keuze": ("Eén antwoord uit een lijst", "De antwoorden, elk op een eigen regel."),
    "meer": ("Meer antwoorden uit een lijst", "De antwoorden, elk op een eigen regel. Een ! achter een antwoord, zoals geen!: "
             "kan niet samen met een ander."),
    "ja/nee": ("Ja of nee", ""),
    "getal": ("Getal", "De grenzen, met hoeveel cijfers achter de komma: 12-60 of 2-15, 1 decimaal."),
    "weken + dagen": ("Weken en dagen", "De grenzen in weken, bijvoorbeeld 0-45."),
    "datum": ("Datum", ""),
    "tijd": ("Tijd", ""),
    "datum + tijd": ("Datum en tijd", ""),
    "tekst": ("Korte tekst", "Het grootste aantal tekens; leeg is 300."),
    "lang": ("Lange tekst", "Het grootste aantal tekens; leeg is 2000."),
    "lijst": ("Lijst met regels", "De kolommen, elk op een eigen regel: naam = soort, zoals pols = getal (0-300)."),
    "auto": ("Wordt berekend", "De formule, bijvoorbeeld dagen(B5, B2)."),
}  # fmt: skip
LONGEST_TEXT = 20_000
MOST_COLUMNS = 12


def kind_from(text: str) -> Any:
    """(kind, other answers that it takes besides) as `text` says. Raises ExpressionError with a Dutch sentence."""
    text, _, others = text.strip().partition("; of: ")
    others = tuple(_parts(others, ",")) if others else ()  # type: ignore[assignment]
    found = FORM.fullmatch(text)
    if not found:
        raise ExpressionError(f"'{text[:60]}' is geen soort antwoord. Voorbeelden: ja/nee, datum, getal (1-25), keuze: a; b.")
    return _kind(found["word"], found["bounds"], (found["rest"] or "").strip()), others


def apart(text: str) -> tuple[str, str, str]:
    """(word, what fills it in, other answers) of a notation, for a form: one option a line, bounds without brackets."""
    main, _, others = text.strip().partition("; of: ")
    found = FORM.fullmatch(main)
    if not found:
        return "", main, others
    rest = (found["rest"] or "").strip()
    if found["word"] in SPLIT:
        rest = "\n".join(_parts(rest, SPLIT[found["word"]]))
    return found["word"], rest or found["bounds"] or "", others


def together(word: str, filling: str, others: str = "") -> str:
    """The notation of what a form says; the opposite of `apart`. What a kind has no use for is left out."""
    if word in SPLIT:
        text = f"{word}: " + f" {SPLIT[word]} ".replace(" ;", ";").join(_parts(filling, "\n"))
    elif word == "auto":
        text = f"auto: {' '.join(filling.split())}"
    else:
        text = word if word in PLAIN or not filling.strip() else f"{word} ({filling.strip()})"
    return f"{text}; of: {', '.join(_parts(others, ','))}" if others.strip() else text


def _kind(word: str, bounds: str | None, rest: str) -> Any:
    if word in PLAIN and bounds is None and not rest:
        return PLAIN[word]
    if word in ("keuze", "meer") and bounds is None:
        return _choice(word, rest)
    if word in ("getal", "weken + dagen") and not rest:
        return _number(word, bounds)
    if word in ("tekst", "lang") and not rest:
        return _text(word, bounds)
    if word == "lijst" and bounds is None:
        return _table(rest)
    if word == "auto" and bounds is None and rest:
        return Calculated(formula=rest)
    raise ExpressionError(f"'{word}' is geen soort antwoord, of is niet goed aangevuld. Voorbeelden: ja/nee, getal (1-25).")


def _choice(word: str, rest: str) -> ChoiceAnswer | Several:
    options = _parts(rest, ";")
    texts = tuple(option.removesuffix("!") for option in options)
    if len(texts) < 2:
        raise ExpressionError("Geef ten minste twee antwoorden om uit te kiezen, met een puntkomma ertussen.")
    for text in texts:
        if texts.count(text) > 1:
            raise ExpressionError(f"Het antwoord '{text}' staat er twee keer.")
        if len(text) > 150 or '"' in text:
            raise ExpressionError(f"Het antwoord '{text[:40]}' is te lang of bevat een aanhalingsteken.")
    if word == "keuze":
        return ChoiceAnswer(options=texts)
    return Several(options=texts, alone=tuple(option[:-1] for option in options if option.endswith("!")))


def _number(word: str, bounds: Any) -> NumberAnswer | WeeksAnswer:
    found = RANGE.fullmatch(bounds or "0-45" if word != "getal" else bounds or "0-999999")
    if not found:
        raise ExpressionError("Schrijf de grenzen als (12-60), of met decimalen als (2-15, 1 decimaal).")
    least, most = (float(text.replace(",", ".")) for text in found.groups()[:2])
    if least >= most:
        raise ExpressionError("De ondergrens moet kleiner zijn dan de bovengrens.")
    if word == "getal":
        return NumberAnswer(least=least, most=most, places=int(found[3] or 0))
    return WeeksAnswer(least=int(least), most=int(most))


def _text(word: str, bounds: str | None) -> Text:
    usual = {"tekst": 300, "lang": 2000}[word]
    if bounds is not None and not (bounds.isdecimal() and 1 <= int(bounds) <= LONGEST_TEXT):
        raise ExpressionError(f"Schrijf het aantal tekens als (500), hoogstens {LONGEST_TEXT}.")
    return Text(limit=int(bounds or usual), long=word == "lang")


def _table(rest: str) -> TableAnswer:
    columns, rows, lead = [], (), ""
    for place, column in enumerate(_parts(rest, "|")):
        name, equals, kind = (part.strip() for part in column.partition(" = "))
        if not equals or not name:
            raise ExpressionError(f"Schrijf kolom '{column[:40]}' als: naam = soort.")
        if name in [known for known, _ in columns] or name == lead:
            raise ExpressionError(f"De kolom '{name}' staat er twee keer.")
        if kind.startswith("rij:") and place == 0:
            lead, rows = name, tuple(_parts(kind.removeprefix("rij:"), ";"))  # type: ignore[assignment]
            continue
        made, others = kind_from(kind)
        if others or made.word in ("lijst", "auto", "meer"):
            raise ExpressionError(f"De kolom '{name}' kan geen {made.word} zijn.")
        columns.append((name, made))
    if not 1 <= len(columns) <= MOST_COLUMNS:
        raise ExpressionError(f"Een lijst heeft ten minste één kolom (naam = soort) en hoogstens {MOST_COLUMNS}.")
    return TableAnswer(columns=tuple(columns), rows=rows, lead=lead)


def _parts(text: str, sign: str) -> list[str]:
    return [part.strip() for part in text.split(sign) if part.strip()]
