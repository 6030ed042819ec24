"""Births request: once a year the clock asks the melders of each hospital how many children were born there the year before."""

from datetime import datetime, timedelta

from models import access, clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.annual_report.births import Births
from models.audit.audit_event import AuditEvent
from models.base import db
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from settings import settings

CATCH_UP = timedelta(days=60)  # after an outage, a first start or a pause, this late is still in time


def ask_due(now: datetime) -> int:
    """Ask where nobody stated last year's births, each melder once; returns how many. Not while a hospital is paused."""
    year, due = _asked_last(now)
    if year is None or now >= due + CATCH_UP:
        return 0
    asked = Mail.select(Mail.user).where(Mail.name == "births_request", Mail.created_at >= due)
    there = Hospital.select(Hospital.id).where(Hospital.active, Hospital.id.not_in(_stated(year)))
    melders = User.with_role(Role.MELDER).where(User.hospital.in_(there), User.id.not_in(asked)).order_by(User.id)  # type: ignore[attr-defined]
    paused, left = SendingHold.paused(clock.today(now)), {}
    for person in melders:
        if person.hospital_id not in paused:
            left.setdefault(person.hospital_id, []).append(person)
    return sum(_ask(Hospital.get_by_id(hospital), people, year, now) for hospital, people in left.items())


def _ask(hospital, people, year, now):
    with db.atomic():
        hospital.hold()  # who states the births meanwhile holds it too
        if _stated(year).where(Births.hospital == hospital).exists():
            return 0
        sent = [Mail.queue("births_request", one, once=f"births:{year}:{one.id}", now=now, year=year) for one in people]
        if count := sum(mail is not None for mail in sent):
            AuditEvent.log("births.ask", hospital=hospital, subject=f"Geboorten {year}", process="nethoss", at=now)
    return count


def _stated(year):
    return Births.select(Births.hospital).where(Births.year == year, Births.hospital.is_null(False))


def year_asked(hospital: Hospital, now: datetime | None = None) -> int | None:
    """The year whose births this hospital was asked for and has not stated; None when there is nothing to state."""
    year, _ = _asked_last(now or clock.now())
    if year is None or _stated(year).where(Births.hospital == hospital).exists():
        return None
    return year


def _asked_last(now):
    """(the latest year of which it is time to ask, since when); (None, None) when births are never asked for.

    Late in a year is asked of the year before, and so after New Year of two years back, until it is time for the next.
    """
    schedule, last = MailSchedule.current(), clock.today(now).year - 1
    for year in (last, last - 1):
        due = schedule.births_due(year)
        if due is not None and due <= now:
            return year, due
    return None, None


def _births_request(mail):
    year, hospital = mail.facts["year"], mail.user.hospital
    if not hospital or not hospital.active or not access.may(mail.user, "answer"):
        return None
    if _stated(year).where(Births.hospital == hospital).exists():
        return None
    link = f"{settings.portal_url}/meldingen/jaar/{year}/#geboorten"
    about = access.PROCESS_LABELS[Process.NETHOSS]
    return {"process": about, "year": year, "hospital": hospital.name, "link": link}


CONTEXTS = {"births_request": _births_request}
