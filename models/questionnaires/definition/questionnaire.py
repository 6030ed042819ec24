"""Questionnaires, their versions, and the questions in them, as rows that coordinators change without code."""

import re
from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Node,
    TextField,
    fn,
)

from models import access, clock
from models.access import PROCESS_LABELS, Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db, new_key
from models.cases.case import Case
from models.cases.theme import Theme
from models.forms.form_structure import Structure
from models.questionnaires.definition.definition_parser import read
from models.questionnaires.definition.version_diff import between
from models.questionnaires.process_rules import misplaced


class Purpose(StrEnum):
    """What a questionnaire is for: reporting a case, or the committee's judgement of one and of the meeting."""

    MELDING = "melding"
    BEOORDELING = "beoordeling"
    CONSENSUS = "consensus"


PURPOSE_LABELS = {purpose: purpose.capitalize() for purpose in Purpose}


class VersionState(StrEnum):
    CONCEPT = "concept"
    GEPUBLICEERD = "gepubliceerd"
    VERVALLEN = "vervallen"


STATE_LABELS = {state: state.capitalize() for state in VersionState}


class _OfProcess(Record):
    """Whose rows are those of the processes that a person works in."""

    @classmethod
    def owned_by(cls, hospital: Hospital, processes: Collection[str]) -> Any:
        return cls.of_process(processes)

    entrusted_to = classmethod(lambda cls, user, processes: cls.of_process(processes))
    studied_by = classmethod(lambda cls, user, processes: cls.of_process(processes))

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY


class Questionnaire(_OfProcess):
    """A list of questions for one purpose, that goes with the cases of one theme, or with all cases of a process."""

    code = CharField(max_length=40, unique=True)
    name = CharField(max_length=120)
    theme = ForeignKeyField(Theme, null=True, index=False, backref="questionnaires", on_delete="RESTRICT")
    process = CharField(max_length=10, null=True, choices=list(PROCESS_LABELS.items()))
    purpose = CharField(max_length=12, choices=list(PURPOSE_LABELS.items()), default=Purpose.MELDING)

    class Meta:
        indexes = ((("theme", "purpose"), True), (("process", "purpose"), True))
        constraints = [Check("(theme_id IS NULL) <> (process IS NULL)", "questionnaire_one_of")]

    def __str__(self):
        return self.name

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.process.in_(processes) | cls.theme.in_(Theme.select(Theme.id).where(Theme.of_process(processes)))

    @classmethod
    def for_case(
        cls, case: Case, day: date | None = None, purpose: str = Purpose.MELDING, theme: Theme | None = None
    ) -> "Questionnaire | None":
        """The questionnaire with which this case (under `theme`) begins on `day`: its theme's, else its process's; or None."""
        if case.is_supplement:  # its questions were answered with the case itself
            return None
        meant = (cls.purpose == purpose) & ((cls.theme == (theme or case.theme_id)) | (cls.process == case.process))
        used = Version.select(SQL("1")).where(Version.questionnaire == cls.id, Version.usable_on(day))
        return max(cls.select().where(meant, fn.EXISTS(used)), key=lambda one: one.theme_id is not None, default=None)

    @property
    def in_process(self) -> str:
        return self.process or self.theme.process

    def in_force(self, day: date | None = None) -> "Version":
        """The version with which a case begins on `day`; None before the first."""
        return self.versions.where(Version.usable_on(day)).order_by(Version.valid_from.desc(), Version.number.desc()).first()

    @property
    def draft(self) -> Any:
        return self.versions.where(Version.state == VersionState.CONCEPT).first()

    def versions_known(self) -> list:
        """Its versions but for the drafts that were thrown away, newest first."""
        return list(self.versions.where(Version.state != VersionState.VERVALLEN).order_by(Version.number.desc()))

    @classmethod
    def pairs(cls, user: User) -> list:
        """(id, name) of those that this person may see, for a choice."""
        return [(row.id, row.name) for row in access.visible(cls, user).order_by(cls.name)]


class Version(_OfProcess):
    """One state of a questionnaire. Once published its questions never change again: the database refuses it."""

    key = CharField(max_length=22, unique=True, default=new_key)
    questionnaire = ForeignKeyField(Questionnaire, backref="versions", on_delete="RESTRICT")
    number = IntegerField()
    state = CharField(max_length=12, choices=list(STATE_LABELS.items()), default=VersionState.CONCEPT)
    valid_from = DateField(null=True)
    intro = TextField(default="")
    timeline = TextField(default="")  # from which days the document counts; notation in reading.py
    created_at = DateTimeField()
    created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    published_at = DateTimeField(null=True)
    published_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("questionnaire", "number"), True),)
        constraints = [
            Check("state IN ({})".format(", ".join(f"'{state}'" for state in VersionState)), "version_state"),
            Check("state <> 'gepubliceerd' OR valid_from IS NOT NULL", "version_valid_from"),
        ]

    def __str__(self):
        return f"{self.questionnaire.name}, versie {self.number}"

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.questionnaire.in_(Questionnaire.select(Questionnaire.id).where(Questionnaire.of_process(processes)))

    def rows(self) -> "tuple[list[Section], list[Question]]":
        """(blocks, questions) in their order, retired questions included."""
        blocks = list(self.sections.order_by(Section.position, Section.id))
        joined = Question.select(Question, Section).join(Section).where(Question.version == self)
        return blocks, list(joined.order_by(Section.position, Section.id, Question.position, Question.id))

    def next_code(self, block: Any) -> str:
        """A code for one more question in this block, which no question has, or had; empty when there is no such block."""
        codes = [code for (code,) in self.questions.select(Question.code).tuples()]
        numbers = [int(code[len(block) :]) for code in codes if re.fullmatch(rf"{re.escape(block)}\d+", code)]
        known = self.sections.where(Section.code == block).exists()
        return f"{block}{max(numbers, default=0) + 1}" if known else ""

    def read(self) -> tuple[Structure, list]:
        """(Structure, problems): the version understood, and what is wrong with it."""
        return read(*self.rows(), self.timeline)

    @property
    def structure(self) -> Structure:
        """The version understood. What is published is read once in the life of this process."""
        if self.state == VersionState.CONCEPT:
            return self.read()[0]
        if self.key not in _understood:
            if len(_understood) > 50:
                _understood.clear()
            _understood[self.key] = self.read()[0]
        return _understood[self.key]

    def problems(self) -> list[Any]:
        """Everything that stands in the way of publishing, as Problem rows; empty when it can go."""
        structure, problems = self.read()
        if self.questionnaire.in_process == Process.LZA1 and self.questionnaire.purpose == Purpose.MELDING:
            problems += misplaced(structure)
        return problems or ([] if structure.blocks else ["Deze versie heeft nog geen vragen."])

    def publish(self, by: User, valid_from: date | None = None, now: datetime | None = None) -> None:
        """Put the draft in force from `valid_from` (default today). Refused, listing every problem, when it is not sound."""
        now = now or clock.now()
        access.demand(by, "curate", self.questionnaire.in_process)
        valid_from = valid_from or clock.today(now)
        if valid_from < clock.today(now):
            raise Refused("Een versie kan niet met terugwerkende kracht ingaan.")
        with db.atomic():
            self._move(VersionState.GEPUBLICEERD, valid_from=valid_from, published_at=now, published_by=by)
            # After the move: from here on nobody can change the questions any more.
            if problems := self.problems():
                raise Refused("Deze versie kan nog niet in gebruik. " + " ".join(map(str, problems[:20])))
            AuditEvent.log("questionnaire.publish", by=by, subject=self, process=self.questionnaire.in_process, at=now)
        self.state, self.valid_from, self.published_at, self.published_by = VersionState.GEPUBLICEERD, valid_from, now, by

    def discard(self, by: User, now: datetime | None = None) -> None:
        """Throw a draft away. Its questions are kept for whoever asks."""
        access.demand(by, "curate", self.questionnaire.in_process)
        with db.atomic():
            self._move(VersionState.VERVALLEN)
            AuditEvent.log("questionnaire.discard", by=by, subject=self, process=self.questionnaire.in_process, at=now)
        self.state = VersionState.VERVALLEN

    def _move(self, state, **also):
        mine = (Version.id == self.id) & (Version.state == VersionState.CONCEPT)
        if not Version.update(state=state, **also).where(mine).execute():
            raise Refused("Deze versie is geen concept meer.")

    def difference(self, older: Any) -> Any:
        """What changed since `older`, as a Difference."""
        return between(older, self)

    def standing(self, in_force: Any, day: date | None = None) -> str:
        """What this version is on `day`, in a word; `in_force` is the number of the version with which cases begin."""
        if self.state != VersionState.GEPUBLICEERD:
            return {VersionState.CONCEPT: "concept", VersionState.VERVALLEN: "weggegooid"}[self.state]
        if self.number == in_force:
            return "in gebruik"
        return "gaat nog in" if self.valid_from > (day or clock.today()) else "eerder in gebruik"

    @property
    def before(self) -> "Version":
        """The version that this follows: for a draft that in force, else the published one before it; None for the first."""
        published = self.questionnaire.versions.where(Version.state == VersionState.GEPUBLICEERD)
        if self.state != VersionState.GEPUBLICEERD:
            return self.questionnaire.in_force() or published.order_by(Version.number.desc()).first()
        return published.where(Version.number < self.number).order_by(Version.number.desc()).first()

    @classmethod
    def numbers_in_force(cls, day: date | None = None) -> dict:
        """Questionnaire id -> the number of its version with which a case begins on `day`."""
        rows = cls.select().where(cls.usable_on(day)).order_by(cls.valid_from, cls.number)
        return {row.questionnaire_id: row.number for row in rows}

    @classmethod
    def usable_on(cls, day: date | None = None) -> Node:
        """The versions that are published, and valid from `day` or before, as an expression."""
        return (cls.state == VersionState.GEPUBLICEERD) & (cls.valid_from <= (day or clock.today()))


class Section(_OfProcess):
    """A part of a version: shown when `shown_when` holds, once per the number that question `per` gives."""

    version = ForeignKeyField(Version, backref="sections", on_delete="RESTRICT")
    code = CharField(max_length=4)
    title = CharField(max_length=200)
    shown_when = TextField(default="")
    per = CharField(max_length=8, default="")
    position = IntegerField(default=0)

    class Meta:
        indexes = ((("version", "code"), True),)

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.version.in_(Version.select(Version.id).where(Version.of_process(processes)))


class Question(_OfProcess):
    """One question. A retired one keeps its code, so that no later question gets it."""

    version = ForeignKeyField(Version, backref="questions", on_delete="RESTRICT")
    section = ForeignKeyField(Section, backref="questions", on_delete="RESTRICT")
    code = CharField(max_length=8)
    label = CharField(max_length=300)
    help = TextField(default="")
    answer = TextField()  # the kind of answer; notation in notation.py
    unit = CharField(max_length=30, default="")
    required = CharField(max_length=2, default="O")
    shown_when = TextField(default="")
    checks = TextField(default="")  # one a line; notation in reading.py
    source = CharField(max_length=200, default="")
    position = IntegerField(default=0)
    retired = BooleanField(default=False)

    class Meta:
        indexes = ((("version", "code"), True), (("section", "position"), False))

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return cls.version.in_(Version.select(Version.id).where(Version.of_process(processes)))

    @property
    def block_code(self) -> str:
        return self.section.code


_understood = {}

# One draft at a time; peewee's Meta cannot say "where".
Version.add_index(Version.index(Version.questionnaire, unique=True, where=SQL("state = 'concept'"), name="version_one_draft"))
