"""Heartbeats: when each clock last did its work and is expected again, and the same of each worker process.

A clock that stands still says nothing by itself; here its row grows old, which who looks at the state of the installation sees.
"""

import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

from peewee import BooleanField, CharField, DateTimeField, Node

from models import clock
from models.base import EVERYBODY, Record, db
from settings import settings

# What each clock does, for who reads 'Toestand'.
WORK = {
    "make_asked_dossiers": "dossiers maken",
    "deliver_uploaded_messages": "LNR-berichten verwerken",
    "derive_anew_after_a_change_of_a_rule": "LNR-gegevens opnieuw afleiden",
    "count_what_changed": "LNR-cijfers bijwerken",
    "reckon_what_could_not_be_opened": "verwachte sterfte bijwerken",
    "forget_broken_uploads": "onvolledige uploads opruimen",
    "send_waiting_mail": "mail versturen",
    "read_what_came_back": "onbestelbare mail lezen",
    "ask_about_last_month": "de maandelijkse uitvraag",
    "attach_complete_questionnaires": "vragenlijsten bij de melding voegen",
    "remind_reporters": "herinneringen",
    "scan_waiting_files": "bestanden op virussen controleren",
    "look_at_new_files": "nieuwe bestanden nakijken",
    "tidy_documents": "bestanden opruimen en nagaan",
    "destroy_what_has_had_its_term": "vernietigen wat zijn termijn had",
    "read_the_trail": "het logboek controleren",
    "note_how_far_the_trail_has_come": "de stand van het logboek noteren",
    "forget_failed_attempts": "mislukte pogingen vergeten",
    "count_anew": "de database laten tellen waar wat staat",
    "rehearse_restoring": "terugzetten oefenen",
    "tell_the_watchdog": "melden aan de bewaking",
    "ship_the_trail": "het logboek doorsturen",
    "tell_what_stands_out": "opvallend gebruik melden",
    "end_upload_links": "uploadlinks beëindigen",
    "let_changes_take_effect": "wijzigingen laten ingaan",
    "end_and_suspend_accounts": "accounts beëindigen of opschorten",
}


class Look(StrEnum):
    """How something is: LOOK waits for a person and has time, BAD should go by itself and does not. Only BAD is an alarm."""

    GOOD = "goed"
    LOOK = "let op"
    BAD = "fout"


GRACE = timedelta(minutes=10)  # a busy worker, or one that was started anew, is no reason for alarm
OFTEN = timedelta(hours=1)  # a clock that comes by within this is no nightly one
WORKER = timedelta(minutes=2)  # within which a living worker says something: each minute it has work


def tell_supervisor() -> None:
    """Tell systemd that this process still gets round to its work (sd_notify(3)); nothing where it does not ask (WatchdogSec).

    It is one datagram of ten bytes: a package would not be shorter.
    """
    if address := settings.notify_socket:
        place = f"\0{address[1:]}" if address.startswith("@") else address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line, suppress(OSError):
            line.sendto(b"WATCHDOG=1", place)


class Heartbeat(Record):
    """One clock, or one worker. `at`: when it last ended well; None: not yet since it was first expected."""

    name = CharField(max_length=80, unique=True)
    is_worker = BooleanField()
    at = DateTimeField(null=True)
    due_at = DateTimeField()
    failed_at = DateTimeField(null=True)

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def expect(cls, clocks: Mapping[str, datetime], now: datetime | None = None) -> None:
        """A worker starts: {clock: when it is due}. Clocks of another version, and workers silent for a day, are forgotten.

        What a frequent clock missed stays missed until it ran, so that a worker that starts again and again hides nothing. A
        nightly one has its next chance tonight, and is not late all day.
        """
        now = now or clock.now()
        with db.atomic():
            cls.delete().where(~cls.is_worker, cls.name.not_in(list(clocks))).execute()
            cls.delete().where(cls.is_worker, cls.due_at < now - clock.DAY).execute()
            rows = [{"name": name, "is_worker": False, "due_at": due} for name, due in clocks.items()]
            cls.insert_many(rows).on_conflict_ignore().execute()
            for name, due in clocks.items():
                if due > now + OFTEN:
                    cls.update(due_at=due).where(cls.name == name, cls.due_at < now).execute()

    @classmethod
    def beat(cls, name: str, due: datetime, now: datetime | None = None) -> None:
        """The clock of this name did its work, and is expected again at `due`."""
        cls._put(name, False, {"at": now or clock.now(), "due_at": due})

    @classmethod
    def failed(cls, name: str, due: datetime, now: datetime | None = None) -> None:
        """The clock of this name ran, and its work went wrong."""
        cls._put(name, False, {"failed_at": now or clock.now(), "due_at": due})

    @classmethod
    def alive(cls, worker: str, now: datetime | None = None) -> None:
        """The worker process of this name lives."""
        now = now or clock.now()
        cls._put(worker, True, {"at": now, "due_at": now + WORKER})

    @classmethod
    def stopped(cls, worker: str) -> None:
        """The worker of this name was asked to stop, so nobody waits for it."""
        cls.delete().where(cls.is_worker, cls.name == worker).execute()

    @classmethod
    def _put(cls, name, is_worker, changed):
        row = {"name": name, "is_worker": is_worker, **changed}
        cls.insert(row).on_conflict(conflict_target=[cls.name], update=changed).execute()

    @classmethod
    def clocks(cls) -> "list[Heartbeat]":
        return list(cls.select().where(~cls.is_worker).order_by(cls.name))

    @classmethod
    def workers(cls) -> "list[Heartbeat]":
        return list(cls.select().where(cls.is_worker).order_by(cls.name))

    def is_late(self, now: datetime) -> bool:
        return now > self.due_at + GRACE

    def look(self, now: datetime) -> Look:
        return Look.BAD if self.is_late(now) or self.went_wrong else Look.GOOD

    @property
    def went_wrong(self) -> bool:
        """Whether its last run failed."""
        return self.failed_at is not None and (self.at is None or self.failed_at > self.at)
