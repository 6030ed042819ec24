"""The documents that are asked for, held against what is there: per asked document a file, an answer, or nothing yet."""

from collections import defaultdict
from dataclasses import dataclass, field

from peewee import Check, DateField, DateTimeField, ForeignKeyField

from models import clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db
from models.cases.case import Case
from models.cases.theme import RequestedDocument
from models.encrypted_fields import SealedField
from models.files.document import Document
from models.typed_text import one_line


class RequestedDocumentAnswer(PartOf, Record):
    """'Niet beschikbaar' with a reason, or 'volgt later' with a date, for one asked document of one case."""

    case = ForeignKeyField(Case, backref="asked_answers", on_delete="RESTRICT")
    asked = ForeignKeyField(RequestedDocument, on_delete="RESTRICT")
    reason = SealedField(default="")
    expected_on = DateField(null=True)
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        table_name = "asked_answer"
        indexes = ((("case", "asked"), True),)
        constraints = [Check("(reason <> '') <> (expected_on IS NOT NULL)", "askedanswer_one_of")]

    @classmethod
    def give(cls, case, asked, by, reason="", expected_on=None, now=None):
        """Answer an asked document without a file; with neither reason nor date, take the answer back."""
        reason = one_line(reason, 200, "De reden")
        if asked.theme_id != case.theme_id or (reason and expected_on):
            raise Refused("Kies 'niet beschikbaar' met een reden, of 'volgt later' met een datum.")
        now = now or clock.now()
        with db.atomic():
            case = Case.held(case.id)
            case.open_for(by, case.may_add, "Bij een melding met de status {} kan dit niet meer.")
            cls.delete().where(cls.case == case, cls.asked == asked).execute()
            if reason or expected_on:
                cls.create(case=case, asked=asked, reason=reason, expected_on=expected_on, by=by, at=now)
            AuditEvent.log("asked.answer", by=by, case=case, detail=f"document {asked.id}", at=now)


@dataclass
class AskedLine:
    """One asked document of one case, with what is there."""

    asked: RequestedDocument
    documents: list = field(default_factory=list)
    answer: RequestedDocumentAnswer = None

    @property
    def state(self):
        """'aanwezig', 'niet beschikbaar', 'volgt later' or 'ontbreekt'."""
        if any(document.counts for document in self.documents):
            return "aanwezig"
        if self.answer:
            return "volgt later" if self.answer.expected_on else "niet beschikbaar"
        return "ontbreekt"

    @property
    def is_open(self):
        """Whether the committee may still expect something here; 'indien van toepassing' asks nothing by itself."""
        return self.state == "volgt later" or (self.state == "ontbreekt" and not self.asked.if_applicable)


@dataclass
class Dossier:
    """A case's asked documents in order, and the files that belong to none of them."""

    lines: list
    loose: list

    @property
    def missing(self):
        return [line for line in self.lines if line.is_open]

    @property
    def files(self):
        """Every file, the last added first."""
        linked = [document for line in self.lines for document in line.documents]
        return sorted([*linked, *self.loose], key=lambda document: document.id, reverse=True)

    @property
    def wanted(self):
        """The lines that count: what is not applicable asks nothing, unless it was answered."""
        return [line for line in self.lines if line.is_open or line.state != "ontbreekt"]

    @classmethod
    def of(cls, case):
        return cls.of_all([case])[case.id]

    @classmethod
    def of_all(cls, cases):
        """The dossiers of many cases, by case id, in three queries however many there are."""
        cases = list(cases)
        ids, themes = [case.id for case in cases], {case.theme_id for case in cases}
        asked, files, answers = defaultdict(list), defaultdict(list), {}
        for row in (
            RequestedDocument.select()
            .where(RequestedDocument.theme.in_(themes))
            .order_by(RequestedDocument.position, RequestedDocument.id)
        ):
            asked[row.theme_id].append(row)
        for document in Document.select().where(Document.case.in_(ids), Document.removed_at.is_null()).order_by(Document.id):
            files[document.case_id, document.asked_id].append(document)
        for answer in RequestedDocumentAnswer.select().where(RequestedDocumentAnswer.case.in_(ids)):
            answers[answer.case_id, answer.asked_id] = answer
        return {case.id: cls._of(case, asked[case.theme_id], files, answers) for case in cases}

    @classmethod
    def _of(cls, case, asked, files, answers):
        day = clock.local_date(case.created_at)
        # A retired line stays where a file or an answer hangs on it, so that nothing drops out of sight.
        lines = [
            AskedLine(row, files[case.id, row.id], answers.get((case.id, row.id)))
            for row in asked
            if row.holds_on(day) or files[case.id, row.id] or (case.id, row.id) in answers
        ]
        return cls(lines, files[case.id, None])
