"""The dossier of a case as one file, for who reads the case for its committee or coordinates it: asked for, made, fetched.

The row is the queue: the worker takes what is due, and whoever dies while making only makes it later. A package is for who
asked, holds only what may be seen at that moment, and lives as long as the table of terms says; a newer one replaces it.
"""

import json
import logging
import threading
import time
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import (
    SQL,
    BigIntegerField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    IntegrityError,
    Node,
    TextField,
)

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.committee.package.package_contents import PackageContents
from models.committee.package.package_files import BlockSource, package_pdf, package_zip
from models.dutch import plural
from models.files import storage
from models.files.page_view import DrawingBusy
from models.files.sandbox.start import NotStarted
from models.files.upload_limits import MAX_FILES, MAX_SIZE
from models.mail import damage_alert

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
LATER = timedelta(minutes=1)
MOST_TRIES = 5
SECONDS = 60  # after which the worker takes no other package in one run
LARGEST = MAX_FILES * MAX_SIZE  # bytes: what a case can hold
LIVE = "destroyed_at IS NULL"
WAITING = "due IS NOT NULL"
FAILED = "Dit dossier kon niet worden gemaakt. Vraag het nog eens, of kijk bij Contact onder aan de pagina."
NOT_READ = "U leest deze casus niet (meer)."
NOT_MADE = "Dit dossier is er (nog) niet. Vraag het aan, en haal het op zodra het klaar is."
CHANGED = "Sinds dit dossier is gemaakt, is een bestand verwijderd of tegengehouden. Vraag het dossier opnieuw."
DAMAGED = "bestanden: de inhoud van dossier {} is beschadigd"
LOST = "Dit dossier is bij ons beschadigd geraakt. Vraag het opnieuw."

_alone = threading.Lock()


class PackageKind(StrEnum):
    """The form of a package; the values are stored."""

    PDF = "pdf"
    ZIP = "zip"


MAKERS = {PackageKind.PDF: package_pdf, PackageKind.ZIP: package_zip}
MEDIA_TYPES = {PackageKind.PDF: "application/pdf", PackageKind.ZIP: "application/zip"}


class _Overtaken(Exception):
    """Another worker took it, or it was destroyed meanwhile."""


class DossierPackage(PartOf, Record):
    """One dossier as a file, for one person. `due`: when the worker may take it up; None when it is made, or has failed."""

    key = CharField(max_length=22, unique=True, default=new_key)
    case = ForeignKeyField(Case, backref="packages", on_delete="RESTRICT")
    kind = CharField(max_length=4)
    asked_by = ForeignKeyField(User, backref="packages", on_delete="RESTRICT")
    asked_at = DateTimeField()
    due = DateTimeField(null=True)
    tries = IntegerField(default=0)
    done = IntegerField(default=0)  # files that are in it
    total = IntegerField(default=0)
    documents = TextField(default="[]")  # the keys of the files in it, as JSON
    held_back = IntegerField(default=0)  # files that are not, for a reason that its index tells
    problem = CharField(max_length=200, default="")
    made_at = DateTimeField(null=True)
    size = BigIntegerField(null=True)
    sha256 = CharField(max_length=64, null=True)
    blob = CharField(max_length=32, null=True, unique=True)
    destroyed_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("case", "asked_by", "kind"), False),)

    @classmethod
    def owned_by(cls, hospital: Any, processes: Any) -> Node:
        return NOBODY

    entrusted_to = classmethod(lambda cls, user, processes: NOBODY)
    # For who asked alone, and so by `standing`, never by a list.
    of_process = classmethod(lambda cls, processes: NOBODY)

    @property
    def name(self) -> str:
        """What it is called on a computer."""
        return f"{self.case.number}_dossier.{self.kind}"

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        return f"{self.done} van {plural(self.total, 'bestand', 'bestanden')} klaar" if self.total else "Wacht op zijn beurt"

    @classmethod
    def standing(cls, case: Case, by: User) -> dict[str, "DossierPackage"]:
        """{kind: the latest package of this case that `by` asked for and that is still there}."""
        live = cls.select().where(cls.case == case, cls.asked_by == by, SQL(LIVE))
        return {row.kind: row for row in live.order_by(cls.id)}

    @classmethod
    def ask(cls, case: Case, by: User, kind: str, now: datetime | None = None) -> "DossierPackage":
        """Have a package made; the one that is being made is not asked for twice. What was made before is destroyed."""
        now = now or clock.now()
        _demand_reader(case, by)
        if kind not in MAKERS:
            raise Refused("Kies een PDF of een ZIP-bestand.")
        waiting = (cls.case == case) & (cls.asked_by == by) & (cls.kind == kind) & SQL(WAITING)
        if made := cls.get_or_none(waiting):
            return made
        try:
            with db.atomic():
                older = list(cls.select().where(cls.case == case, cls.asked_by == by, cls.kind == kind, SQL(LIVE)))
                made = cls.create(case=case, kind=kind, asked_by=by, asked_at=now, due=now)
                AuditEvent.log("dossier.ask", by=by, case=case, detail=f"{kind} {made.key}", at=now)
                blobs = [blob for row in older for blob in row.destroy(now)]
        except IntegrityError:
            return cls.get(waiting)  # the other click of a double click was first
        for blob in blobs:
            storage.delete(blob)
        return made

    # ---- the worker -----------------------------------------------------------------------------------------------------

    @classmethod
    def make_waiting(cls, now: datetime | None = None) -> int:
        """Make the packages that are due, one after the other, for about a minute; returns how many were made."""
        if not _alone.acquire(blocking=False):
            return 0
        try:
            made, end = 0, time.monotonic() + SECONDS
            while time.monotonic() < end and (
                row := cls.select().where(cls.due <= (now or clock.now())).order_by(cls.due).first()
            ):
                made += row.make(now)
            return made
        finally:
            _alone.release()

    def make(self, now: datetime | None = None) -> bool:
        """Make this package if nobody else does; True when it is there. One that fails is tried again, MOST_TRIES times."""
        try:
            self._renew(now, tries=self.tries + 1)
        except _Overtaken:
            return False
        try:
            self._fill(now)
            return True
        except _Overtaken:
            return False
        except (DrawingBusy, NotStarted):
            self._put_off(now)
        except Refused as reason:
            self._settle(problem=str(reason)[:200])
        except Exception:
            log.exception("the package %s could not be made", self.key)
            self._put_off(now)
        return False

    def _fill(self, now):
        person = User.get_by_id(self.asked_by_id)
        _demand_reader(self.case, person)
        contents = PackageContents.of(self.case, now).sound()
        self._renew(now, done=0, total=len(contents.entries), held_back=len(contents.held_back))

        def step(whole):
            self._renew(now, **({"done": self.done + 1} if whole else {}))

        source = BlockSource(MAKERS[PackageKind(self.kind)](contents, person, step, now or clock.now()))
        try:
            stored = storage.save(source, LARGEST, mark=True)
        except storage.BrokenOff as problem:
            raise (problem.__cause__ or problem) from None  # what went wrong while it was made
        try:
            with db.atomic():
                self._settle(**stored.columns, made_at=now or clock.now(), documents=json.dumps(sorted(contents.keys)))
                detail = f"{self.kind} {self.key}, {len(contents.entries)} bestanden, {len(contents.held_back)} tegengehouden"
                AuditEvent.log("dossier.make", case=self.case, detail=detail, at=now)
        except BaseException:
            storage.delete(stored.key)
            raise
        storage.settled(stored.key)

    def _renew(self, now, **told):
        """Say that the worker still lives, and what there is to say."""
        due = max((now or clock.now()) + LEASE, self.due + timedelta(microseconds=1))
        self._write(due=due, **told)

    def _put_off(self, now):
        if self.tries >= MOST_TRIES:
            self._settle(problem=FAILED)
        else:
            self._write(due=(now or clock.now()) + LATER)

    def _settle(self, **told):
        self._write(due=None, **told)

    def _write(self, **told):
        mine = (DossierPackage.id == self.id) & (DossierPackage.due == self.due) & SQL(LIVE)
        if not DossierPackage.update(**told).where(mine).execute():
            raise _Overtaken
        for name, value in told.items():
            setattr(self, name, value)

    # ---- fetching and destroying ----------------------------------------------------------------------------------------

    @classmethod
    def fetch(cls, case: Case, by: User, kind: str, now: datetime | None = None) -> tuple["DossierPackage", Any]:
        """(the package, its bytes in blocks); that it was fetched is in the trail first.

        Raises Refused for who reads the case no more, and for a package with a file that is held back or gone by now.
        """
        _demand_reader(case, by)
        row = cls.standing(case, by).get(kind)
        if row is None or row.made_at is None:
            raise Refused(NOT_MADE)
        row.case = case
        if not set(json.loads(row.documents)) <= PackageContents.of(case, now).keys:
            raise Refused(CHANGED)
        AuditEvent.log("dossier.download", by=by, case=case, detail=f"{kind} {row.key}", at=now)
        return row, storage.read(row.blob, row.sha256)

    def lost(self, by: User | None) -> None:
        """Write down that the bytes are not what was made, and destroy them: it can be made again."""
        with db.atomic():
            AuditEvent.log("dossier.lost", by=by, case=self.case, detail=self.key, result="mislukt")
            damage_alert.sound([DAMAGED.format(self.id)])
            blobs = self.destroy(clock.now())
        for blob in blobs:
            storage.delete(blob)

    def destroy(self, now: datetime) -> list[str]:
        """Let go of it in the caller's transaction; returns the keys of the bytes to destroy after it."""
        gone = {"destroyed_at": now, "due": None, "documents": "[]"}
        if not DossierPackage.update(**gone).where(DossierPackage.id == self.id, SQL(LIVE)).execute():
            return []
        AuditEvent.log("dossier.destroy", case=self.case, detail=f"{self.kind} {self.key}", at=now)
        return [self.blob] if self.blob else []

    @classmethod
    def kept(cls) -> list[tuple[int, str, str]]:
        """(id, key of the bytes, SHA-256) of every package that is there."""
        return list(cls.select(cls.id, cls.blob, cls.sha256).where(cls.blob.is_null(False), SQL(LIVE)).tuples())

    @classmethod
    def gone(cls, since: datetime) -> list[str]:
        """The keys of the bytes of what was destroyed since then, to look whether they went."""
        rows = cls.select(cls.blob).where(cls.blob.is_null(False), cls.destroyed_at > since)
        return [blob for (blob,) in rows.tuples()]


def _demand_reader(case: Case, by: User) -> None:
    """Raise Refused unless `by` coordinates this case, or reads it for its committee, right now."""
    if not access.may(by, "review", case.process):
        access.demand(by, "study", case.process)
    if not Case.select().where(Case.id == case.id, Case.submitted_at.is_null(False), access.reach(Case, by)).exists():
        raise Refused(NOT_READ)


DossierPackage.add_index(
    DossierPackage.index(
        DossierPackage.case,
        DossierPackage.asked_by,
        DossierPackage.kind,
        unique=True,
        where=SQL(WAITING),
        name="package_waiting",
    )
)
DossierPackage.add_index(DossierPackage.index(DossierPackage.due, where=SQL(WAITING), name="package_due"))
DossierPackage.add_index(DossierPackage.index(DossierPackage.asked_at, where=SQL(LIVE), name="package_live"))
DossierPackage.add_index(
    DossierPackage.index(DossierPackage.destroyed_at, where=SQL("destroyed_at IS NOT NULL"), name="package_gone")
)
