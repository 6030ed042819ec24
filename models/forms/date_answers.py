"""Answers that are a day, a time, or both. Pure."""

import re
from datetime import date, datetime, time
from typing import Any

from models.base import Refused
from models.forms.answer_kinds import TIME, AnswerKind, first
from models.forms.expression import DATE, MOMENT
from models.typed_text import tidy

DAY_FORMS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", re.A),
    re.compile(r"(?P<d>\d{1,2})[-/](?P<m>\d{1,2})[-/](?P<y>\d{4})", re.A),
)
CLOCK_FORM = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?", re.A)


class Day(AnswerKind):
    """A date, kept as '2026-03-05'."""

    kind = DATE
    word = "datum"

    def read(self, raw: Any) -> Any:
        return _day(text) if (text := tidy(raw, 30)) else None

    def fields(self, kept: str) -> dict:
        # Typed as text: what a browser's own date field shows depends on the language of the browser.
        return {"": [Day.shown(self, kept)]}

    def value(self, kept: Any) -> Any:
        return date.fromisoformat(kept)

    def shown(self, kept: str) -> str:
        day = date.fromisoformat(kept)
        return f"{day.day}-{day.month}-{day.year}"


class Clock(AnswerKind):
    """A time of the day, kept as '14:20'."""

    kind = TIME
    word = "tijd"

    def read(self, raw: Any) -> Any:
        return _clock(text) if (text := tidy(raw, 30)) else None


class DateTimeAnswer(AnswerKind):
    """A date and a time, kept as '2026-03-05T14:20', by the clock on the wall."""

    kind = MOMENT
    word = "datum + tijd"

    def fields(self, kept: str) -> dict:
        day, _, clock = kept.partition("T")
        return {"dag": [Day().shown(day)], "tijd": [clock]}

    def joined(self, parts: Any) -> str:
        day, clock = first(parts, "dag"), first(parts, "tijd")
        if clock and not day:
            raise Refused("Vul ook de datum in.")
        return f"{day} {clock}".strip()

    def read(self, raw: Any) -> Any:
        if not (text := tidy(raw, 40)):
            return None
        day, _, clock = text.replace("T", " ").partition(" ")
        if not clock.strip():
            raise Refused("Vul ook de tijd in, bijvoorbeeld 14:20. Een schatting is goed.")
        return f"{_day(day)}T{_clock(clock.strip())}"

    def value(self, kept: Any) -> Any:
        return datetime.fromisoformat(kept)

    def shown(self, kept: str) -> str:
        moment = datetime.fromisoformat(kept)
        return f"{moment.day}-{moment.month}-{moment.year}, {moment:%H:%M}"


def _day(text: str) -> str:
    for form in DAY_FORMS:
        if found := form.fullmatch(text):
            try:
                day = date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                raise Refused("Deze datum bestaat niet.") from None
            if not 1900 <= day.year <= 2099:
                raise Refused("Controleer het jaar van deze datum.")
            return day.isoformat()
    raise Refused("Vul een datum in, bijvoorbeeld 5-3-2026.")


def _clock(text: str) -> str:
    found = CLOCK_FORM.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise Refused("Vul een tijd in, bijvoorbeeld 14:20.")
    return f"{time(int(found[1]), int(found[2])):%H:%M}"
