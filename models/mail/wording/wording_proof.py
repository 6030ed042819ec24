"""Trying out a mail text: what it looks like with made-up facts, on the screen and as a mail to oneself."""

from datetime import datetime
from typing import Any

from models import access, clock
from models.accounts.contact_point import ContactPoint
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.mail.calendar.calendar_file import WITH_CALENDAR, CalendarDay, note
from models.mail.mail_status import MAIL_LABELS
from models.mail.mail_templates import TEMPLATES
from models.mail.outbox import Mail
from models.mail.wording.mail_wording import (
    FIXED_SUBJECT,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    PROOF,
    MailWords,
    can_change,
    problems,
)
from models.typed_text import one_line, tidy
from settings import settings


def sample(now: datetime | None = None) -> dict[str, Any]:
    """Made-up facts, as many as any mail asks for; its links lead to the front page of the portal."""
    now, portal = now or clock.now(), settings.portal_url
    case = {
        "process": "NethOSS",
        "number": "N-00015",
        "status": "Onvolledig",
        "since": now,
        "weeks": 4,
        "returned": True,
        "last": False,
        "late": 1,
        "late_days": "1 november 2026",
        "later": 0,
        "later_days": "",
        "link": portal,
    }
    return {
        "portal": portal,
        "portal_name": access.portal_name(()),
        "name": "Anna de Vries",
        "process": "NethOSS",
        "number": "N-00015",
        "month": clock.previous_month(clock.today(now)),
        "year": clock.today(now).year - 1,
        "hospital": "Ziekenhuis Oost",
        "by": "Jan Smit",
        "term": "8 december 2026",
        "meeting": "15 december 2026",
        "moved": "vergadering en inleverdag",
        "count": 2,
        "supplier": "EPD BV",
        "hint": "lnr_ab",
        "last_day": "1 januari 2027",
        "last_day_en": "2027-01-01",
        "since": "1 december 2026, 01:00",
        "since_en": "2026-12-01 01:00",
        "restored": "1 december 2026, 09:00",
        "restored_en": "2026-12-01 09:00",
        "contact": ContactPoint.of(),
        "link": portal,
        "no_link": portal,
        "yes_link": portal,
        "valid_until": now,
        "cases": [case],
        "terms": "4, 8 en 12",
        "lines": [{"number": "N-00015", "term": "8 december 2026"}],
        "problems": ["een voorbeeld van een regel"],
        "more": 0,
        "fewer": False,
        "infected": False,
        "telephone": False,
        "provisional": False,
        "stands_in_for": "",
        "whose": "Uw account",
        "own": True,
        "last_melder": False,
        "helpers": ["Jan Smit"],
        "reminder": False,
        "of_committee": False,
        "weeks": 4,
        "last": False,
        "news": "het ziekenhuis heeft een vraag beantwoord",
        "sentence": "Een voorbeeld van een regel.",
        "days": 7,
        "at": now,
    }


def shown(name: str, subject: str, text: str) -> tuple[str, str]:
    """(subject, HTML) of this mail with made-up facts, as it would be with this text."""
    known = sample() | _calendar(name)
    known |= MailWords(subject, text).filled(name, known)
    html = TEMPLATES.get_template("rewritten.html").render(known)
    fixed = TEMPLATES.get_template(f"{name}/subject.txt") if name in FIXED_SUBJECT else None
    return (fixed.render(known).strip() if fixed else known["rewritten_subject"]), html


def _calendar(name, now=None):
    """A day for the calendar like those that a mail of this kind brings; each time the same one."""
    if name not in WITH_CALENDAR:
        return {}
    about, cancelled = f"wording_test:{name}", name == "committee_withdrawn"
    days = [CalendarDay(about, clock.today(now), f"Voorbeeld: {MAIL_LABELS[name]}", settings.portal_url, cancelled)]
    return {"calendar_days": days, "calendar_note": note(days)}


def send(by: User, name: str, subject: str, text: str, now: datetime | None = None) -> None:
    """Mail this text to `by`, with made-up facts. Raises Refused for a text that cannot be, and twice in one minute."""
    access.demand(by, "curate")
    if name not in can_change():
        raise Refused("De tekst van deze mail ligt vast.")
    subject, text = one_line(subject, LONGEST_SUBJECT, "Het onderwerp"), tidy(text, LONGEST_TEXT, "De tekst")
    for problem in problems(name, subject, text).values():
        raise Refused(problem)
    now = now or clock.now()
    with db.atomic():
        once = f"wording_test:{by.id}:{now:%Y%m%d%H%M}"
        if Mail.queue(PROOF, by, once=once, now=now, of=name, words=[subject, text]) is None:
            raise Refused("U hebt net al een proefmail gevraagd. Over een minuut kan het opnieuw.")
        AuditEvent.log("mail.try", by=by, subject=f"Mailtekst: {MAIL_LABELS[name]}", at=now)


def _proof(mail):
    name = mail.facts["of"]
    known = sample(mail.leaves_at) | {"name": mail.user.name} | _calendar(name, mail.leaves_at)
    known |= MailWords(*mail.facts["words"]).filled(name, known)
    return known | {"proof_of": MAIL_LABELS[name], "rewritten_subject": shown(name, *mail.facts["words"])[0]}


CONTEXTS = {PROOF: _proof}
