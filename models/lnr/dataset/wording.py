"""The definition in words, in two languages: of what kind an item is, how often it comes, when it is asked for."""

from typing import Any

from models.lnr.dataset.definition import NULLS, Definition

NL, EN = "nl", "en"
TONGUES = (NL, EN)

KINDS = {
    "janee": ("ja of nee: true, false of UNK", "yes or no: true, false or UNK"),
    "geheel": ("geheel getal", "whole number"),
    "getal": ("getal", "number"),
    "code": ("code uit een lijst", "code from a list"),
    "moment": ("datum, liefst met tijd", "date, preferably with time"),
    "datum": ("datum", "date"),
    "nummer": ("nummer met OID", "identifier with OID"),
    "postcode": ("postcode; alleen de cijfers worden bewaard", "postcode; only its digits are kept"),
    "tekst": ("tekst", "text"),
    "naam": ("wordt niet bewaard", "is not kept"),
    "verwijzing": ("verwijzing naar het id van een probleem", "reference to the id of a problem"),
    "keuze": ("één van", "one of"),
}
# What the registry computes and conditions look at.
DERIVED = {
    "discharged_alive": ("levend ontslagen", "discharged alive"),
    "day_28_follows": ("dag 28 na overplaatsing", "day 28 after transfer out"),
    "week_36_follows": ("36 weken na overplaatsing", "36 weeks after transfer out"),
    "lived_days_in_stay": ("dagen in leven in deze opname", "days alive in this stay"),
    "rop_at_risk": ("jonger dan 32 weken of lichter dan 1500 g", "below 32 weeks or below 1500 g"),
}
YES_NO = {"true": ("ja", "yes"), "false": ("nee", "no")}
# Words of meaning of a code, as far as conditions use them.
MEANINGS = {
    "sepsis": ("sepsis", "sepsis"),
    "meningitis": ("meningitis", "meningitis"),
    "congenital": ("een congenitale infectie", "a congenital infection"),
}
SIGNS = {
    "=": ("is", "is"), "!=": ("is niet", "is not"), "<": ("is minder dan", "is below"), ">=": ("is ten minste", "is at least"),
    "is": ("is", "is"),
}  # fmt: skip
IF = ("als {}", "if {}")
GIVEN = ("{} is ingevuld", "{} is given")
OR = (" of ", " or ")
MANDATORY = ("altijd, met een waarde", "always, with a value")
ALWAYS = ("altijd; onbekend mag als reden", "always; unknown may be given as a reason")
KNOWN = ("als het bekend is", "when it is known")
TIMES = ("hoogstens {} keer", "at most {} times")
EVERY = ("zo vaak als nodig", "as often as needed")


def _in(pair: tuple[str, str], tongue: str) -> Any:
    return pair[tongue == EN]


def kind(item: Any, tongue: Any) -> str:
    """Of what kind the value is: 'getal, 300 tot en met 15000 g'."""
    said = [_in(KINDS[item.type], tongue)]
    if item.type == "keuze":
        return f"{said[0]} {', '.join(item.lists)}"
    if limits := span(item.low, item.high, tongue):
        said.append(limits)
    unit = f" {item.unit}" if item.unit else ""
    letters = ("tekens", "characters")
    return ", ".join(said) + (f" {_in(letters, tongue)}" if item.type == "tekst" and item.high else unit)


def span(low: Any, high: Any, tongue: str) -> str:
    """'1 tot en met 9', 'ten minste 0', or '' without limits."""
    lowest, highest = (None if one is None else _number(one, tongue) for one in (low, high))
    if lowest is None and highest is None:
        return ""
    if highest is None:
        return f"{_in(('ten minste', 'at least'), tongue)} {lowest}"
    if lowest is None:
        return f"{_in(('hoogstens', 'at most'), tongue)} {highest}"
    return f"{lowest} {_in(('tot en met', 'to'), tongue)} {highest}"


def unusual(item: Any, tongue: Any) -> str:
    """Outside what limits a value is a warning; '' when it has none."""
    return span(item.usual_low, item.usual_high, tongue)


def often(item: Any, tongue: str) -> str:
    """How often its element may stand; '' for once at most."""
    above = item.row_group
    most = item.max if item.repeats else above.max if above else 1
    if most == 1:
        return ""
    return _in(EVERY, tongue) if most is None else _in(TIMES, tongue).format(most)


def asked(item: Any, definition: Definition, tongue: str) -> Any:
    """When the item is asked for: always, on a condition, or when it is known."""
    if item.conformance == "M" or (item.is_attribute and item.min) or (item.required and not item.nullable):
        return _in(MANDATORY, tongue)
    only = condition(item.condition, definition, tongue) if item.condition else None
    if item.required:
        return _in(ALWAYS, tongue) + (f"; {only}" if only else "")
    return only or _in(KNOWN, tongue)


def condition(one: Any, definition: Any, tongue: Any) -> str:
    """A condition as words: 'als ‘Meerling?’ is ja'."""
    item = definition.items.get(one.item)
    name = f"‘{item_name(item, tongue)}’" if item else _in(DERIVED[one.item], tongue)
    if one.sign is None:
        return _in(IF, tongue).format(_in(GIVEN, tongue).format(name))
    if item is None and one.wish == "true":
        return _in(IF, tongue).format(name)
    return _in(IF, tongue).format(f"{name} {_in(SIGNS[one.sign], tongue)} {_wish(one, item, definition, tongue)}")


def item_name(item: Any, tongue: str) -> Any:
    """The name of an item as a sentence holds it."""
    return getattr(item, tongue).rstrip("?")


def _wish(one: Any, item: Any, definition: Any, tongue: Any) -> str:
    if one.sign == "is":
        return _in(OR, tongue).join(_in(MEANINGS[word], tongue) for word in one.wish.split("|"))
    if one.wish in YES_NO:
        return _in(YES_NO[one.wish], tongue)
    if item is not None and item.type == "code":
        return next((f"‘{getattr(code, tongue)}’" for code in definition.choices(item) if code.code == one.wish), one.wish)
    return f"{one.wish} {item.unit}".strip() if item is not None else one.wish


def _number(value: Any, tongue: Any) -> str:
    text = f"{value:.10g}"
    return text.replace(".", ",") if tongue == NL else text


NULL_WORDS = {
    "NI": ("geen informatie", "no information"),
    "UNK": ("onbekend", "unknown"),
    "ASKU": ("gevraagd, maar onbekend", "asked, but unknown"),
    "MSK": ("afgeschermd", "masked"),
    "NA": ("niet van toepassing", "not applicable"),
}


def nulls(tongue: str) -> list:
    """[(null flavour, what it means)] of the reasons that may stand instead of a value."""
    return [(one, _in(NULL_WORDS[one], tongue)) for one in NULLS]
