"""What a hospital answered about a month: a zero report, with the proof behind it, or a case."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from peewee import SQL, BooleanField, CharField, Check, DateTimeField, ForeignKeyField, IntegrityError, ModelSelect, Node

from models import access, clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, NOBODY, Record, Refused, db
from models.dutch import month_name
from models.encrypted_fields import SealedField
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail
from models.typed_text import required


class MonthAnswerKind(StrEnum):
    NUL = "nul"
    CASUS = "casus"


class Proof(StrEnum):
    """How an answer came, and so whether a person stands behind it (portal.md 4.2)."""

    APPARAAT = "apparaat"
    GEBAAR = "gebaar"
    KNOP = "knop"
    PORTAAL = "portaal"
    TELEFOON = "telefoon"
    SCRIPT = "script"


PROOF_LABELS = {
    Proof.APPARAAT: "via de mail, op een bekend apparaat",
    Proof.GEBAAR: "via de mail, met een beweging op de pagina",
    Proof.KNOP: "via de mail, met een klik op de knop",
    Proof.PORTAAL: "in het portaal, na inloggen",
    Proof.TELEFOON: "telefonisch, ingevoerd door de coördinator",
    Proof.SCRIPT: "via de mail, zonder bewijs van een persoon",
}


def next_requests(months: Iterable[str]) -> dict[str, datetime]:
    """{month: the day on which is asked about the month after it}: an answer from then on is late. One query."""
    after = {month: clock.add_months(month, 1) for month in months}
    days = MailSchedule.days_of(after.values())
    return {month: days[one] for month, one in after.items()}


class MonthAnswer(Record):
    """One answer about one month. Ended answers stay as history; the database lets only one stand (`ended_at` empty)."""

    hospital = ForeignKeyField(Hospital, backref="answers", on_delete="RESTRICT")
    month = CharField(max_length=7)
    kind = CharField(max_length=5, constraints=[Check("kind IN ('nul', 'casus')")])
    proof = CharField(max_length=10, choices=list(PROOF_LABELS.items()))
    confirmed = BooleanField()
    doubt = CharField(max_length=200, default="")
    note = SealedField(default="")
    by = ForeignKeyField(User, backref="answers", on_delete="RESTRICT")
    at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_why = CharField(max_length=20, default="")
    ended_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("month", "hospital"), False),)

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Node:
        return cls.hospital == hospital if Process.NETHOSS in processes else NOBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return EVERYBODY if Process.NETHOSS in processes else NOBODY

    @classmethod
    def standing(cls, hospital: Hospital | int, month: str) -> "MonthAnswer | None":
        """The answer that stands, or None."""
        return cls.get_or_none(cls.hospital == hospital, cls.month == month, cls.ended_at.is_null())

    @classmethod
    def standing_in(cls, hospital: Hospital, months: Sequence[str]) -> "list[MonthAnswer]":
        """The answers of a hospital that stand in these months, with who gave them."""
        own = (cls.hospital == hospital) & cls.month.in_(months) & cls.ended_at.is_null()
        return list(cls.select(cls, User).join(User, on=cls.by).where(own))

    @classmethod
    def history(cls, hospital: Hospital | int, month: str) -> ModelSelect:
        return cls.select().where(cls.hospital == hospital, cls.month == month).order_by(cls.id)

    @classmethod
    def was_withdrawn(cls, hospital: int, month: str) -> bool:
        """Whether a zero report about this month was taken back, so that a page must not answer 'Nee' by itself again."""
        return cls.history(hospital, month).where(cls.kind == MonthAnswerKind.NUL, cls.ended_why == "ingetrokken").exists()

    @property
    def counts(self) -> bool:
        """Whether this is an answer in the response rate: a provisional zero report is not."""
        return self.ended_at is None and self.confirmed

    @property
    def waits(self) -> bool:
        """Whether this zero report stands and does not count yet."""
        return self.ended_at is None and not self.confirmed

    @property
    def late(self) -> bool:
        """Given after the next month's request went out."""
        return self.at >= next_requests([self.month])[self.month]

    @property
    def proof_label(self) -> str:
        return PROOF_LABELS[self.proof]

    @classmethod
    def zero(
        cls, hospital: int, month: str, proof: Proof, by: User, doubt: str = "", note: str = "", now: datetime | None = None
    ) -> "MonthAnswer":
        """Register that a hospital had no case in `month`; returns the answer that stands.

        Repeating it gives the same answer; better proof confirms a provisional one. Raises Refused after a case.
        """
        now = now or clock.now()
        confirmed = proof != Proof.SCRIPT and not doubt
        with db.atomic():
            if confirmed:
                by.note_use(now)
            answer = cls._first(hospital, month, MonthAnswerKind.NUL, proof, confirmed, by, now, doubt=doubt, note=note)
            if answer is None:
                answer = cls.standing(hospital, month)
                if answer is None:  # somebody took it back this very moment
                    return cls.zero(hospital, month, proof, by, doubt, note, now)
                if answer.kind == MonthAnswerKind.CASUS:
                    raise Refused(
                        f"Er is al een casus gemeld over {month_name(month)}. Een nul-melding is daarom niet mogelijk."
                    )
                answer.prove(proof, by, doubt, now, note)
                return answer
            answer._log("zero.report", by, now)
            answer._send_receipts(now)
        return answer

    def _send_receipts(self, now):
        """Who was logged in has the page itself; what the coordinator took down is told to all melders of the hospital."""
        if self.proof == Proof.PORTAAL:
            return
        by_telephone = self.proof == Proof.TELEFOON
        for person in User.melders_of(self.hospital_id) if by_telephone else [self.by]:
            once = f"zero:{self.id}:{person.id}" + (":telefoon" if by_telephone else "")
            Mail.queue("zero_receipt", person, once=once, month=self.month, now=now, answer=self.id)

    @classmethod
    def zero_in_portal(cls, month: str, by: User, now: datetime | None = None) -> "MonthAnswer":
        """'Geen casus over <maand>' by a melder who is logged in."""
        access.demand(by, "answer")
        _demand_over(month, now)
        if month < clock.add_months(clock.month_of(clock.today(now)), -24):
            raise Refused("Deze maand is meer dan twee jaar geleden. Vraag de coördinator om uw nul-melding vast te leggen.")
        return cls.zero(by.hospital_id, month, Proof.PORTAAL, by, now=now)

    @classmethod
    def zero_by_telephone(
        cls, hospital: Hospital, month: str, by: User, spoken_to: str, now: datetime | None = None
    ) -> "MonthAnswer":
        """A zero report that the coordinator took down; `spoken_to` says who gave it."""
        access.demand(by, "follow")
        spoken_to = required(spoken_to, 150, "De naam", "Vul in wie u hebt gesproken.")
        _demand_over(month, now)
        return cls.zero(hospital, month, Proof.TELEFOON, by, note=f"Gesproken met {spoken_to}", now=now)

    @classmethod
    def case_reported(cls, hospital: int, month: str, by: User, now: datetime | None = None) -> "MonthAnswer":
        """A case answers the month: it ends a zero report, and a second case changes nothing. Returns the answer."""
        now = now or clock.now()
        with db.atomic():
            answer = cls._first(hospital, month, MonthAnswerKind.CASUS, Proof.PORTAAL, True, by, now)
            if answer is None:
                answer = cls.standing(hospital, month)
                if answer is None or answer.kind == MonthAnswerKind.NUL:
                    if answer and answer._end("vervangen", by, now):
                        answer._log("zero.supersede", by, now)
                    answer = cls._first(hospital, month, MonthAnswerKind.CASUS, Proof.PORTAAL, True, by, now)
        return answer

    @classmethod
    def no_case_left(cls, hospital: int, month: str, by: User, now: datetime | None = None) -> None:
        """The last case of the month was withdrawn: the question is open again. A zero report does not come back by itself."""
        answer = cls.standing(hospital, month)
        if answer and answer.kind == MonthAnswerKind.CASUS:
            answer._end("ingetrokken", by, now or clock.now())

    @classmethod
    def _first(cls, hospital, month, kind, proof, confirmed, by, now, **more):
        """Insert the answer; None when one stands already, which only the database can know for sure."""
        try:
            with db.atomic():
                return cls.create(
                    hospital=hospital, month=month, kind=kind, proof=proof, confirmed=confirmed, by=by, at=now, **more
                )
        except IntegrityError:
            return None

    def prove(self, proof: Proof, by: User, doubt: str = "", now: datetime | None = None, note: str = "") -> None:
        """Hold better proof against a provisional zero report: it counts from now on, or the doubt is kept with it.

        Changes nothing about one that counts already, and never brings back one that has ended.
        """
        if self.confirmed or proof == Proof.SCRIPT:
            return
        counts = {"confirmed": True, "by": by, "note": note}
        changed = {"proof": proof, "doubt": doubt, **({} if doubt else counts)}
        waiting = (MonthAnswer.id == self.id) & MonthAnswer.ended_at.is_null() & ~MonthAnswer.confirmed
        with db.atomic():
            if not doubt:
                by.note_use(now or clock.now())
            if MonthAnswer.update(**changed).where(waiting).execute():
                for name, value in changed.items():
                    setattr(self, name, value)
                if self.confirmed:
                    self._log("zero.confirm", by, now)
                    if proof == Proof.TELEFOON:
                        self._send_receipts(now or clock.now())

    def confirm_in_portal(self, by: User, now: datetime | None = None) -> None:
        """'Ja, dit klopt' by a melder of the hospital who is logged in."""
        self._demand_owner(by)
        self.prove(Proof.PORTAAL, by, now=now)

    def withdraw(self, by: User, now: datetime | None = None) -> None:
        """Undo a zero report, by a melder of the hospital or by the coordinator. Repeating it changes nothing."""
        self._demand_owner(by)
        if self.kind != MonthAnswerKind.NUL:
            raise Refused("Een casus wordt op de pagina van de melding ingetrokken.")
        if self.ended_at is None:
            with db.atomic():
                now = now or clock.now()
                if self._end("ingetrokken", by, now):
                    self._log("zero.withdraw", by, now)

    def _demand_owner(self, by):
        own = access.may(by, "answer") and by.hospital_id == self.hospital_id
        if not own and not access.may(by, "follow"):
            raise Refused("Alleen een melder van het eigen ziekenhuis of de coördinator kan dit doen.")

    def _end(self, why, by, now):
        """Whether it is this call that ended it: then its line is due, unless that of a case says it."""
        standing = (MonthAnswer.id == self.id) & MonthAnswer.ended_at.is_null()
        ended = MonthAnswer.update(ended_at=now, ended_why=why, ended_by=by).where(standing).execute()
        self.ended_at, self.ended_why = now, why
        return bool(ended)

    def _log(self, action, by, now):
        AuditEvent.log(
            action, by=by, hospital=self.hospital_id, subject=self.month, detail=self.proof, process="nethoss", at=now
        )


# Only one answer may stand for a hospital and month; peewee's Meta cannot say "where".
MonthAnswer.add_index(
    MonthAnswer.index(
        MonthAnswer.hospital, MonthAnswer.month, unique=True, where=SQL("ended_at IS NULL"), name="monthanswer_standing"
    )
)


def _zero_receipt(mail):
    answer = MonthAnswer.get_by_id(mail.facts["answer"])
    if answer.ended_at:
        return None
    telephone = answer.proof == Proof.TELEFOON
    at = mail.created_at if telephone else answer.at  # by telephone may be later than the button
    known = {"month": answer.month, "hospital": answer.hospital.name, "at": at, "telephone": telephone}
    return known | {"provisional": not answer.confirmed}  # as it is when the mail leaves


CONTEXTS = {"zero_receipt": _zero_receipt}


def _demand_over(month, now):
    if month >= clock.month_of(clock.today(now)):
        raise Refused("Deze maand is nog niet voorbij. Een nul-melding kan pas daarna.")
