"""The form of an assessor, or of the meeting: a questionnaire of the committee with its answers, sealed in one piece."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from peewee import SQL, DateTimeField, ForeignKeyField, IntegerField, IntegrityError

from models import clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, PartOf, Record, Refused, db
from models.cases.case import Case
from models.committee.assessment import Assessment
from models.committee.meeting import IN_LESSONS
from models.committee.treatment import NO_FORM, Treatment, TreatmentState
from models.encrypted_fields import SealedField
from models.forms.answer_saving import KeptAnswer, SavedAnswer
from models.forms.filled_form import Filled, Given, place, sent_number
from models.questionnaires.answer_check import asked_item, checked
from models.questionnaires.definition.questionnaire import Purpose, Questionnaire, Version

NOT_JUDGED = "niet te beoordelen"  # what 'onbekend' is called here; it never counts as a grade
HOUR = 60 * clock.MINUTE
DEATH, MORBIDITY = "maternale sterfte", "ernstige morbiditeit"


class CommitteeForm(PartOf, Record):
    """The answers of one assessor, or of the meeting (no assessment), in the version with which the form was begun.

    Nobody finds it by itself: `read_by` and `Comparison` decide who reads it, because it is not there before its time.
    """

    whole = "treatment"

    treatment = ForeignKeyField(Treatment, backref="forms", on_delete="RESTRICT")
    assessment = ForeignKeyField(Assessment, null=True, unique=True, backref="forms", on_delete="RESTRICT")
    version = ForeignKeyField(Version, backref="committee_forms", on_delete="RESTRICT")
    answers = SealedField(default="{}")  # {place: {kept, reason, revision}}
    revision = IntegerField(default=0)
    still_open = IntegerField()
    asked = IntegerField()
    changed_at = DateTimeField()
    changed_by = ForeignKeyField(User, on_delete="RESTRICT")
    fixed_at = DateTimeField(null=True)  # when the meeting settled its consensus

    entrusted_to = classmethod(lambda cls, user, processes: NOBODY)
    of_process = classmethod(lambda cls, processes: NOBODY)
    studied_by = classmethod(lambda cls, user, processes: NOBODY)

    @classmethod
    def of_assessor(cls, assessment: Assessment, by: User, now: datetime | None = None) -> "CommitteeForm":
        """The form of `by`, begun when it was not there yet. Raises Refused for anybody else, and before declaring."""
        assessment.demand_own(by)
        if not assessment.declared_at:
            raise Refused("Verklaar eerst dat u deze casus onafhankelijk kunt beoordelen.")
        found = cls.get_or_none(cls.assessment == assessment)
        return found or cls._begin(assessment.treatment, assessment, Purpose.BEOORDELING, by, now or clock.now())

    @classmethod
    def of_meeting(cls, treatment: Treatment, by: User, now: datetime | None = None) -> "CommitteeForm":
        """The consensus, begun when it was not there yet, by who leads the meeting."""
        treatment.demand_table(by)
        _demand_in(treatment)
        found = cls.consensus(treatment)
        return found or cls._begin(treatment, None, _of_meeting(treatment.case), by, now or clock.now())

    @classmethod
    def consensus(cls, treatment: Treatment) -> "CommitteeForm | None":
        """What the meeting wrote down, finished or not."""
        return cls.get_or_none(cls.treatment == treatment, cls.assessment.is_null())

    @classmethod
    def _begin(cls, treatment, assessment, purpose, by, now):
        questionnaire = Questionnaire.for_case(treatment.case, clock.today(now), purpose)
        version = questionnaire and questionnaire.in_force(clock.today(now))
        if version is None:
            raise Refused(NO_FORM)
        form = cls(treatment=treatment, assessment=assessment)
        form._empty(version, by, now)
        try:
            with db.atomic():
                form.save(force_insert=True)
                AuditEvent.log("assessor.begin", by=by, case=treatment.case, detail=version, at=now)
        except IntegrityError:
            mine = cls.assessment == assessment if assessment else cls.assessment.is_null()
            return cls.get(cls.treatment == treatment, mine)  # the other click of a double click was first
        return form

    def restart(self, by: User, now: datetime) -> None:
        """Begin a consensus that was not settled anew, with the form of the theme of now, in the caller's transaction.

        While that theme has none in force there is no consensus: the form of another theme asks about something else.
        """
        questionnaire = Questionnaire.for_case(self.case, clock.today(now), _of_meeting(self.case))
        if version := questionnaire and questionnaire.in_force(clock.today(now)):
            self._empty(version, by, now)
            self.save()
        else:
            self.delete_instance()

    def _empty(self, version, by, now):
        self.version, self.revision, self.changed_at, self.changed_by = version, 0, now, by
        own = locked(version, self.case).items()
        self.answers = _packed({(code, 0): KeptAnswer(self, Given(kept), 1) for code, kept in own})
        filled = self.filled(now=now)
        self.still_open, self.asked = filled.still, filled.asked

    @property
    def case(self) -> Any:
        return self.treatment.case

    @property
    def structure(self) -> Any:
        return self.version.structure

    @property
    def is_consensus(self) -> bool:
        return self.assessment_id is None

    def rows(self) -> dict:
        """(code, repeat) -> KeptAnswer, for screens that need revisions."""
        kept = json.loads(self.answers).items()
        return {_split(at): KeptAnswer(self, Given(one["kept"], one["reason"]), one["revision"]) for at, one in kept}

    def given(self) -> dict:
        """(code, repeat) -> Given."""
        return {at: row.given for at, row in self.rows().items()}

    def filled(self, given: Any = None, now: datetime | None = None) -> Filled:
        """The form with its answers in it."""
        return Filled(self.structure, self.given() if given is None else given, clock.today(now))

    def value(self, code: str) -> Any:
        """The answer to a question as conditions see it; None without one, and for 'niet te beoordelen'."""
        return self.filled().values.get(code)

    def put(
        self,
        code: str,
        value: Any,
        by: User,
        seen_revision: int = 0,
        repeat: int = 0,
        reason: str | None = None,
        now: datetime | None = None,
    ) -> SavedAnswer:
        """Keep one answer (None empties it). Raises EditConflict for an older tab, or Refused with a sentence."""
        now = now or clock.now()
        at, seen_revision = (code, sent_number(repeat)), sent_number(seen_revision)
        own = self._own(code)
        with db.atomic():
            self._refresh()
            self._demand_open(by)
            rows = self.rows()
            saved = checked(self, at, value, rows.get(at, KeptAnswer(self)), seen_revision, reason, now, own)
            if saved.changed:
                rows[at] = KeptAnswer(self, saved.given, saved.revision)
                self._save(rows, saved.filled, by, now)
        return saved

    def put_all(self, answers: dict, by: User, now: datetime | None = None) -> None:
        """Fill in what is known already (code -> kept answer), in the caller's transaction; what does not fit is left open.

        Kept as one change: a consensus of thirty answers takes a tenth of the time that they take one by one.
        """
        now, last = now or clock.now(), None
        self._refresh()
        self._demand_open(by)
        rows = self.rows()
        for code, kept in answers.items():
            at, was = (code, 0), rows.get((code, 0), KeptAnswer(self))
            try:
                saved = checked(self, at, kept, was, was.revision, None, now, self._own(code))
            except Refused:
                continue  # an option of this form that the other has not
            if saved.changed:
                rows[at], last = KeptAnswer(self, saved.given, saved.revision), saved
                self.answers = _packed(rows)
        if last:
            self._save(rows, last.filled, by, now)

    def _own(self, code):
        """What the portal fills in itself; refuses a question that is among them, or is none."""
        own = locked(self.version, self.case)
        if asked_item(self.structure, code).code in own:
            raise Refused("Dit vult het portaal zelf in.")
        return own

    def _refresh(self):
        query = CommitteeForm.select().where(CommitteeForm.id == self.id)
        fresh = (query.for_update() if db.for_update else query).get()
        self.answers, self.revision, self.fixed_at = fresh.answers, fresh.revision, fresh.fixed_at
        self.changed_at, self.changed_by = fresh.changed_at, fresh.changed_by

    def _demand_open(self, by):
        if self.assessment_id:
            self.assessment.demand_own(by)
            return
        self.treatment.demand_table(by)
        if self.fixed_at:
            raise Refused("De consensus is vastgesteld en verandert niet meer.")
        _demand_in(Treatment.get_by_id(self.treatment_id))

    def _save(self, rows, filled, by, now):
        # One line an hour: who thinks aloud in a form would fill the trail.
        quiet = now - self.changed_at < HOUR and self.revision
        self.answers, self.revision = _packed(rows), self.revision + 1
        self.still_open, self.asked, self.changed_at, self.changed_by = filled.still, filled.asked, now, by
        self.save()
        if not quiet:
            AuditEvent.log("assessor.save", by=by, case=self.case, at=now)


def locked(version: Version, case: Case) -> dict[str, str]:
    """{code: answer} of what the portal fills in: the theme in a form about morbidity, the kind of case in a consensus."""
    items = version.structure.items if case.process in IN_LESSONS else {}
    found = {}
    if "M1" in items:
        named = [option for option in items["M1"].options if _same_theme(option, case.theme.name)]
        found["M1"] = named[0] if named else None
    if "V1" in items:
        own = Questionnaire.for_case(case, None, Purpose.BEOORDELING)
        found["V1"] = DEATH if own and own.theme_id else MORBIDITY
    return {code: kept for code, kept in found.items() if kept}


def _same_theme(option, theme):
    """Whether a theme is what a short word of the form means: 'embolisatie' for 'Embolisatie ivm fluxus postpartum'."""
    initials = "".join(word[0] for word in theme.split() if word[0].isupper())
    return theme.casefold().startswith(option.casefold()) or option == initials


def _of_meeting(case):
    """A committee that gives a verdict fills in together what its assessors filled in."""
    return Purpose.CONSENSUS if case.process in IN_LESSONS else Purpose.BEOORDELING


def _packed(rows):
    plain = {place(*at): {**asdict(row.given), "revision": row.revision} for at, row in rows.items()}
    return json.dumps(plain, ensure_ascii=False)


def _split(at):
    code, _, number = at.partition(".")
    return code, int(number or 0)


CommitteeForm.add_index(
    CommitteeForm.index(
        CommitteeForm.treatment, unique=True, where=SQL("assessment_id IS NULL"), name="committee_form_consensus"
    )
)


def _demand_in(treatment):
    """A third assessor may have been named meanwhile: then the consensus waits for that form."""
    if treatment.state != TreatmentState.BINNEN:
        raise Refused(f"Deze casus is {treatment.state_label.lower()}: de consensus kan nu niet worden geschreven.")
