"""The lessons of the committee to the hospital: a letter as PDF, without grades or names, released once by the chair.

Where more hospitals have a part of the case, each gets a letter about its own part, and reads no other.
"""

from datetime import datetime
from typing import Any

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.committee.committee_form import CommitteeForm
from models.committee.meeting import demand_lessons
from models.committee.treatment import Treatment, TreatmentState
from models.dutch import month_name
from models.encrypted_fields import SealedField
from models.mail.outbox import Mail
from models.mail.wording.mail_wording import phrases
from models.pdf.typesetting import pdf
from models.questionnaires.privacy_warnings import warnings
from models.typed_text import tidy

LONGEST = 4000
SHORTEST_NAME = 4  # letters of a name that is looked for; 'AMC' stands in words


class LessonLetter(PartOf, Record):
    """One letter about one case to one hospital. Its text never changes; a better letter is a new one."""

    key = CharField(max_length=22, unique=True, default=new_key)
    case = ForeignKeyField(Case, backref="letters", on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, backref="letters", on_delete="RESTRICT")
    number = IntegerField()
    text = SealedField()
    good = SealedField(default="")
    released_at = DateTimeField()
    released_by = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        indexes = ((("case", "hospital", "number"), True),)

    @classmethod
    def owned_by(cls, hospital: Any, processes: Any) -> Any:
        return (cls.hospital == hospital) & cls.within("owned_by", hospital, processes)

    @classmethod
    def of_case(cls, *cases: Case) -> list["LessonLetter"]:
        """The letters about this case, or about these parts of one, the first ahead; each with its part and hospital."""
        found = cls.select(cls, Case, Hospital).join_from(cls, Case).join_from(cls, Hospital)
        return list(found.where(cls.case.in_([case.id for case in cases])).order_by(cls.number, cls.id))

    @classmethod
    def release(
        cls,
        treatment: Treatment,
        by: User,
        text: str,
        good: str,
        request_round: str,
        now: datetime | None = None,
        part: str = "",
    ) -> list["LessonLetter"]:
        """The chair releases the letter to each hospital of the case; its people get a mail.

        The other click of a double click gives the same letters. `request_round`: of the treatment as the page showed it.
        `part`: the key of the part whose hospital alone gets it. Raises Refused when the text may tell who somebody is.
        """
        now, case = now or clock.now(), treatment.case
        treatment.demand_table(by)
        demand_lessons(case.process)
        if treatment.state != TreatmentState.BESPROKEN:
            raise Refused(f"Deze casus is {treatment.state_label.lower()}: een brief volgt na de bespreking.")
        text, good = tidy(text or "", LONGEST, "De lessen"), tidy(good or "", LONGEST, "Wat goed was")
        if not text:
            raise Refused("Schrijf eerst de lessen op.")
        cls.demand_nameless(f"{text}\n{good}")
        told = [one for one in case.at_hospitals() if part in ("", one.key)]
        if not told:
            raise Refused("Dit deel hoort niet (meer) bij deze casus. Kies opnieuw voor wie de brief is.")
        before = {one.id: cls.of_case(one) for one in told}
        left = [one for one in told if [(last.text, last.good) for last in before[one.id][-1:]] != [(text, good)]]
        if left:
            treatment.as_seen(request_round)
        try:
            with db.atomic():
                for one in left:
                    fields = {"text": text, "good": good, "released_at": now, "released_by": by}
                    made = cls.create(case=one, hospital=one.hospital_id, number=len(before[one.id]) + 1, **fields)
                    AuditEvent.log("letter.release", by=by, case=one, detail=made.key, at=now)
                    for person in one.people():
                        Mail.queue("committee_letter", person, once=f"letter:{made.key}:{person.id}", case=one, now=now)
        except IntegrityError:
            raise Refused("Iemand was u voor: er is al een brief vrijgegeven. Bekijk de pagina opnieuw.") from None
        return [cls.of_case(one)[-1] for one in told]

    @staticmethod
    def demand_nameless(text: str) -> None:
        """Raise Refused when a text may tell who somebody is, or names a hospital or a person of the portal."""
        if told := warnings([text or ""]):
            raise Refused(told[0])
        flat = (text or "").casefold()
        names = [name for (name,) in Hospital.select(Hospital.name).tuples()] + User.full_names()
        for name in names:
            if len(name) >= SHORTEST_NAME and name.casefold() in flat:
                raise Refused(f"In de tekst staat '{name}'. Noem geen ziekenhuizen en geen mensen.")

    @classmethod
    def draft(cls, treatment: Treatment) -> dict[str, str]:
        """What the letter begins with: the text of the meeting, and what assessors called an example (C12)."""
        form = CommitteeForm.consensus(treatment)
        examples = [one.value("C12") for one in treatment.forms if one.assessment_id and one.assessment.handed_in_at]
        return {"text": (form and form.value("W4")) or "", "good": "\n\n".join(filter(None, examples))}

    @classmethod
    def preview(cls, treatment: Treatment, by: User, text: str, good: str, now: datetime | None = None) -> bytes:
        """The PDF as it would be, for who may release it."""
        treatment.demand_table(by)
        demand_lessons(treatment.case.process)
        AuditEvent.log("letter.preview", by=by, case=treatment.case, at=now)
        return _typeset(treatment.case, text, good, now or clock.now())

    def content(self, by: User, now: datetime | None = None) -> bytes:
        """The PDF; that it was opened is in the trail first. Raises Refused for who sees the case not."""
        if not Case.select().where(Case.id == self.case_id, access.reach(Case, by)).exists():
            raise Refused("Deze brief is niet voor u.")
        AuditEvent.log("letter.read", by=by, case=self.case, detail=self.key, at=now)
        return _typeset(self.case, self.text, self.good, self.released_at)

    @classmethod
    def read_by(cls, *cases: Case) -> dict[str, list]:
        """{key of a letter: [(name, moment)]}: who of the hospital opened it, each once, the first first."""
        found: dict[str, dict] = {}
        for case in cases:
            events = AuditEvent.of_case(case).where(AuditEvent.action == "letter.read", User.hospital.is_null(False))
            for event in events:
                found.setdefault(event.detail, {}).setdefault(event.actor.name, event.at)
        return {key: list(people.items()) for key, people in found.items()}


def _typeset(case, text, good, made):
    about = f"Casus {case.number}" + (f", gemeld over {month_name(case.month)}" if case.month else "")
    said = phrases("letter_greeting", "letter_thanks", at=made)  # a letter keeps the words of the day on which it was released
    data = {
        "about": about,
        "greeting": said["letter_greeting"],
        "lessons": _paragraphs(text),
        "good": _paragraphs(good),
        "thanks": said["letter_thanks"],
    }
    return pdf("committee/letter.typ", data, f"Lessen uit casus {case.number}", made)


def _paragraphs(text):
    return [part.strip() for part in (text or "").split("\n") if part.strip()]


def _letter(mail):
    case = Case.get_by_id(mail.case_id)
    return case.mail_facts if case.is_open_to(mail.user) else None


CONTEXTS = {"committee_letter": _letter}
