"""Which mails would go out on a day, and why: the real clocks run on a copy, or inside a transaction that is rolled back.

Day after day from today on, so that what would leave before is gone by then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import PREFETCH_TYPE, Load, ModelSelect, fn

from models import access, clock
from models.access import Process
from models.accounts.user import User
from models.base import Refused, db
from models.cases.case import Case
from models.committee.meeting import Meeting
from models.database import private_copy
from models.dutch import listed, month_name, plural
from models.mail.letter import NotKnown
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import MAIL_LABELS, Mail, MailStatus
from models.mail.sending_hold import HELD, SendingHold
from models.operations.rehearsal import due_mail
from models.operations.rehearsal.due_work import DueWork, due_on
from models.review import open_queries
from models.review.reminder import Reminder

NEWER = "een soort mail van een nieuwere versie"
FURTHEST = 62  # days ahead on the screen: each is rehearsed


@dataclass(frozen=True)
class PreviewedMail:
    """One mail that would leave."""

    to: str
    kind: str  # as in MAIL_LABELS
    why: str
    hospital: str = ""
    person: str = ""  # who gets it
    user_id: int | None = None
    processes: frozenset[str] = frozenset()  # that it tells of; empty for mails about neither
    held: bool = False  # would leave, were it not held back

    @property
    def name(self) -> str:
        return MAIL_LABELS.get(self.kind, NEWER)

    @property
    def can_wait(self) -> bool:
        """Whether a coordinator can hold it: `HELD`, and no reminder that is in the outbox already."""
        return self.kind in HELD and self.user_id is not None and not self.held


def rehearse(day: date, today: date | None = None, processes: frozenset[str] = access.BOTH) -> list[PreviewedMail]:
    """The mails of `day`, in the order in which they would leave: what waits in the outbox, the request, the reminders.

    Without those that have nothing left to tell when they would leave; those that are held back are marked so. What is told
    of cases is of these processes only.
    """
    with rolled_back():
        return _letters(day, today or clock.today(), processes)


def effect_of(by: User, seen: int, **chosen: int | None) -> list[PreviewedMail]:
    """What would leave today by another schedule that does not leave by the present one. Raises Refused as `amend` does.

    Of the processes that `by` works with.
    """
    today, own = clock.today(), access.processes(by, "curate")
    without = {(letter.to, letter.kind) for letter in rehearse(today, today, own)}
    with rolled_back():
        MailSchedule.amend(by, seen, **chosen)  # type: ignore[arg-type]
        letters = _letters(today, today, own)
    return [letter for letter in letters if letter.processes and (letter.to, letter.kind) not in without]


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever happens within is forgotten. On SQLite it happens to a copy: others would wait for seconds."""
    with private_copy.in_memory(), db.atomic() as transaction:
        nothing_waits = private_copy.forgotten.set(True)
        try:
            yield
        finally:
            private_copy.forgotten.reset(nothing_waits)
            transaction.rollback()


def _letters(day, today, processes):
    newest = Mail.select(fn.MAX(Mail.id)).scalar() or 0
    for ahead in range((day - today).days):
        now = _end_of(today + timedelta(days=ahead))
        _run_the_clocks(now)
        _send(now)
    now = _end_of(day)
    _run_the_clocks(now)
    leaving = set(Mail.waiting(now))
    mails = Mail.select().where(Mail.status == MailStatus.WACHT, Mail.not_before <= now).order_by(Mail.id)
    loads = [Load(key, key.rel_model.select(), strategy=PREFETCH_TYPE.MATERIALIZE) for key in (Mail.user, Mail.hospital)]
    return [_told(mail, newest, mail.id not in leaving, processes) for mail in mails.with_related(*loads) if _tells(mail, now)]


def _tells(mail, now):
    """Whether there is something to tell; of a kind that only a newer version knows, which runs beside this one, there is."""
    try:
        return mail.render(now) is not None
    except NotKnown:
        return True


def _end_of(day: date) -> datetime:
    """The last minute of the day: whatever the clocks do on it, they have done by then."""
    return clock.start_of(day + timedelta(days=1)) - clock.MINUTE


def _run_the_clocks(now):
    for clock_work in due_mail.CLOCKS:
        clock_work(now)


def _send(now):
    """As if all that waits was sent."""
    waiting = (Mail.status == MailStatus.WACHT) & (Mail.not_before <= now) & ~SendingHold.stops(Mail, now)
    Mail.update(status=MailStatus.VERZONDEN).where(waiting).execute()


def _told(mail, newest, held, processes):
    concerned, why = _about(mail, processes)
    if mail.id <= newest:
        why = "wacht al in de uitgaande post"
    return PreviewedMail(
        to=mail.to,
        kind=mail.name,
        why=why,
        hospital=mail.hospital.name if mail.hospital else "",
        person=mail.user.name if mail.user else "",
        user_id=None if mail.name == "reminder" and mail.id <= newest else mail.user_id,
        processes=frozenset(concerned) & processes,
        held=held,
    )


def _about(mail, processes):
    """(the processes that a mail tells of, why it leaves); cases of other processes are not told."""
    if mail.name in ("monthly_request", "monthly_reminder"):
        return {Process.NETHOSS}, f"melder van {mail.hospital}, over {month_name(mail.month)}"
    if mail.name == "births_request":
        return {Process.NETHOSS}, f"melder van {mail.hospital}, over de geboorten van {mail.facts['year']}"
    if mail.name == "lza1_term":
        return {Process.LZA1}, "de termijn van een LZA1-melding eindigt binnen een maand"
    if mail.name == "lnr_key_ending":
        return (), "een sleutel voor de LNR verloopt binnen een maand"
    if mail.name == "committee_reminder":
        meeting = Meeting.get_by_id(mail.facts["meeting"])
        return {meeting.process}, f"beoordelaar voor de vergadering van {meeting}"
    if mail.name == "reminder":
        own = Case.process.in_(processes)
        rows = list(Reminder.select(Reminder, Case).join(Case).where(Reminder.mail == mail, own))
        weeks = sorted({row.weeks for row in rows}, reverse=True)
        said = f"{plural(len(rows), 'openstaande melding', 'openstaande meldingen')}, sinds {listed(weeks)} weken"
        return {row.case.process for row in rows}, said
    case = Case.get_or_none(Case.id == mail.case_id) if mail.case_id else None
    if mail.name == open_queries.NAME:
        return {case.process}, f"open vragen bij melding {case.number}, {mail.facts['weeks']} weken zonder antwoord"
    return {case.process} if case else (), ""


@dataclass(frozen=True)
class MailDay:
    """What the coordinator of NethOSS sees of a day: mails that leave, those held back, and what people have to do."""

    day: date
    leaving: list[PreviewedMail]
    held: list[PreviewedMail]
    work: list[DueWork]  # what people do themselves, and what closes
    holds: ModelSelect  # that stand on that day

    @classmethod
    def of(cls, day: date | None, user: User) -> "MailDay":
        """The rehearsal of `day` for `user`. Raises Refused for a day that is none, is over, or lies too far ahead."""
        access.demand(user, "follow")
        today = clock.today()
        if day is None or not today <= day <= today + timedelta(days=FURTHEST):
            raise Refused("Kies een dag vanaf vandaag, hoogstens twee maanden vooruit.")
        letters = [letter for letter in rehearse(day, today, access.NETHOSS) if letter.processes]
        return cls(
            day=day,
            leaving=[letter for letter in letters if not letter.held],
            held=[letter for letter in letters if letter.held],
            work=due_on(day, today),
            holds=SendingHold.standing(day).order_by(SendingHold.until, SendingHold.id),
        )

    def sorted_by(self, column: str) -> list[PreviewedMail]:
        """What leaves, by one of its columns; in the order of leaving for anything else."""
        if column not in SORTED:
            return self.leaving
        return sorted(self.leaving, key=lambda letter: str(getattr(letter, column)).casefold())

    def counts(self) -> dict[str, int]:
        """{kind of mail in words: how many leave}."""
        found: dict[str, int] = {}
        for letter in self.leaving:
            found[letter.name] = found.get(letter.name, 0) + 1
        return found


SORTED: dict[str, Any] = {"name": "Soort", "hospital": "Ziekenhuis", "person": "Aan", "why": "Waarom"}
