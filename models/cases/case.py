"""A case and its way from concept to approved. The only place that changes a status."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from peewee import BooleanField, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node

from models import access, clock
from models.access import PROCESS_LABELS, Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db, new_key
from models.cases.case_colleague import KeptApart
from models.cases.case_number import FoundByNumber, Series, tidy_patient_number
from models.cases.case_part import Parted
from models.cases.case_reader import Studied
from models.cases.recipients import Concerned
from models.cases.remark import LONGEST, MissingDocument, Remark
from models.cases.reporting_month import CountsForMonth
from models.cases.status import DISMISSALS, STATUS_LABELS, TRANSITIONS, WITH_HOSPITAL, Status
from models.cases.theme import Theme
from models.encrypted_fields import SealedField
from models.mail.wording.mail_wording import phrases
from models.monthly.monthly_request import MonthlyCall
from models.typed_text import required

LONGEST_REASON = 300  # letters of why a case was withdrawn


class Case(CountsForMonth, Concerned, KeptApart, Parted, Studied, FoundByNumber, Record):
    """One reported case. `key` is its address, `number` what people call it; neither says anything of hospital or patient."""

    key = CharField(max_length=22, unique=True, default=new_key)
    number = CharField(max_length=12, unique=True)
    hospital = ForeignKeyField(Hospital, backref="cases", on_delete="RESTRICT")
    theme = ForeignKeyField(Theme, backref="cases", on_delete="RESTRICT")
    process = CharField(max_length=10, choices=list(PROCESS_LABELS.items()))
    reporter = ForeignKeyField(User, backref="cases", on_delete="RESTRICT")
    patient_number = SealedField(null=True)
    patient_hash = CharField(max_length=64, null=True)  # finds the sealed number again, within the hospital only
    month = CharField(max_length=7, null=True)  # which month's question it answers; LZA1 answers none
    status = CharField(max_length=12, choices=list(STATUS_LABELS.items()), default=Status.CONCEPT)
    status_since = DateTimeField()
    round = IntegerField(default=1)  # goes up with every move, so that a stale page can be told from a fresh one
    request_key = CharField(max_length=43, unique=True, null=True)  # of the form that made it: a double click makes one case
    created_at = DateTimeField()
    submitted_at = DateTimeField(null=True)
    submitted_by = ForeignKeyField(User, null=True, backref="submitted", on_delete="RESTRICT")
    approved_at = DateTimeField(null=True)
    approved_by = ForeignKeyField(User, null=True, backref="approved", on_delete="RESTRICT")
    closed_why = SealedField(default="")
    dismissed = BooleanField(default=False)  # closed by the coordinator, and not by its melder
    dismissed_as = CharField(max_length=20, null=True)  # which of DISMISSALS it was; empty before its words could be changed
    uploads = IntegerField(default=0)  # files a person added and that are still there; kept by Document
    erased_at = DateTimeField(null=True)  # its content was destroyed (models/retention); it never moves again

    class Meta:
        indexes = (
            (("hospital", "created_at"), False),
            (("hospital", "status", "created_at"), False),
            (("hospital", "status", "status_since"), False),
            (("patient_hash",), False),
            (("hospital", "month"), False),
            (("hospital", "process", "status"), False),
            (("created_at",), False),
            (("status", "status_since"), False),
            (("process", "created_at"), False),
            (("process", "status_since"), False),
            (("process", "status", "status_since"), False),
            (("process", "status", "created_at"), False),
            (("theme", "created_at"), False),
            (("theme", "status", "created_at"), False),
            (("theme", "month", "created_at"), False),
        )
        constraints = [
            Check("status <> 'goedgekeurd' OR (approved_by_id IS NOT NULL AND approved_at IS NOT NULL)", "case_approved_by"),
            Check("status NOT IN ('ingediend', 'goedgekeurd') OR submitted_at IS NOT NULL", "case_submitted_at"),
            Check("status NOT IN ('ingediend', 'goedgekeurd') OR uploads > 0", "case_uploads"),
            Check("status <> 'ingetrokken' OR closed_why <> ''", "case_closed_why"),
            Check("status IN ({})".format(", ".join(f"'{status}'" for status in Status)), "case_status"),
        ]

    def __str__(self):
        return self.number

    @classmethod
    def owned_by(cls, hospital: Hospital | int, processes: Collection[str]) -> Node:
        return (cls.hospital == hospital) & cls.process.in_(processes)

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return EVERYBODY if set(processes) == set(Process) else cls.process.in_(processes)

    @classmethod
    def shared_with(cls, processes: Collection[str]) -> Node:
        """Of which cases the coordinators of these processes read files and answers: not before they were handed in."""
        return cls.of_process(processes) & cls.submitted_at.is_null(False)

    @property
    def status_label(self) -> str:
        return STATUS_LABELS[self.status]

    @property
    def with_hospital(self) -> bool:
        """Whether the hospital has to do something."""
        return self.status in WITH_HOSPITAL

    @property
    def may_add(self) -> bool:
        return self.status in (*WITH_HOSPITAL, Status.INGEDIEND)

    @property
    def may_remove(self) -> bool:
        return self.with_hospital

    @classmethod
    def open(
        cls,
        by: User,
        theme: Theme,
        patient_number: str = "",
        month: str | None = None,
        request_key: str | None = None,
        now: datetime | None = None,
    ) -> "Case":
        """Make a case in 'concept'; it answers `month`, or the month that is asked about (C2). Returns it.

        The same `request_key` gives the same case. Raises Refused for who may not create, a theme that is not reported
        today, or a patient number that is too long.
        """
        now = now or clock.now()
        access.demand(by, "create", theme.process)
        tidied = tidy_patient_number(patient_number)
        if theme not in list(Theme.reported_on(clock.today(now))):
            raise Refused("Dit thema wordt op dit moment niet geregistreerd. Kies een ander thema.")
        mine = (cls.request_key == request_key) & (cls.hospital == by.hospital_id)
        if request_key and (made := cls.get_or_none(mine)):
            return made
        try:
            return cls._create(by, theme, tidied, month, request_key, now)
        except IntegrityError:
            # The other click of a double click was first, on another connection.
            return cls.get(mine)

    @classmethod
    def _create(cls, by, theme, patient_number, month, request_key, now):
        with db.atomic():
            month = (month or MonthlyCall.month_at_hand(by.hospital_id, now)) if theme.process == Process.NETHOSS else None
            case = cls.create(
                number=Series.next_number(theme.process),
                hospital=by.hospital_id,
                theme=theme,
                process=theme.process,
                reporter=by,
                patient_number=patient_number,
                month=month,
                status_since=now,
                created_at=now,
                request_key=request_key,
                patient_hash=cls.hash_of(by.hospital_id, patient_number),
            )
            AuditEvent.log("case.open", by=by, case=case, at=now)
            case._answer_month(by, now)
        return case

    def note(self, by: User, text: str, now: datetime | None = None) -> None:
        """Write down something that only coordinators of this process see. The same words twice in a row are one note."""
        access.demand(by, "review", self.process)
        text, last = required(text, LONGEST, "De notitie", "Schrijf eerst de notitie."), Remark.notes(self, by).first()
        if last and (last.author_id, last.text) == (by.id, text):
            return
        with db.atomic():
            Remark.write(self, by, text, now or clock.now(), internal=True)
            AuditEvent.log("case.note", by=by, case=self, at=now)

    @classmethod
    def held(cls, case_id: int) -> "Case":
        """The case as it is now; until the caller's transaction is over nobody else moves it."""
        query = cls.select().where(cls.id == case_id)
        return (query.for_update() if db.for_update else query).get()

    def as_seen(self, round: Any) -> "Case":
        """Raise Refused when somebody moved the case since the page with `round` was shown."""
        if str(self.round) != str(round):
            raise Refused(f"Deze melding is intussen gewijzigd en heeft nu de status {self.status_label}. Bekijk die opnieuw.")
        return self

    def submit(self, by: User, now: datetime | None = None) -> None:
        """Hand the case to the coordinator. Raises Refused without a file that a person uploaded."""
        with db.atomic():
            Case.held(self.id)._demand_a_file()
            now = self._move("submit", by, now, submitted_at=now or clock.now(), submitted_by=by)
            if by != self.reporter:
                self.tell("case_submitted", now, but=by, by=by.name)

    def _demand_a_file(self):
        if not Case.select(Case.uploads).where(Case.id == self.id).scalar():
            raise Refused("Voeg eerst minstens één bestand toe. Daarna kunt u de melding indienen.")
        if not self._has_a_file():
            raise Refused("Niemand kan de bestanden bij deze melding openen. Voeg eerst een ander bestand toe.")

    def _has_a_file(self):
        return any([one.counts and one.removed_at is None and not one.generated for one in self.documents])

    def mark_incomplete(self, by: User, remark: str, now: datetime | None = None, missing: Mapping | None = None) -> None:
        """Return the case to its reporter, with what is missing: an obligatory remark, and {id of a document: what of it}."""
        with db.atomic():
            now = self._move("mark_incomplete", by, now, ", ".join(f"document {asked}" for asked in missing or {})[:500])
            Remark.write(self, by, remark, now)
            MissingDocument.mark(self, missing or {}, now)
            self.tell("case_incomplete", now)

    def approve(self, by: User, now: datetime | None = None) -> None:
        """Everything is there: the committee takes the case up. Who and when stay those of the first approval."""
        now = now or clock.now()
        first = {} if self.approved_at else {"approved_at": now, "approved_by": by}
        with db.atomic():
            now = self._move("approve", by, now, **first)
            if self.hospital.mail_on_approval:
                self.tell("case_approved", now)

    def ask(self, by: User, remark: str, now: datetime | None = None) -> Remark:
        """The committee has a question about an approved LZA1 case: it goes back with these words. Returns the Remark."""
        if self.process != Process.LZA1:
            raise Refused("Alleen bij LZA1 gaat een vraag van de commissie via het portaal.")
        with db.atomic():
            now = self._move("ask", by, now)
            return Remark.write(self, by, remark, now, otherwise="Schrijf op wat de commissie vraagt.")

    def reopen(self, by: User, remark: str, now: datetime | None = None) -> None:
        """Take an approved or dismissed case up again, with the reason. The hospital is told, and can add files again.

        Without a file it goes back to the hospital: as 'onvolledig', or as 'concept' when it was never handed in.
        """
        if self.status == Status.INGETROKKEN and not self.dismissed and not self.erased_at:
            raise Refused("Het ziekenhuis heeft deze melding zelf ingetrokken. Alleen een melder kan dat ongedaan maken.")
        with db.atomic():
            self.demand_place_in_whole()
            now = self._move("reopen", by, now, status=self._reopened(), closed_why="", dismissed=False, dismissed_as=None)
            self._answer_month(by, now)
            Remark.write(self, by, remark, now, otherwise="Schrijf waarom u deze melding heropent; het ziekenhuis leest dat.")
            self.tell("case_reopened", now)

    def _reopened(self):
        return (Status.INGEDIEND if self._has_a_file() else Status.ONVOLLEDIG) if self.submitted_at else Status.CONCEPT

    def withdraw(self, by: User, reason: str, now: datetime | None = None) -> None:
        """The melder takes a concept back; the month it answered becomes open again when no other case answers it."""
        reason = required(reason, LONGEST_REASON, "De reden", "Vul de reden in.")
        with db.atomic():
            self.demand_no_parts()
            now = self._move("withdraw", by, now, closed_why=reason)
            self._leave_month(self.month, by, now)
            self.tell_of_withdrawn_part(now)

    def restore(self, by: User, now: datetime | None = None) -> None:
        """Undo `withdraw`: the case is a concept again, and answers its month again."""
        if self.dismissed and not self.erased_at:
            raise Refused("Alleen de coördinator kan deze melding heropenen.")
        with db.atomic():
            self.demand_place_in_whole()
            now = self._move("restore", by, now, closed_why="")
            self._answer_month(by, now)

    def dismiss(self, by: User, why: str, remark: str, now: datetime | None = None) -> None:
        """The coordinator closes a case that is a double or falls outside the definition; the hospital reads why."""
        if why not in DISMISSALS:
            raise Refused("Kies waarom u deze melding afsluit.")
        with db.atomic():
            self.demand_no_parts()
            said = phrases(DISMISSALS[why])[DISMISSALS[why]]
            now = self._move("dismiss", by, now, closed_why=said, dismissed=True, dismissed_as=why)
            Remark.write(self, by, remark, now, otherwise="Schrijf een toelichting: het ziekenhuis leest waarom u afsluit.")
            self.tell("case_closed", now)

    def _move(self, verb, by, now, detail="", **also):
        """One conditional update: no row changed means that somebody was first. Returns the moment of the move."""
        origins, target, ability = TRANSITIONS[verb]
        now = now or clock.now()
        access.demand(by, ability, self.process)
        if not Case.select().where(Case.id == self.id, access.reach(Case, by)).exists():
            raise Refused("Deze melding is niet van uw ziekenhuis.")
        here = (Case.id == self.id) & Case.status.in_(origins) & (Case.round == self.round) & Case.erased_at.is_null()
        with db.atomic():
            if not Case.update({"status": target, "status_since": now, "round": self.round + 1, **also}).where(here).execute():
                raise Refused(self._why_not(origins))
            self.__dict__.update(Case.get_by_id(self.id).__dict__)
            AuditEvent.log(f"case.{verb}", by=by, case=self, detail=detail, at=now)
            self.tell_of_move(verb, now)
        return now

    def _why_not(self, origins):
        now = Case.get_by_id(self.id)
        if now.erased_at:
            return "De inhoud van deze melding is vernietigd. De melding kan niet meer worden gewijzigd."
        if now.round != self.round:
            return f"Iemand was u voor: deze melding heeft nu de status {now.status_label}."
        return f"Dit kan niet bij een melding met de status {now.status_label}."
