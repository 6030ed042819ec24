"""What the committee LZA1 asked and judged: dated, and outside the statuses, so that the overview stays as in the manual.

A question follows approval, when the committee has taken the case up: it sends the case back as 'Onvolledig' with the
question as its message, in one move. So there is nothing to reopen first, and the ordinary way leads back to approval.
"""

import io
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from peewee import CharField, Check, DateField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError

from models import access, clock
from models.access import Process
from models.accounts.user import User
from models.audit.audit_action import UNDONE, VERDICTS, stood
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.cases.case_colleague import CaseColleague
from models.cases.case_reader import CaseReader, keeps_away
from models.cases.remark import Remark
from models.cases.status import Status
from models.cases.theme import Theme
from models.encrypted_fields import SealedField
from models.files import storage
from models.files.clamav import Clean, Infected, scan
from models.files.file_type import MARK_WITHIN, PDF_MARK
from models.files.privacy.privacy_findings import hazards
from models.files.sandbox.start import NotStarted
from models.mail import damage_alert
from models.mail.outbox import Mail
from models.typed_text import tidy
from settings import settings

LARGEST = 3_000_000  # bytes: a letter
LONGEST = 2000  # characters
SCAN = 20  # seconds that the scanner has for a letter
DAMAGED = "bestanden: de inhoud van oordeel {} van de commissie is beschadigd"
NOT_CHECKED = "Het bestand kan nu niet worden gecontroleerd. Probeer het over een paar minuten opnieuw."
NOT_NOW = "Dit kan alleen bij een goedgekeurde LZA1-melding. Deze melding heeft nu de status {}."


class StepKind(StrEnum):
    VRAAG = "vraag"
    OORDEEL = "oordeel"


KIND_LABELS = {StepKind.VRAAG: "Vraag van de commissie", StepKind.OORDEEL: "Oordeel van de commissie"}


class CommitteeStep(PartOf, Record):
    """One question or verdict, of the day on which the committee made it. Never changed: a better verdict is a new one."""

    key = CharField(max_length=22, unique=True, default=new_key)
    case = ForeignKeyField(Case, backref="steps", on_delete="RESTRICT")
    kind = CharField(max_length=8, choices=list(KIND_LABELS.items()))
    day = DateField()
    remark = ForeignKeyField(Remark, null=True, on_delete="RESTRICT")  # the words of a question; the hospital answers there
    text = SealedField(null=True)  # what goes with a verdict
    # The letter itself is not a Document: those are what the hospital hands in, for all who see the case.
    size = IntegerField(null=True)
    sha256 = CharField(max_length=64, null=True)
    blob = CharField(max_length=32, null=True, unique=True)
    request_key = CharField(max_length=43, unique=True)  # of the form that made it: a double click makes one
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        constraints = [
            Check(
                "(kind = 'vraag' AND remark_id IS NOT NULL AND blob IS NULL)"
                " OR (kind = 'oordeel' AND remark_id IS NULL AND blob IS NOT NULL)",
                "committee_step_kind",
            )
        ]

    @property
    def label(self) -> str:
        return KIND_LABELS[self.kind]

    @classmethod
    def of_case(cls, case: Case) -> list:
        """Questions and verdicts of this case, the latest first."""
        return list(cls.select().where(cls.case == case).order_by(cls.day.desc(), cls.id.desc()))

    @classmethod
    def awaited(cls, by: User) -> list:
        """The latest question at each case whose answer the committee member `by` waits for, the oldest first.

        Such a case is with the hospital or the coordinator again, so the committee knows of it and reads nothing in it. Where
        members are named for it, it comes back to them only.
        """
        back = Case.status.in_((Status.ONVOLLEDIG, Status.INGEDIEND)) & Case.process.in_(access.processes(by, "study"))
        back &= CaseReader.named_for(Case.id, by) | (~CaseReader.named_for(Case.id) & keeps_away.known(by))
        back &= ~keeps_away.tied(Case, by)
        asked = cls.select(cls, Case, Theme).join(Case).join(Theme)
        latest = {step.case_id: step for step in asked.where(back, cls.kind == StepKind.VRAAG).order_by(cls.id)}
        approved = _approvals(latest)
        return [step for step in latest.values() if not any(at > step.at for at in approved[step.case_id])]

    @classmethod
    def letters(cls) -> list:
        """(id, key of the bytes, SHA-256) of every verdict that was not destroyed."""
        return list(cls.select(cls.id, cls.blob, cls.sha256).where(cls.blob.is_null(False), cls.size > 0).tuples())

    @classmethod
    def letters_of(cls, case: Case) -> list[str]:
        """The keys of the bytes of this case's verdicts."""
        return [step.blob for step in cls.select(cls.blob).where(cls.case == case, cls.size > 0)]

    @classmethod
    def days(cls, cases: Any) -> dict[Any, Any]:
        """{(case id, kind): days of these steps, the earliest first}."""
        found = {}
        asked = cls.select(cls.case, cls.kind, cls.day).where(cls.case.in_([case.id for case in cases])).order_by(cls.day)
        for case_id, kind, day in asked.tuples():
            found.setdefault((case_id, kind), []).append(day)
        return found

    @classmethod
    def ask(
        cls, case: Case, by: User, text: str, day: date, request_key: str, round: int, now: datetime | None = None
    ) -> "CommitteeStep":
        """Put the committee's question to the hospital: the approved case goes back as 'Onvolledig'. Returns the step.

        `round`: of the page that was shown, see `Case.as_seen`.
        """
        now = now or clock.now()
        _demand(case, by, day, now)
        if made := cls.get_or_none(cls.request_key == request_key, cls.case == case):
            return made
        case.as_seen(round)
        with db.atomic():
            remark = case.ask(by, text, now)
            step = cls.create(case=case, kind=StepKind.VRAAG, day=day, remark=remark, request_key=request_key, by=by, at=now)
            case.tell("committee_question", now)
        return step

    @classmethod
    def judge(
        cls, case: Case, by: User, content: bytes, day: date, request_key: str, text: str = "", now: datetime | None = None
    ) -> "CommitteeStep":
        """Place the committee's verdict, a PDF (bytes), for who reads it, who get a mail. Returns the step."""
        now = now or clock.now()
        _demand(case, by, day, now)
        if made := cls.get_or_none(cls.request_key == request_key, cls.case == case):
            return made
        _demand_letter(content)
        text = _words(text)
        stored = storage.save(io.BytesIO(content), LARGEST, len(content), mark=True)
        try:
            step = cls._place(case, by, stored, day, request_key, text, now)
        except BaseException as problem:
            storage.delete(stored.key)
            if isinstance(problem, IntegrityError):  # the other click of a double click was first
                return cls.get(cls.request_key == request_key, cls.case == case)
            raise
        storage.settled(stored.key)
        return step

    @classmethod
    def _place(cls, case, by, stored, day, request_key, text, now):
        with db.atomic():
            fresh = Case.get_by_id(case.id)  # saving the letter took a while
            if fresh.status != Status.GOEDGEKEURD:
                raise Refused(NOT_NOW.format(fresh.status_label))
            step = cls.create(
                case=case,
                kind=StepKind.OORDEEL,
                day=day,
                text=text,
                size=stored.size,
                sha256=stored.sha256,
                blob=stored.key,
                request_key=request_key,
                by=by,
                at=now,
            )
            AuditEvent.log("verdict.place", by=by, case=case, detail=step.key, at=now)
            for person in cls.readers(case):
                Mail.queue("committee_verdict", person, once=f"verdict:{step.key}:{person.id}", case=case, now=now)
        return step

    @staticmethod
    def readers(case: Case) -> list[User]:
        """Who of the hospital reads a verdict on this case: the melder and the named colleagues, as long as they may."""
        there = dict.fromkeys([case.reporter, *CaseColleague.people(case)])
        return [one for one in there if access.may(one, "complete", case.process) and one.hospital_id == case.hospital_id]

    @classmethod
    def tell_named(cls, case: Case, colleague: User, now: datetime) -> None:
        """Mail who was named for the case that a verdict is there, when one is; in the caller's transaction."""
        if cls.select().where(cls.case == case, cls.kind == StepKind.OORDEEL).exists():
            Mail.queue("committee_verdict", colleague, case=case, now=now)

    def may_read(self, user: User) -> bool:
        """Who reads a verdict: the reporting doctor, the colleagues named for the case, and the coordinator."""
        if access.may(user, "review", self.case.process):
            return True
        return access.may(user, "complete", self.case.process) and self.case.entrusts(user)

    def letter(self, by: User, now: datetime | None = None) -> Any:
        """The bytes of the verdict. That it was read is written down first. Raises storage.Damaged when they are not intact."""
        if self.kind != StepKind.OORDEEL or not self.may_read(by):
            raise Refused("Het oordeel is voor de melder van deze casus en de collega's die zijn aangewezen.")
        AuditEvent.log("verdict.read", by=by, case=self.case, detail=self.key, at=now)
        try:
            return b"".join(storage.read(self.blob, self.sha256))
        except storage.Damaged:
            self.lost(by)
            raise

    def lost(self, by: User) -> None:
        """Write down that the letter is not what was saved, and tell the beheerders."""
        with db.atomic():
            AuditEvent.log("verdict.lost", by=by, case=self.case, detail=self.key, result="mislukt")
            damage_alert.sound([DAMAGED.format(self.id)])


def _approvals(cases):
    """{case id: when it was approved}, without what was undone."""
    moves = {number: [] for number in cases}
    told = AuditEvent.select().where(AuditEvent.case_id.in_(list(cases)), AuditEvent.action.in_((*VERDICTS, UNDONE)))
    for line in told.order_by(AuditEvent.id) if cases else ():
        moves[line.case_id].append(line)
    return {number: [line.at for line in stood(lines) if line.action == "case.approve"] for number, lines in moves.items()}


def _demand(case, by, day, now):
    access.demand(by, "review", case.process)
    if case.process != Process.LZA1:
        raise Refused("Vragen en oordelen van de commissie horen bij LZA1-meldingen.")
    if not isinstance(day, date) or day > clock.today(now):
        raise Refused("Kies de dag waarop de commissie dit besloot; die ligt niet in de toekomst.")


def _demand_letter(content):
    if not PDF_MARK.search(content[: MARK_WITHIN + 8]):
        raise Refused("Kies het oordeel als PDF-bestand.")
    if len(content) > LARGEST:
        raise Refused("Dit bestand is te groot: een oordeel is hoogstens 3MB. Sla de PDF kleiner op en kies die.")
    try:
        refused = hazards([content], "application/pdf")
    except NotStarted:
        raise Refused(NOT_CHECKED) from None
    if refused:
        raise Refused(refused[0])
    _demand_clean(content)


def _demand_clean(content):
    # At once, not in quarantine: a letter is small, and its mail says that it can be read.
    outcome = scan([content], settings.clamd_url, step=SCAN, total=SCAN) if settings.clamd_url else Clean()
    if isinstance(outcome, Infected):
        raise Refused("In dit bestand is een virus gevonden. Laat de computer waar het vandaan komt nakijken.")
    if not isinstance(outcome, Clean):
        raise Refused(NOT_CHECKED)


def _words(text):
    return tidy(text or "", LONGEST, "De toelichting") or None


def _question(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.status == Status.ONVOLLEDIG and case.is_open_to(mail.user) else None


def _verdict(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.entrusts(mail.user) else None


CONTEXTS = {"committee_question": _question, "committee_verdict": _verdict}


def keeps_its_verdict(case: Case) -> None:
    """The committee judged it as it is: the theme moves no more."""
    if CommitteeStep.select().where(CommitteeStep.case == case, CommitteeStep.kind == StepKind.OORDEEL).exists():
        raise Refused("De commissie heeft over deze melding al geoordeeld. Het thema ligt nu vast.")
