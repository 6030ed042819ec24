"""Days for somebody's calendar as a file (iCalendar, RFC 5545), to go with a mail.

Every day here is a date without an hour: it is that date wherever the reader is, and no summer time moves it. So these lines
do it, and not the package icalendar (7.3.2 with dateutil: 3.4 MB on disk, 12 MB of memory and 0.3 s of processor time at each
start, for time zones and for reading, of which nothing is needed; it reads back what is made here). As Outlook wants it:
one day in each file, METHOD in it and at the attachment, an end on the next day, and marked as free. No name and nothing of a
case stands in it but its number.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models import clock
from models.dutch import listed, long_date
from settings import settings

# The mails that bring a day to keep; `daily` too, when one of these is in it. No day to keep: what is answered in the mail
# itself (the month), what is done at once or not at all (an invitation, a code, logging in to keep an account), a moment that
# comes by itself (a held change), and the term of LZA1, which a mail may not tell.
WITH_CALENDAR = frozenset(
    {
        "committee_named",
        "committee_reminder",
        "committee_term",
        "committee_withdrawn",
        "account_ending",
        "lnr_key_ending",
        "colleague_request",
    }
)
PUBLISH, CANCEL = "PUBLISH", "CANCEL"
FILE_NAMES = {PUBLISH: "agenda", CANCEL: "agenda-vervallen"}
LONGEST = 75  # bytes in one line
FIRST = datetime(2020, 1, 1)  # minutes since then number the versions: a later one replaces an earlier


@dataclass(frozen=True)
class CalendarDay:
    """One day. `about`: what it is of, the same when the day changes, so that a calendar moves it, or takes it out."""

    about: str
    day: date
    title: str
    link: str = ""
    cancelled: bool = False

    @property
    def uid(self) -> str:
        """Not what it is about itself: keys are addresses that nobody should guess."""
        return f"{hashlib.sha256(self.about.encode()).hexdigest()[:32]}@{settings.host}"

    @property
    def method(self) -> str:
        return CANCEL if self.cancelled else PUBLISH


@dataclass(frozen=True)
class CalendarFile:
    """A file with one day: Outlook opens one with more as a calendar beside the reader's own."""

    name: str
    day: CalendarDay

    def content(self, now: datetime) -> bytes:
        """The file as it is at `now`."""
        one = self.day
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Perined//meldportaal//NL",
            "CALSCALE:GREGORIAN",
            f"METHOD:{one.method}",
            "BEGIN:VEVENT",
            f"UID:{one.uid}",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"SEQUENCE:{(now - FIRST) // clock.MINUTE}",
            f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(one.title)}",
            *([f"DESCRIPTION:{_text(one.link)}"] if one.link else []),
            f"ORGANIZER:mailto:{settings.mail_from}",
            f"STATUS:{'CANCELLED' if one.cancelled else 'CONFIRMED'}",
            "TRANSP:TRANSPARENT",
            "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
            "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
        return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def calendar_files(days: Iterable[CalendarDay]) -> list[CalendarFile]:
    """A file for each of `days`, those to put in first, numbered where there are more. Of one thing the last day counts."""
    latest, files = {one.uid: one for one in days}.values(), []
    for method, name in FILE_NAMES.items():
        mine = [one for one in latest if one.method == method]
        files += [CalendarFile(f"{name}{f'-{at}' * (len(mine) > 1)}.ics", one) for at, one in enumerate(mine, 1)]
    return files


def note(days: Iterable[CalendarDay]) -> str:
    """What the mail says of its files; empty without. Not every calendar takes a day out by itself, so it is named."""
    files = calendar_files(days)
    new, gone = ([one for one in files if one.day.method == method] for method in FILE_NAMES)
    said = []
    if new:
        said.append(f"Open de {_attached(new)} om de {'datums' if len(new) > 1 else 'datum'} in uw agenda te zetten.")
    if gone:
        named = listed([f"‘{one.day.title}’ op {long_date(one.day.day)}" for one in gone], len(gone))
        some = ("Vervallen zijn", "ze") if len(gone) > 1 else ("Vervallen is", "die dag")
        said.append(f"{some[0]}: {named}. Open de {_attached(gone)} om {some[1]} uit uw agenda te halen.")
        said.append("Staat een vervallen dag daarna nog in uw agenda, haal die dag dan zelf weg.")
    return " ".join(said)


def _attached(files):
    return f"{'bijlagen' if len(files) > 1 else 'bijlage'} {listed([one.name for one in files], len(files))}"


def _text(raw):
    for mark in ("\\", ";", ","):
        raw = raw.replace(mark, f"\\{mark}")
    return " ".join(raw.split())


def _folded(line):
    """The line in pieces of at most 75 bytes; the next begins with a space. No letter is cut in two."""
    pieces, size = [""], 0
    for letter in line:
        size += len(letter.encode())
        if size > LONGEST:
            pieces.append(" ")
            size = 1 + len(letter.encode())
        pieces[-1] += letter
    return "\r\n".join(pieces)
