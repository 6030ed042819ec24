"""What the coordinator asks about one answer or one file, and what the hospital says to it, in place."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from peewee import SQL, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, Node, fn

from models import access, clock
from models.accounts.deputies.absence import Absence
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.cases.status import WITH_HOSPITAL, Status
from models.encrypted_fields import SealedField
from models.files.document import Document
from models.mail.daily_mail import queue_unless_waiting
from models.mail.outbox import Mail
from models.questionnaires.form import Form
from models.search import word_index
from models.search.word_index import Searched
from models.typed_text import tidy
from settings import settings

LONGEST = 2000
OF_COMMITTEE = "algemeen"  # the code of a question of the committee about the case as a whole
CLOSED = "Bij een melding met de status {} kunnen vragen niet meer worden beantwoord."

# Called as hears(query, case, now) in the transaction that keeps a reply.
reply_followers: list[Callable[["DataQuery", Case, datetime], None]] = []


class DataQuery(Searched, PartOf, Record):
    """One question with at most one reply; whoever wants to know more asks another one. Neither text ever changes."""

    searched = ("text", "reply")

    key = CharField(max_length=22, unique=True, default=new_key)
    case = ForeignKeyField(Case, backref="inquiries", on_delete="RESTRICT")
    code = CharField(max_length=8, null=True)  # of the questionnaire, in any of its versions
    repeat = IntegerField(default=0)
    document = ForeignKeyField(Document, null=True, on_delete="RESTRICT")
    about = SealedField()  # the question or the file in words, as it was called then
    text = SealedField()
    asked_by = ForeignKeyField(User, on_delete="RESTRICT")
    asked_at = DateTimeField()
    reply = SealedField(null=True)
    replied_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    replied_at = DateTimeField(null=True)
    settled_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    settled_at = DateTimeField(null=True)

    class Meta:
        table_name = "inquiry"
        constraints = [
            Check("(code IS NULL) <> (document_id IS NULL)", "inquiry_about_one"),
            Check("(reply IS NULL) = (replied_at IS NULL) AND (reply IS NULL) = (replied_by_id IS NULL)", "inquiry_replied"),
            Check("(settled_at IS NULL) = (settled_by_id IS NULL)", "inquiry_settled"),
        ]

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.within("shared_with", processes)

    @classmethod
    def of_case(cls, case: Case) -> list:
        """Everything that was asked about the case, oldest first, with who asked and who replied at hand."""
        replier = User.alias()
        people = cls.select(cls, User, replier).join(User, on=cls.asked_by).switch(cls)
        joined = people.left_outer_join(replier, on=(cls.replied_by == replier.id).alias("replied_by"))
        return list(joined.where(cls.case == case).order_by(cls.id))

    @classmethod
    def open_of(cls, cases: Collection[int], code: str) -> set[int]:
        """Of the cases with these ids, those where a question with this code waits for its reply."""
        waits = cls.case.in_(list(cases)) & (cls.code == code) & cls.replied_at.is_null() & cls.settled_at.is_null()
        return {case for (case,) in cls.select(cls.case).where(waits).distinct().tuples()}

    @classmethod
    def waits_for_committee(cls) -> Node:
        """Whether a question of the committee has no reply and was not settled, as an expression."""
        return (cls.code == OF_COMMITTEE) & cls.replied_at.is_null() & cls.settled_at.is_null()

    @property
    def state(self) -> str:
        """'open', 'beantwoord' or 'afgehandeld'."""
        if self.settled_at:
            return "afgehandeld"
        return "beantwoord" if self.replied_at else "open"

    @classmethod
    def ask(
        cls,
        case: Case,
        by: User,
        text: str,
        code: str | None = None,
        repeat: int = 0,
        document: Document | None = None,
        now: datetime | None = None,
    ) -> "DataQuery":
        """Ask the hospital about one answer (`code`, `repeat`) or one `document` of the case. Who works on it gets a mail.

        The same question twice is one question. Raises Refused for a case that is not with us or closed, and for no text.
        """
        now = now or clock.now()
        access.demand(by, "review", case.process)
        if case.submitted_at is None or not case.may_add:
            raise Refused(f"Bij een melding met de status {case.status_label} kunt u geen vraag stellen.")
        text = _text(text, "Uw vraag", "Schrijf uw vraag op.")
        where = (cls.case == case) & (cls.code == code) & (cls.repeat == repeat) & (cls.document == document)
        for other in cls.select().where(where, cls.settled_at.is_null(), cls.replied_at.is_null()):
            if other.text == text:
                return other
        about = document.name if document else _label(case, code, repeat)
        return cls._make(case, by, text, about, now, code=code, repeat=repeat, document=document)

    @classmethod
    def ask_for_committee(cls, case: Case, by: User, text: str, now: datetime | None = None) -> Any:
        """Ask the hospital, for the committee, about an approved case, which stays approved. The same question is one."""
        access.demand(by, "review", case.process)
        if Case.get_by_id(case.id).status != Status.GOEDGEKEURD:
            raise Refused("De commissie stelt vragen over een goedgekeurde casus. Stel uw vraag nu bij de melding zelf.")
        text = _text(text, "De vraag", "Schrijf de vraag op.")
        for other in cls._unanswered(case.id).where(cls.code == OF_COMMITTEE):
            if other.text == text:
                return other
        return cls._make(case, by, text, "Vraag van de commissie over deze casus", now or clock.now(), code=OF_COMMITTEE)

    @classmethod
    def _make(cls, case, by, text, about, now, **where):
        with db.atomic():
            made = cls.create(case=case, about=about, text=text, asked_by=by, asked_at=now, **where)
            AuditEvent.log("inquiry.ask", by=by, case=case, detail=made._told, at=now)
            made._tell(now)
        return made

    @property
    def is_of_committee(self) -> Any:
        """Whether the committee asks, about the case as a whole."""
        return self.code == OF_COMMITTEE

    def takes_reply(self, case: Case) -> Any:
        """Whether the hospital can answer now: while it may add to the case, and of the committee also after approval."""
        return case.may_add or (self.is_of_committee and case.status == Status.GOEDGEKEURD)

    def _tell(self, now):
        """One mail a day for all that waits, as a coordinator asks while reading on; another once the hospital replied."""
        oldest = DataQuery._unanswered(self.case_id).order_by(DataQuery.id).first()
        for person in self.case.people():
            once = f"question:{oldest.id}:{clock.today(now)}:{person.id}"
            Mail.queue("case_question", person, once=once, case=self.case, now=now)

    def answer(self, by: User, text: str, now: datetime | None = None) -> None:
        """The hospital's reply. Raises Refused when somebody else replied before, or the question was settled."""
        now, case = now or clock.now(), Case.get_by_id(self.case_id)
        case.open_for(by, self.takes_reply(case), CLOSED)
        text = _text(text, "Uw antwoord", "Schrijf uw antwoord op.")
        mine = (DataQuery.id == self.id) & DataQuery.replied_at.is_null() & DataQuery.settled_at.is_null()
        with db.atomic():
            said = {DataQuery.reply: text, DataQuery.replied_by: by, DataQuery.replied_at: now}
            if DataQuery.update(said).where(mine).execute():
                word_index.index(DataQuery.get_by_id(self.id))
                AuditEvent.log("inquiry.answer", by=by, case=case, detail=self._told, at=now)
                self._tell_of_reply(case, now)
                return
        there = DataQuery.get_by_id(self.id)
        if (there.reply, there.replied_by_id) != (text, by.id):
            who = there.replied_by.name if there.replied_by_id else "De coördinator"
            raise Refused(f"{who} heeft deze vraag intussen al {there.state}. Ververs de pagina.")

    def _tell_of_reply(self, case, now):
        """Who asked, and who stands in, hear it in one mail for all replies that they were not mailed about yet."""
        for person in dict.fromkeys([self.asked_by, *Absence.deputies(self.asked_by, clock.today(now))]):
            queue_unless_waiting("question_answered", person, case, now, of=self.asked_by_id)
        for hears in reply_followers:
            hears(self, case, now)

    def settle(self, by: User, now: datetime | None = None) -> None:
        """The coordinator needs no more about this. Settling twice changes nothing."""
        now, case = now or clock.now(), self.case
        access.demand(by, "review", case.process)
        with db.atomic():
            mine = (DataQuery.id == self.id) & DataQuery.settled_at.is_null()
            if DataQuery.update(settled_by=by, settled_at=now).where(mine).execute():
                AuditEvent.log("inquiry.settle", by=by, case=case, detail=self._told, at=now)

    @classmethod
    def lapse(cls, case: Case, by: User, now: datetime) -> None:
        """Settle what the hospital can answer no more once the case is approved, in the transaction that approves it."""
        access.demand(by, "review", case.process)
        for one in cls._lapsing(case):
            DataQuery.settle(one, by, now)

    @classmethod
    def take_back(cls, case: Case, at: datetime) -> None:
        """Undo the approval of then, in the transaction that undoes it: what lapsed by it is open again."""
        lapsed = (cls.case == case) & (cls.settled_at == at) & cls.replied_at.is_null()
        cls.update(settled_by=None, settled_at=None).where(lapsed).execute()

    @classmethod
    def lapsing(cls, case: Case) -> int:
        """How many questions would lapse when the case were approved now."""
        return len(cls._lapsing(case))

    @classmethod
    def _lapsing(cls, case):
        return [one for one in cls._unanswered(case.id) if not one.is_of_committee]

    @property
    def _told(self):
        """What the trail says it is about, as it says it of answers and files."""
        if self.document_id:
            return self.document.key
        return f"{self.code}.{self.repeat}" if self.repeat else self.code

    @classmethod
    def replied(cls) -> Node:
        """That the hospital of a case replied to a question that was not settled yet, as an expression over cases."""
        return fn.EXISTS(
            cls.select(SQL("1")).where(cls.case == Case.id, cls.replied_at.is_null(False), cls.settled_at.is_null())
        )

    @classmethod
    def waiting(cls, case: Case) -> list["DataQuery"]:
        """The questions of the case that wait for the hospital, as far as it can answer them."""
        return [one for one in cls._unanswered(case.id) if one.takes_reply(case)]

    @classmethod
    def waiting_here(cls) -> Node:
        """How many questions wait for the hospital of a row of `Case`, as far as it can answer them, as an expression."""
        takes_reply = Case.status.in_((*WITH_HOSPITAL, Status.INGEDIEND)) | (
            (cls.code == OF_COMMITTEE) & (Case.status == Status.GOEDGEKEURD)
        )
        open_here = (cls.case == Case.id) & cls.replied_at.is_null() & cls.settled_at.is_null()
        return cls.select(fn.COUNT(cls.id)).where(open_here, takes_reply)

    @classmethod
    def _unanswered(cls, case_id):
        return cls.select().where(cls.case == case_id, cls.replied_at.is_null(), cls.settled_at.is_null())


def _text(text, what, otherwise):
    if not (text := tidy(text or "", LONGEST, what)):
        raise Refused(otherwise)
    return text


def _label(case, code, repeat):
    form = Form.of(case)
    item = form.structure.items.get(code) if form else None
    if item is None or not isinstance(repeat, int) or not 0 <= repeat <= 99:
        raise Refused("Deze vraag staat niet in de vragenlijst van deze melding.")
    return f"{code} {item.label}" + (f" ({repeat})" if repeat else "")


def _answered(mail):
    """How many replies of the hospital wait to be settled by who asked; none left means no mail."""
    case, asked = Case.get_by_id(mail.case_id), DataQuery.asked_by == mail.facts["of"]
    replied = DataQuery.replied_at.is_null(False) & DataQuery.settled_at.is_null()
    count = DataQuery.select().where(DataQuery.case == case, asked, replied).count()
    if not count or not access.may(mail.user, "review", case.process):
        return None
    return {**case.mail_facts, "count": count, "link": f"{settings.portal_url}/beoordelen/{case.key}/"}


CONTEXTS = {"question_answered": _answered}
