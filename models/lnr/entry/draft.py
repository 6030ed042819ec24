"""A stay that somebody types in: unfinished, sealed, of the hospital's LNR contact; sent, it is a message like any other."""

import json
from datetime import datetime
from typing import Any

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, Refused, db, new_key
from models.dutch import plural
from models.encrypted_fields import SealedBytes
from models.forms.answer_saving import KeptAnswer, SavedAnswer, answer_of, is_changed
from models.forms.filled_form import Given
from models.lnr.entry.draft_message import MOST_ROWS, Entered, split
from models.lnr.entry.entry_items import typed
from models.lnr.entry.prefill import taken_over, values_of
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.portal_messages import envelope, numbers_of
from models.lnr.registry.message import Message, Route
from models.lnr.registry.registry_row import LnrRow
from models.lnr.registry.stay import Stay, StayState

KEPT_DAYS = 90  # that a draft stays when nobody works on it
SENT = "Dit formulier is al verstuurd."
NO_NUMBERS = (
    "Van uw ziekenhuis staat nog geen AGB-code, URA-nummer of Perined-nummer in het portaal. "
    "Vraag de beheerder om het in te vullen."
)
# Written out, not as an expression: the databases use a partial index only for exactly its own words.
DRAFT = "content IS NOT NULL"


class StayDraft(LnrRow):
    """One form. `content` holds [kept value, revision] by place until it is sent or thrown away; nobody else's rows see it.

    `stay`: the stay of which it corrects version `based_on`; None for a new one.
    """

    key = CharField(max_length=22, unique=True, default=new_key)
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    stay = ForeignKeyField(Stay, null=True, backref="entries", on_delete="RESTRICT")
    based_on = IntegerField(null=True)
    content: Any = SealedBytes(null=True)
    attempts = IntegerField(default=0)
    message = ForeignKeyField(Message, null=True, on_delete="RESTRICT")
    begun_at = DateTimeField()
    changed_at = DateTimeField(index=True)
    changed_by = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        table_name = "lnr_entry"

    @classmethod
    def of_lnr(cls) -> Node:
        return NOBODY

    def __str__(self):
        return self.stay.number if self.stay_id else "nieuwe opname"

    @classmethod
    def unsent(cls) -> Node:
        """Which forms are neither sent nor thrown away."""
        return cls.content.is_null(False)

    @classmethod
    def begin(cls, by: User, now: datetime | None = None) -> Any:
        """An empty form for a new stay. Raises Refused."""
        access.demand(by, "deliver")
        return cls._begin(by, now, {})

    @classmethod
    def correct(cls, stay: Stay, by: User, now: datetime | None = None) -> Any:
        """A form with what the newest version of a stay says, or the newest refused message when none was accepted; the one
        that is at hand when somebody began already. Raises Refused."""
        access.demand(by, "deliver")
        ours = stay.hospital_id == by.hospital_id and not stay.test and stay.state != StayState.INGETROKKEN
        if ours and (draft := cls._at_hand(stay)):
            return draft
        if not ours or (message := Message.correctable(stay)) is None:
            raise Refused("Van deze opname is niets wat u kunt corrigeren.")
        given = taken_over(values_of(message.original(by, now)))
        try:
            with db.atomic():
                return cls._begin(by, now, given, stay=stay, based_on=message.version)
        except IntegrityError:
            return cls._at_hand(stay)  # a colleague, or the other click of a double click, was first

    @classmethod
    def _at_hand(cls, stay):
        return cls.get_or_none(cls.stay == stay, cls.content.is_null(False))

    @classmethod
    def _begin(cls, by, now, given, **about):
        now = now or clock.now()
        if not numbers_of(by.hospital):
            raise Refused(NO_NUMBERS)
        content = _packed({at: [kept, 1] for at, kept in given.items()})
        with db.atomic():
            entry = cls.create(hospital=by.hospital, content=content, begun_at=now, changed_at=now, changed_by=by, **about)
            AuditEvent.log("lnr.form_begin", by=by, hospital=by.hospital_id, subject=f"LNR-formulier, {entry}", at=now)
        return entry

    @property
    def is_draft(self) -> bool:
        return self.content is not None

    def cells(self) -> dict:
        """{place: (kept, revision)}, emptied ones too."""
        return {at: (kept, revision) for at, (kept, revision) in json.loads(self.content or "{}").items()}

    def entered(self, now: datetime | None = None) -> Entered:
        """What was typed with what the rules say of it, against what the registry holds now."""
        given = {at: kept for at, (kept, _) in self.cells().items()}
        return Entered(given, self._envelope(now or clock.now()), Delivery(self.hospital, route=Route.FORMULIER), now)

    def _envelope(self, now):
        version = (self.based_on or 0) + 1
        stay = (self.stay.set_root, self.stay.set_id) if self.stay_id else ("", f"formulier-{self.key}")
        action = "nieuw" if self.stay_id is None or self.stay.version is None else "vervanging"
        return envelope(self.hospital, stay, version, action, f"{self.key}-{self.attempts}", now)

    def put(self, at: str, sent: Any, by: User, seen_revision: int = 0, now: datetime | None = None) -> SavedAnswer:
        """Keep what was typed in one field ({part: [text]}), the screen having shown revision `seen_revision` of it.

        Returns SavedAnswer. Saving what stands there changes nothing. Raises EditConflict, or Refused with a sentence.
        """
        access.demand(by, "deliver")
        item, row = split(at)
        question, now = typed(item), now or clock.now()
        with db.atomic():
            cells = self._alone().cells()
            before, revision = cells.get(at, (None, 0))
            was = KeptAnswer(self, Given(before), revision)
            given = answer_of(question, sent, was)
            changed = is_changed(question, given, was, seen_revision)
            if changed:
                self._demand_room(item, row, cells)
                cells[at] = (given.kept, revision + 1)
                self._keep(cells, item.name, by, now)
        entered = self.entered(now)
        return SavedAnswer(given, revision + changed, entered, changed, warnings=entered.cautions(at))

    def drop_row(self, group: str, row: Any, by: User, now: datetime | None = None) -> None:
        """Empty every field of one row. Raises Refused."""
        access.demand(by, "deliver")
        now = now or clock.now()
        with db.atomic():
            cells, start = self._alone().cells(), f"{group}.{row}."
            there = {at for at, (kept, _) in cells.items() if at.startswith(start) and kept is not None}
            if there:
                emptied = {at: (None, cells[at][1] + 1) for at in there}
                self._keep(cells | emptied, group, by, now)

    def _demand_room(self, item, row, cells):
        if item.row_group is None:
            return
        start, most = f"{item.row_group.name}.", item.row_group.max or MOST_ROWS
        there = {split(at)[1] for at, (kept, _) in cells.items() if kept is not None and at.startswith(start)}
        if row not in there and len(there) >= most:
            raise Refused(f"Hier passen hoogstens {most} regels.")

    def _keep(self, cells, what, by, now):
        self.content, self.changed_at, self.changed_by = _packed(cells), now, by
        self.save()
        AuditEvent.log("lnr.form", by=by, hospital=self.hospital_id, subject=f"LNR-formulier, {self}", detail=what, at=now)

    def _alone(self):
        """Wait for whoever works on this form, and see what they left. Raises Refused when it is no draft any more."""
        fresh = self._held()
        if not fresh.is_draft:
            raise Refused(SENT if fresh.message_id else "Dit formulier is weggegooid.")
        for name in ("content", "attempts", "changed_by"):
            setattr(self, name, getattr(fresh, name))
        return self

    def _held(self):
        """The row as it is now, held until the transaction ends."""
        query = StayDraft.select().where(StayDraft.id == self.id)
        return (query.for_update() if db.for_update else query).get()

    def send(self, by: User, now: datetime | None = None) -> Message:
        """Hand the stay in, and empty the form; returns its Message. A second time gives the same Message.

        Raises Refused with a sentence when something must be put right first; then nothing was sent.
        """
        access.demand(by, "deliver")
        now = now or clock.now()
        with db.atomic():
            if (fresh := self._held()).message_id:
                return fresh.message
            entered = self._alone().entered(now)
            if entered.errors:
                raise Refused(f"Nog niet verstuurd: verbeter eerst {plural(len(entered.errors), 'fout', 'fouten')}.")
            answer = deliver(Delivery(self.hospital, by=by, route=Route.FORMULIER), entered.raw, now)
            self.attempts += 1
            if answer.status == 200:
                self.content, self.message = None, Message.get(Message.key == answer.key)
            self.save()
        if self.message is None:
            raise Refused("Nog niet verstuurd: er kwam intussen iets anders over deze opname binnen. Bekijk wat er nu mis is.")
        return self.message

    def discard(self, by: User, now: datetime | None = None) -> None:
        """Throw the draft away, for good. Doing it twice changes nothing. Raises Refused once it is sent."""
        access.demand(by, "deliver")
        with db.atomic():
            if self._held().message_id:
                raise Refused(SENT)
            self.content = None
            self.save()
            AuditEvent.log("lnr.form_end", by=by, hospital=self.hospital_id, subject=f"LNR-formulier, {self}", at=now)

    def forget(self) -> None:
        """Empty the form, sent or not: the stay was withdrawn."""
        StayDraft.update(content=None).where(StayDraft.id == self.id).execute()


def _packed(cells):
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


# One draft for a stay; peewee's Meta cannot say "where".
StayDraft.add_index(StayDraft.index(StayDraft.changed_at, where=SQL(DRAFT), name="lnr_entry_changed"))
StayDraft.add_index(StayDraft.index(StayDraft.stay, unique=True, where=SQL(DRAFT), name="lnr_entry_of_stay"))
