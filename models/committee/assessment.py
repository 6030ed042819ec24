"""An assessor who was named for a case: declares to be independent, hands in, or gives the case back."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from peewee import SQL, BooleanField, CharField, Check, DateField, DateTimeField, ForeignKeyField, fn

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.cases.case_reader import CaseReader
from models.committee import conflict
from models.committee.conflict import Candidate
from models.committee.member import CommitteeMember
from models.committee.rules.committee_settings import CommitteeSettings
from models.committee.treatment import RULE, Treatment, TreatmentState
from models.encrypted_fields import SealedField
from models.mail.outbox import Mail
from models.mail.wording.mail_wording import reasons
from models.typed_text import one_line

TIE = "band"  # closes the case at once and for good, so it is no word that can be changed
LONGEST_NOTE = 300
FOUND = conflict.ENDINGS_BY_TIE[1]
OTHER_THEME = "ander thema"
TAKEN_BACK = "teruggenomen door de coördinator"
NOT_YOURS = "Deze beoordeling is niet (meer) van u."


class Assessment(PartOf, Record):
    """One assessor at one case. A place that was given back stays, ended; another person gets a row of their own."""

    whole = "treatment"

    key = CharField(max_length=22, unique=True, default=new_key)
    treatment = ForeignKeyField(Treatment, backref="assessments", on_delete="RESTRICT")
    assessor = ForeignKeyField(User, backref="assessments", on_delete="RESTRICT")
    third = BooleanField(default=False)
    term = DateField()
    named_at = DateTimeField()
    named_by = ForeignKeyField(User, on_delete="RESTRICT")
    declared_at = DateTimeField(null=True)
    handed_in_at = DateTimeField(null=True)
    late = BooleanField(default=False)
    ended_at = DateTimeField(null=True)
    ended_why = CharField(max_length=40, default="")
    ended_note = SealedField(default="", constraints=[SQL("DEFAULT ''")])  # in the own words of who gave it back

    class Meta:
        constraints = [
            Check("handed_in_at IS NULL OR declared_at IS NOT NULL", "assessment_declared"),
            Check("(ended_at IS NULL) = (ended_why = '')", "assessment_ended"),
        ]

    @classmethod
    def studied_by(cls, user: User, processes: Collection[str]) -> Any:
        """Only the own: who else assesses, and how far, is nothing for an assessor. Before declaring there is no case to it."""
        waits = cls.declared_at.is_null() & cls.within("declarable_by", user, processes)
        waits &= (cls.term >= clock.today()) | ~CommitteeMember.left(user)
        return (cls.assessor == user) & cls.ended_at.is_null() & (waits | cls.within("studied_by", user, processes))

    @property
    def state(self) -> str:
        """'genoemd', 'bezig', 'ingeleverd' or 'beëindigd'."""
        if self.ended_at:
            return "beëindigd"
        if self.handed_in_at:
            return "ingeleverd"
        return "bezig" if self.declared_at else "genoemd"

    @classmethod
    def of(cls, treatment: Treatment) -> list["Assessment"]:
        """Who assess this case now, in the order in which they were named, with their accounts at hand."""
        rows = cls.select(cls, User).join(User, on=cls.assessor).where(cls.treatment == treatment, cls.ended_at.is_null())
        return list(rows.order_by(cls.third, cls.id))

    @classmethod
    def ended_of(cls, treatment: Treatment) -> list["Assessment"]:
        """Whose place at this case ended, the latest first, with their accounts at hand."""
        rows = cls.select(cls, User).join(User, on=cls.assessor).where(cls.treatment == treatment, cls.ended_at.is_null(False))
        return list(rows.order_by(cls.ended_at.desc(), cls.id.desc()))

    @classmethod
    def mine(cls, by: User) -> list["Assessment"]:
        """What `by` has to assess, or handed in for a case that is still open; the first term ahead."""
        rows = access.visible(cls, by).where(cls.assessor == by)
        joined = rows.select_extend(Treatment, Case).join_from(cls, Treatment).join_from(Treatment, Case)
        return list(joined.order_by(cls.handed_in_at.is_null(False), cls.term, cls.id))

    @classmethod
    def own(cls, case: Case, by: User) -> "Assessment | None":
        """The assessment of this case by `by`; None for who was not named, or is no longer."""
        row = cls.at(case.key, by)
        if row:
            row.treatment.case = case
        return row

    @classmethod
    def at(cls, key: str, by: User) -> "Assessment | None":
        """The same by the key of the case, which who has not declared to be independent does not read yet."""
        mine = access.visible(cls, by).select_extend(Treatment, Case).join_from(cls, Treatment).join_from(Treatment, Case)
        return mine.where(cls.assessor == by, Case.key == key).first()

    @classmethod
    def candidates(cls, treatment: Treatment, by: User, now: datetime | None = None) -> list[Candidate]:
        """Every member of the committee beside this case: who can assess it first, those with the least open work ahead."""
        access.demand(by, "review", treatment.case.process)
        process, taken = treatment.case.process, {one.assessor_id for one in cls.of(treatment)}
        people = [one for one in User.select().where(User.active, User.committee == process) if one.id not in taken]
        reasons, work = treatment.reasons_against(people, now), _open_work(people)
        known = dict(CommitteeMember.select(CommitteeMember.user, CommitteeMember.discipline).tuples())
        rows = [Candidate(one, known.get(one.id, ""), reasons[one.id], work.get(one.id, 0)) for one in people]
        return sorted(rows, key=lambda row: (bool(row.against), row.open_work, row.user.name))

    @classmethod
    def appoint(cls, treatment: Treatment, by: User, assessors: list[int], now: datetime | None = None) -> list["Assessment"]:
        """Name assessors (account ids) for a case on an agenda: at least two in all, none of them with a tie.

        Once the first are in, who is named is the third, who sees neither form. Returns their rows.
        """
        now, case = now or clock.now(), treatment.case
        access.demand(by, "review", case.process)
        chosen = User.active & (User.committee == case.process) & User.id.in_(assessors)  # type: ignore[attr-defined]
        people = list(User.select().where(chosen).order_by(User.id))  # places stand in the order of naming
        with db.atomic():
            treatment.demand_approved()
            treatment.demand_form(now)
            there = cls.of(treatment)
            third = treatment.state == TreatmentState.BINNEN
            people = [one for one in people if one.id not in {row.assessor_id for row in there}]
            _demand_enough(treatment, people, there, third)
            _demand_untied(treatment.reasons_against(people, now), people)
            term = max(treatment.meeting.term, clock.today(now))
            fields = {"treatment": treatment, "third": third, "term": term, "named_at": now, "named_by": by}
            made = [cls.create(assessor=one, **fields) for one in people]
            treatment.shift(treatment.state, TreatmentState.BIJ_BEOORDELAARS, by, "assessor.name", f"{len(made)}", now)
            treatment.open_to(people, now)
            for one in made:
                Mail.queue("committee_named", one.assessor, once=f"named:{one.key}", case=case, now=now, key=one.key)
        return made

    def declare(self, by: User, now: datetime | None = None) -> None:
        """The assessor declares to be independent of this case; only then there is something to read. Twice is once."""
        now = now or clock.now()
        self.demand_own(by)
        with db.atomic():
            # Once more, at the act: somebody may take the case back, or find a tie, while this page is open.
            mine = (Assessment.id == self.id) & Assessment.ended_at.is_null()
            if not Assessment.select().where(mine).exists():
                raise Refused(NOT_YOURS)
            if Assessment.update(declared_at=now).where(mine, Assessment.declared_at.is_null()).execute():
                self.declared_at = now
                CaseReader.let(self.treatment.case, by, RULE.format(self.treatment.meeting.day), now)
                AuditEvent.log("assessor.declare", by=by, case=self.treatment.case, at=now)

    def give_back(self, by: User, why: str, now: datetime | None = None, note: str = "") -> None:
        """The assessor gives the case back before handing in, with a reason of the list; with a tie the access ends at once.

        `note`: the same in own words, for the coordinator.
        """
        self.demand_own(by)
        if why not in return_reasons():
            raise Refused("Kies waarom u deze casus teruggeeft.")
        note = one_line(note or "", LONGEST_NOTE, "De toelichting")
        with db.atomic():
            self._end(return_reasons()[why], by, "assessor.give_back", now or clock.now(), note)

    def withdraw(self, by: User, now: datetime | None = None) -> None:
        """The coordinator takes the case back from who did not hand in, so that another person can be named."""
        access.demand(by, "review", self.treatment.case.process)
        with db.atomic():
            self._end(TAKEN_BACK, by, "assessor.withdraw", now or clock.now())

    def move_term(self, day: date, by: User, now: datetime | None = None) -> bool:
        """Let it be in by another day, with its line in the trail, in the caller's transaction; False once none is awaited."""
        waits = (Assessment.id == self.id) & Assessment.handed_in_at.is_null() & Assessment.ended_at.is_null()
        if not Assessment.update(term=day).where(waits).execute():
            return False
        AuditEvent.log("assessor.extend", by=by, case=self.treatment.case, detail=f"{self.term} > {day}", at=now)
        self.term = day
        return True

    def end_by_tie(self, by: User, now: datetime) -> None:
        """A tie was found after naming: the place is open again, in the caller's transaction."""
        self._end(FOUND, by, "assessor.conflict", now)

    def end_by_theme(self, by: User, now: datetime) -> None:
        """The case got another theme, and so another form, in the caller's transaction; what was handed in is kept."""
        self._end(OTHER_THEME, by, "assessor.theme", now)

    def _end(self, why, by, action, now, note=""):
        mine = (Assessment.id == self.id) & Assessment.ended_at.is_null()
        if Assessment.update(ended_at=now, ended_why=why, ended_note=note).where(mine).execute():
            self.ended_at, self.ended_why = now, why
            CaseReader.end(self.treatment.case, self.assessor, now)
            AuditEvent.log(action, by=by, case=self.treatment.case, detail=why, at=now)
            told = {"case": self.treatment.case, "now": now, "key": self.key}
            Mail.queue("committee_withdrawn", self.assessor, once=f"withdrawn:{self.key}", **told)
            self._settle(by, now)

    def _settle(self, by, now):
        """With a place open again a case waits for a name; with enough forms in it goes on."""
        treatment, left = Treatment.get_by_id(self.treatment_id), Assessment.of(self.treatment_id)
        if treatment.state not in (TreatmentState.BIJ_BEOORDELAARS, TreatmentState.BINNEN):
            return
        enough = len(left) >= CommitteeSettings.of(treatment.case.process).assessors
        all_in = all(one.handed_in_at for one in left)
        target = TreatmentState.BINNEN if enough else TreatmentState.GEAGENDEERD
        if all_in and target != treatment.state:
            also = {"compared_at": treatment.compared_at or now} if enough else {}
            treatment.shift(treatment.state, target, by, "treatment.in" if enough else "treatment.short", now=now, **also)

    def hand_in(self, by: User, now: datetime | None = None) -> None:
        """Lock the own form; the last one in opens the comparison. Raises Refused while something is open in the form."""
        now = now or clock.now()
        with db.atomic():
            self.treatment.demand_approved()
            _lock(self.treatment_id)
            self.demand_own(by)
            form = self.forms.first()
            if form is None or form.still_open:
                raise Refused("Het formulier is nog niet compleet. Vul eerst in wat er nog openstaat.")
            late = clock.today(now) > self.term
            mine = (Assessment.id == self.id) & Assessment.handed_in_at.is_null()
            if not Assessment.update(handed_in_at=now, late=late).where(mine).execute():
                return  # the other click of a double click
            self.handed_in_at, self.late = now, late
            AuditEvent.log("assessor.hand_in", by=by, case=self.treatment.case, detail="te laat" if late else "", at=now)
            self._settle(by, now)

    def take_back(self, by: User, now: datetime | None = None) -> None:
        """Open the own form again, as long as forms were never there to compare; also beside a place that is empty."""
        with db.atomic():
            _lock(self.treatment_id)
            self.demand_own(by, handed_in=True)
            if Treatment.get_by_id(self.treatment_id).compared_at:
                raise Refused("De andere beoordeling is ook binnen: uw formulier ligt nu vast.")
            Assessment.update(handed_in_at=None, late=False).where(Assessment.id == self.id).execute()
            self.handed_in_at, self.late = None, False
            beside_empty = (Treatment.id == self.treatment_id) & (Treatment.state == TreatmentState.GEAGENDEERD)
            Treatment.update(state=TreatmentState.BIJ_BEOORDELAARS).where(beside_empty).execute()
            AuditEvent.log("assessor.take_back", by=by, case=self.treatment.case, at=now)

    def demand_own(self, by: User, handed_in: bool = False) -> None:
        """Raise Refused unless this is the open assessment of `by`, who still reads the case."""
        case = self.treatment.case
        access.demand(by, "study", case.process)
        fresh = Assessment.get_by_id(self.id)
        if fresh.assessor_id != by.id or fresh.ended_at:
            raise Refused(NOT_YOURS)
        if not access.visible(Assessment, by).where(Assessment.id == self.id).exists():
            raise Refused("Deze casus is op dit moment niet in te zien.")
        if bool(fresh.handed_in_at) != handed_in:
            raise Refused("U hebt deze beoordeling al ingeleverd." if fresh.handed_in_at else "Dit is nog niet ingeleverd.")


def return_reasons() -> dict[str, str]:
    """{value: words} of why an assessor gives a case back: a tie, and what the coordinator keeps a list of."""
    return {TIE: conflict.ENDINGS_BY_TIE[0]} | {reason: reason for reason in reasons("return_reasons")}


def _lock(treatment_id):
    """Let nobody else settle this treatment until the transaction is over."""
    query = Treatment.select(Treatment.id).where(Treatment.id == treatment_id)
    (query.for_update() if db.for_update else query).get()


def _demand_enough(treatment, people, there, third):
    if treatment.state not in (TreatmentState.GEAGENDEERD, TreatmentState.BIJ_BEOORDELAARS, TreatmentState.BINNEN):
        raise Refused(f"Deze casus is {treatment.state_label.lower()}: er worden geen beoordelaars meer genoemd.")
    if not people:
        raise Refused("Kies wie de casus beoordeelt.")
    if third and len(people) > 1:
        raise Refused("Noem één derde beoordelaar.")
    fewest = CommitteeSettings.of(treatment.case.process).assessors
    if len(people) + len(there) < fewest:
        raise Refused(f"Kies ten minste {fewest} beoordelaars.")


def _demand_untied(reasons, people):
    for one in people:
        if reasons[one.id]:
            raise Refused(f"{one.name} {reasons[one.id]}.")


def _open_work(people):
    waiting = Assessment.select(Assessment.assessor, fn.COUNT(Assessment.id)).where(
        Assessment.assessor.in_(people), Assessment.handed_in_at.is_null(), Assessment.ended_at.is_null()
    )
    return dict(waiting.group_by(Assessment.assessor).tuples())


Assessment.add_index(
    Assessment.index(
        Assessment.treatment, Assessment.assessor, unique=True, where=SQL("ended_at IS NULL"), name="assessment_of_assessor"
    )
)
