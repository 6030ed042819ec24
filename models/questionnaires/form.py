"""A questionnaire as it is being filled in for one case, and its answers."""

import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node

from models import clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db
from models.cases.case import Case
from models.cases.deadline import Deadline
from models.encrypted_fields import SealedField
from models.files.document import Document
from models.forms.answer_saving import SavedAnswer
from models.forms.filled_form import Filled, Given, sent_number
from models.forms.form_structure import Structure
from models.questionnaires.answer_check import asked_item, checked
from models.questionnaires.definition.questionnaire import Questionnaire, Version
from models.search.word_index import Searched

CLOSED = "Bij een melding met de status {} kan de vragenlijst niet meer worden gewijzigd."
# Written out, not as an expression: the databases use a partial index only for exactly its own words.
DUE = "still_open = 0 AND replaced_at IS NULL AND (document_revision IS NULL OR document_revision < revision)"


class Form(PartOf, Record):
    """The questionnaire of one case, in the version with which it was begun.

    Committees read the document, which tells no dates; forms and answers are not for them.
    """

    case = ForeignKeyField(Case, backref="forms", on_delete="RESTRICT")
    version = ForeignKeyField(Version, backref="forms", on_delete="RESTRICT")
    revision = IntegerField(default=0)  # goes up with every change of an answer
    still_open = IntegerField()  # kept with every change, so that lists need not open the answers
    asked = IntegerField()
    changed_at = DateTimeField()
    changed_by = ForeignKeyField(User, on_delete="RESTRICT")
    document = ForeignKeyField(Document, null=True, on_delete="RESTRICT")
    document_revision = IntegerField(null=True)  # of which answers `document` was made
    replaced_at = DateTimeField(null=True)  # its answers went on in a newer version

    class Meta:
        indexes = ((("case", "version"), True),)

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.within("shared_with", processes)

    @classmethod
    def of(cls, case: Case) -> Any:
        """The form that is being filled in for this case; None before it was begun."""
        known = cls.select(cls, Version, Questionnaire).join(Version).join(Questionnaire)
        return known.where(cls.case == case, cls.replaced_at.is_null()).first()

    @classmethod
    def start(cls, case: Case, by: User, now: datetime | None = None) -> "Form":
        """Begin the questionnaire that goes with this case, in the version in force. Beginning twice gives the same form."""
        now = now or clock.now()
        case.open_for(by, case.may_add, CLOSED)
        if form := cls.of(case):
            return form
        try:
            with db.atomic():
                case = Case.held(case.id)  # its theme stays what it is meanwhile
                questionnaire = Questionnaire.for_case(case, clock.today(now))
                version = questionnaire and questionnaire.in_force(clock.today(now))
                if version is None:
                    raise Refused("Bij deze melding hoort geen vragenlijst.")
                form = cls.new(case, version, {}, by, now)
                AuditEvent.log("form.start", by=by, case=case, detail=version, at=now)
        except IntegrityError:
            form = cls.of(case)  # a colleague, or the other click of a double click, was first
        return form

    @classmethod
    def new(
        cls, case: Case, version: Version, given: Mapping, by: User, now: datetime, document: Document | None = None
    ) -> Any:
        """A form with these answers counted, though not yet written; `document` is the tile that its own will replace."""
        filled = Filled(version.structure, given, clock.today(now))
        Deadline.follow(case, filled)
        return cls.create(
            case=case,
            version=version,
            changed_at=now,
            changed_by=by,
            still_open=filled.still,
            asked=filled.asked,
            document=document,
        )

    @property
    def complete(self) -> bool:
        return self.still_open == 0

    @property
    def document_is_older(self) -> Any:
        """Whether the document in the case does not have the latest answers; one that came from an older version has not."""
        return self.document_id is not None and (self.document_revision is None or self.document_revision < self.revision)

    @cached_property
    def structure(self) -> Structure:
        return self.version.structure

    def rows(self) -> dict:
        """(code, repeat) -> Answer, for screens that need revisions."""
        return {(row.code, row.repeat): row for row in self.answers}

    def given(self) -> dict[tuple[str, int], Given]:
        """(code, repeat) -> Given, all answers at once."""
        told = self.answers.select(Answer.code, Answer.repeat, Answer.value, Answer.reason).tuples()
        return {(code, repeat): Given(_plain(value), reason or "") for code, repeat, value, reason in told}

    def filled(self, given: Mapping[tuple[str, int], Given] | None = None, now: datetime | None = None) -> Filled:
        """The questionnaire with its answers in it."""
        return Filled(self.structure, self.given() if given is None else given, clock.today(now))

    def put(
        self,
        code: Any,
        value: Any,
        by: User,
        seen_revision: Any = 0,
        repeat: Any = 0,
        reason: str | None = None,
        now: datetime | None = None,
    ) -> SavedAnswer:
        """Keep one answer (None empties it), the screen having shown revision `seen_revision` of it. Returns SavedAnswer.

        `repeat`: which of a repeated block, from 1. `reason`: why a soft check may be passed over; None leaves it as it is.
        Saving what stands there already changes nothing. Raises EditConflict, or Refused with a sentence; then nothing
        was changed.
        """
        now = now or clock.now()
        item, repeat, seen_revision = asked_item(self.structure, code), sent_number(repeat), sent_number(seen_revision)
        with db.atomic():
            self._alone()
            case = Case.get_by_id(self.case_id)
            case.open_for(by, case.may_add, CLOSED)
            mine = {"form": self, "code": item.code, "repeat": repeat}
            answer = Answer.get_or_none(**mine) or Answer(**mine, changed_by=self.changed_by_id)
            saved = checked(self, (item.code, repeat), value, answer, seen_revision, reason, now)
            if saved.changed:
                answer.change(saved.given, by, now)
                self._count(saved.filled, by, now)
                Deadline.follow(case, saved.filled)
                AuditEvent.log("form.answer", by=by, case=case, detail=f"{code}.{repeat}" if repeat else code, at=now)
        return saved

    def _alone(self):
        """Wait for whoever is saving in this form, and see what they left."""
        query = Form.select(Form.replaced_at, Form.revision).where(Form.id == self.id)
        fresh = (query.for_update() if db.for_update else query).get()
        if fresh.replaced_at:
            raise Refused("Deze vragenlijst is intussen vervangen door een nieuwere versie. Ververs de pagina.")
        self.revision = fresh.revision

    def _count(self, filled, by, now):
        counts = {"revision": self.revision + 1, "still_open": filled.still, "asked": filled.asked}
        Form.update(**counts, changed_at=now, changed_by=by).where(Form.id == self.id).execute()
        for name, count in counts.items():
            setattr(self, name, count)


class Answer(Searched, PartOf, Record):
    """The answer to one question; its row stays when it is emptied, so that a revision is never used twice."""

    whole = "form"
    searched = ("value", "reason")

    form = ForeignKeyField(Form, backref="answers", on_delete="RESTRICT")
    code = CharField(max_length=8)
    repeat = IntegerField(default=0)
    value: Any = SealedField(null=True)
    reason: Any = SealedField(null=True)
    revision = IntegerField(default=0)
    changed_at = DateTimeField()
    changed_by = ForeignKeyField(User, on_delete="RESTRICT")

    class Meta:
        indexes = ((("form", "code", "repeat"), True),)

    def searched_text(self) -> str:
        # Days and numbers are what one asks an export.
        told = self.kept if isinstance(self.kept, dict) else {"": self.kept or ""}
        return "\n".join([text for text in map(str, told.values()) if re.search(r"[^\W\d_]", text)] + [self.reason or ""])

    def found_at(self) -> tuple[int | None, int | None]:
        return self.form.case_id, self.form.case.hospital_id

    @property
    def kept(self) -> dict[str, str] | str | None:
        return _plain(self.value)

    @property
    def given(self) -> Given:
        return Given(self.kept, self.reason or "")

    def change(self, given: Any, by: User, now: datetime) -> None:
        """Write another answer down."""
        self.value = None if given.kept is None else json.dumps(given.kept, ensure_ascii=False, separators=(",", ":"))
        self.reason = given.reason or None
        self.revision += 1
        self.changed_by, self.changed_at = by, now
        self.save()


def _plain(value):
    return None if value is None else json.loads(value)


# One live form for a case, and few rows to look at for what is due; peewee's Meta cannot say "where".
Form.add_index(Form.index(Form.case, unique=True, where=SQL("replaced_at IS NULL"), name="form_of_case"))
Form.add_index(Form.index(Form.id, where=SQL(DUE), name="form_due"))
