"""What a placeholder such as {nummer} stands for in the words of a mail, and what a template is told to show placeholders."""

from collections.abc import Callable

from models import dutch
from models.mail.mail_templates import TEMPLATES


class _Said:
    said, sentence, mail, phone = "{contact}", "{contact}", "", ""


# placeholder -> its value in a mail, from what the mail may know
VALUES: dict[str, Callable[[dict], str]] = {
    "naam": lambda known: known["name"],
    "onderdeel": lambda known: known["process"],
    "nummer": lambda known: known["number"],
    "maand": lambda known: dutch.month_name(known["month"]),
    "jaar": lambda known: str(known["year"]),
    "ziekenhuis": lambda known: known["hospital"],
    "collega": lambda known: known["by"],
    "termijn": lambda known: known["term"],
    "vergadering": lambda known: known["meeting"],
    "nieuws": lambda known: known["news"],
    "wijziging": lambda known: known["moved"],
    "vragen": lambda known: dutch.plural(known["count"], "vraag", "vragen"),
    "meldingen": lambda known: dutch.plural(known["count"], "melding", "meldingen"),
    "account": lambda known: known["whose"],
    "leverancier": lambda known: known["supplier"],
    "sleutel": lambda known: known["hint"],
    "laatste dag": lambda known: known["last_day"],
    "begin": lambda known: known["since"],
    "einde": lambda known: known["restored"],
    "contact": lambda known: known["contact"].said,
}
# The delivered templates, told with every value as its placeholder.
AS_PLACEHOLDERS = {
    "name": "{naam}", "process": "{onderdeel}", "number": "{nummer}", "month": "{maand}", "year": "{jaar}",
    "hospital": "{ziekenhuis}", "by": "{collega}", "term": "{termijn}", "meeting": "{vergadering}", "moved": "{wijziging}",
    "news": "{nieuws}",
    "supplier": "{leverancier}", "hint": "{sleutel}", "last_day": "{laatste dag}", "since": "{begin}", "restored": "{einde}",
    "whose": "{account}", "count": 2, "contact": _Said(), "own": True, "more": 0, "days": 0, "weeks": 4, "last": False,
    **dict.fromkeys("last_day_en since_en restored_en portal portal_name link no_link yes_link valid_until".split(), ""),
    **dict.fromkeys("terms sentence at stands_in_for".split(), ""),
    **dict.fromkeys(("cases", "lines", "problems", "helpers"), ()),
    **dict.fromkeys(("fewer", "infected", "telephone", "last_melder", "reminder", "provisional", "of_committee"), False),
}  # fmt: skip
PLAIN = TEMPLATES.overlay()
PLAIN.filters = TEMPLATES.filters | {
    "month_name": str, "long_date": str, "date_and_time": str, "plural": lambda count, one, many: f"{{{many}}}",
}  # fmt: skip
