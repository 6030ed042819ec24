"""The treatment of an approved case by its committee: from the agenda to closed, beside the four statuses."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from peewee import SQL, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, ModelSelect, fn

from models import access, clock
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import NOBODY, PartOf, Record, Refused, db, new_key
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.case_reader import BY_NAME, CaseReader
from models.cases.doubles.duplicate_clue import DuplicateClue
from models.cases.status import Status
from models.cases.theme import Theme
from models.committee import conflict
from models.committee.meeting import IN_LESSONS, Meeting
from models.committee.member import CommitteeMember
from models.committee.rules.committee_settings import CommitteeSettings
from models.mail.outbox import Mail
from models.questionnaires.definition.questionnaire import Purpose, Questionnaire

NOT_APPROVED = "De casus is niet (meer) goedgekeurd: de behandeling staat stil tot de coördinator de melding weer goedkeurt."
NO_FORM = "Bij dit thema hoort nog geen beoordelingsformulier. De coördinator kan dat maken onder Vragenlijsten."
RULE = "genoemd beoordelaar, vergadering {}"
TABLE = "Alleen de voorzitter, de secretaris of de coördinator kan dit doen."


class TreatmentState(StrEnum):
    """Where a case stands with its committee; the values are stored and stay Dutch."""

    GEAGENDEERD = "geagendeerd"
    BIJ_BEOORDELAARS = "bij_beoordelaars"
    BINNEN = "binnen"
    BESPROKEN = "besproken"
    GESLOTEN = "gesloten"


TREATMENT_LABELS = {
    TreatmentState.GEAGENDEERD: "Op de agenda",
    TreatmentState.BIJ_BEOORDELAARS: "Bij beoordelaars",
    TreatmentState.BINNEN: "Beoordeeld",
    TreatmentState.BESPROKEN: "Besproken",
    TreatmentState.GESLOTEN: "Gesloten",
}
UNDISCUSSED = (TreatmentState.GEAGENDEERD, TreatmentState.BIJ_BEOORDELAARS, TreatmentState.BINNEN)
OPEN = (*UNDISCUSSED, TreatmentState.BESPROKEN)


class Treatment(PartOf, Record):
    """One case in the hands of its committee; once for each case. `round` goes up with every move, as with a case."""

    key = CharField(max_length=22, unique=True, default=new_key)
    case = ForeignKeyField(Case, unique=True, backref="treatments", on_delete="RESTRICT")
    meeting = ForeignKeyField(Meeting, backref="treatments", on_delete="RESTRICT")
    state = CharField(max_length=16, choices=list(TREATMENT_LABELS.items()), default=TreatmentState.GEAGENDEERD)
    since = DateTimeField()
    round = IntegerField(default=1)
    compared_at = DateTimeField(null=True)  # from when the first forms may be laid side by side, and change no more
    closed_at = DateTimeField(null=True)
    closed_why = CharField(max_length=300, default="")  # why no letter went to the hospital

    class Meta:
        indexes = ((("state", "since"), False),)
        constraints = [
            Check("state IN ({})".format(", ".join(f"'{state}'" for state in TreatmentState)), "treatment_state"),
            Check("state <> 'gesloten' OR closed_at IS NOT NULL", "treatment_closed"),
            Check("state <> 'binnen' OR compared_at IS NOT NULL", "treatment_compared"),
        ]

    def __str__(self):
        return self.case.number

    @classmethod
    def owned_by(cls, hospital: Any, processes: Any) -> Any:
        return NOBODY  # a hospital reads letters and receipts, not how a committee came to them

    entrusted_to = classmethod(lambda cls, user, processes: NOBODY)
    studied_by = classmethod(lambda cls, user, processes: cls.within("studied_by", user, processes))
    declarable_by = classmethod(lambda cls, user, processes: cls.within("declarable_by", user, processes))

    @property
    def state_label(self) -> str:
        return TREATMENT_LABELS[self.state]

    @property
    def undiscussed(self) -> bool:
        """Whether a meeting has still to speak about the case."""
        return self.state in UNDISCUSSED

    @classmethod
    def of(cls, case: Case) -> "Treatment | None":
        """The treatment of this case; None before it was put on an agenda."""
        return cls.get_or_none(cls.case == case)

    @classmethod
    def waiting(cls, by: User, process: str) -> ModelSelect:
        """The approved cases of `process` that `by` can put on an agenda, the longest approved first, as a query."""
        # What a meeting that is over did not come to waits as well, with what its assessors did.
        had = Meeting.closed_at.is_null() | cls.state.not_in(UNDISCUSSED)
        none = ~fn.EXISTS(cls.select(SQL("1")).join(Meeting).where(cls.case == Case.id, had))
        whole = ~CasePart.there(Case.id)
        ready = access.visible(Case, by).where(Case.process == process, Case.status == Status.GOEDGEKEURD, none, whole)
        return ready.select_extend(Theme).join_from(Case, Theme).order_by(Case.approved_at, Case.id)

    @classmethod
    def schedule(cls, case: Case, meeting: Meeting, by: User, now: datetime | None = None) -> "Treatment":
        """Put an approved case on the agenda of a meeting; one that is on another agenda moves. Returns the treatment."""
        now = now or clock.now()
        access.demand(by, "review", case.process)
        try:
            with db.atomic():
                if Case.held(case.id).status != Status.GOEDGEKEURD:
                    raise Refused(NOT_APPROVED)
                _demand_takes(meeting, case)
                if CasePart.of(case):
                    raise Refused("Dit is een deel van een casus. Zet de casus zelf op de agenda.")
                if made := cls.of(case):
                    made.move_to(meeting, by, now)
                    return made
                made = cls.create(case=case, meeting=meeting, since=now)
                if case.process in BY_NAME:
                    made._open_to_leaders(now)
                AuditEvent.log("treatment.schedule", by=by, case=case, detail=str(meeting.day), at=now)
        except IntegrityError:
            return cls.get(cls.case == case)  # the other click of a double click was first
        return made

    def move_to(self, meeting: Meeting, by: User, now: datetime | None = None) -> None:
        """Put the case on the agenda of another meeting, with what its assessors did; who has to hand in gets the new days."""
        now = now or clock.now()
        access.demand(by, "review", self.case.process)
        if not self.undiscussed:
            raise Refused(f"Deze casus is al {self.state_label.lower()}.")
        left, today = self.meeting, clock.today(now)
        latest = max(meeting.term, today)
        with db.atomic():
            _demand_takes(meeting, self.case)
            if left == meeting:
                return
            self.shift(self.state, self.state, by, "treatment.schedule", detail=str(meeting.day), now=now, meeting=meeting)
            for one in self.assessments:
                if one.ended_at is None and one.handed_in_at is None:
                    was = {"meeting": left.id, "term": str(one.term)}
                    # A term that was agreed with one assessor stays, as long as it can be kept and fits the new meeting.
                    if one.term != latest and (one.term == left.term or not today <= one.term <= latest):
                        one.move_term(latest, by, now)
                    Mail.queue("committee_term", one.assessor, case=self.case, now=now, key=one.key, **was)

    def open_to(self, people: list[User], now: datetime) -> None:
        """Name those who read the case once they declared to be independent, in the caller's transaction.

        Where the whole committee read it, from here on only they and who leads it do.
        """
        for one in people:
            CaseReader.expect(self.case, one, RULE.format(self.meeting.day), now)
        if self.case.process not in BY_NAME:
            self._open_to_leaders(now)

    def _open_to_leaders(self, now):
        # Who may not assess it may not read it either.
        members = (
            CommitteeMember.select(CommitteeMember, User).join(User).where(User.active, User.committee == self.case.process)
        )
        leading = list(members.where(CommitteeMember.chair | CommitteeMember.secretary))
        reasons = self.reasons_against([one.user for one in leading], now)
        for one in leading:
            if not reasons[one.user_id]:
                CaseReader.let(self.case, one.user, f"{'voorzitter' if one.chair else 'secretaris'} van de commissie", now)

    def involved_hospitals(self) -> list[tuple[Hospital, str]]:
        """Every hospital that this case is known to be about, by name, and why in words: who works there does not assess it."""
        parts = self.case.parts()
        told = DuplicateClue.select().where(DuplicateClue.case.in_([self.case, *parts]), DuplicateClue.transfer.is_null(False))
        why = dict.fromkeys((row.hospital_id for row in self.involved), "vastgelegd bij deze casus")
        why |= dict.fromkeys((row.transfer_id for row in told), "overplaatsing, opgegeven door het ziekenhuis")
        why |= dict.fromkeys((part.hospital_id for part in parts), "heeft een deel van deze casus")
        why[self.case.hospital_id] = "meldt deze casus"
        found = Hospital.select().where(Hospital.id.in_(list(why))).order_by(Hospital.name)
        return [(one, why[one.id]) for one in found]

    def hospitals(self) -> list[Hospital]:
        """The same without why."""
        return [one for one, _ in self.involved_hospitals()]

    def reasons_against(self, users: list[User], now: datetime | None = None) -> dict[int, str]:
        """{account id: why that person does not assess this case}; empty when nothing is against it."""
        tied = {row.assessor_id for row in self.assessments if row.ended_why in conflict.ENDINGS_BY_TIE}
        return conflict.check(users, self.hospitals(), tied, CommitteeSettings.of(self.case.process), now)

    def shift(
        self, origin: str, target: str, by: User | None, action: str, detail: str = "", now: Any = None, **also: Any
    ) -> None:
        """Move to another state by one conditional update, with its line in the trail, in the caller's transaction.

        Raises Refused when somebody was first.
        """
        now = now or clock.now()
        here = (Treatment.id == self.id) & (Treatment.state == origin) & (Treatment.round == self.round)
        changes = {"state": target, "since": now, "round": self.round + 1, **also}
        if not Treatment.update(**changes).where(here).execute():
            there = Treatment.get_by_id(self.id)
            raise Refused(f"Iemand was u voor: deze casus is nu {there.state_label.lower()}. Bekijk de pagina opnieuw.")
        for name, value in changes.items():
            setattr(self, name, value)
        AuditEvent.log(action, by=by, case=self.case, detail=detail, at=now)

    def as_seen(self, round: Any) -> "Treatment":
        """Raise Refused when somebody moved the treatment since the page with `round` was shown."""
        if str(self.round) != str(round):
            raise Refused(f"Deze casus is intussen {self.state_label.lower()}. Bekijk de pagina opnieuw.")
        return self

    def demand_approved(self) -> None:
        """Raise Refused while the case is not approved: the treatment stands still then."""
        if Case.held(self.case_id).status != Status.GOEDGEKEURD:
            raise Refused(NOT_APPROVED)

    def lacks_form(self, now: datetime | None = None) -> bool:
        """Whether naming assessors would close the case to the others while there is no form to assess it with."""
        if self.case.process in BY_NAME:
            return False
        return Questionnaire.for_case(self.case, clock.today(now), Purpose.BEOORDELING) is None

    def lacking_forms(self, theme: Theme | None = None, now: datetime | None = None) -> list[str]:
        """The forms that this case, under `theme`, needs and that are not in force, in words."""
        needs = {Purpose.BEOORDELING: "beoordelingsformulier"}
        if self.case.process in IN_LESSONS:
            needs[Purpose.CONSENSUS] = "consensusformulier"
        day = clock.today(now)
        return [word for purpose, word in needs.items() if Questionnaire.for_case(self.case, day, purpose, theme) is None]

    def demand_form(self, now: datetime | None = None) -> None:
        """Raise Refused while nobody can be named."""
        if self.lacks_form(now):
            raise Refused(NO_FORM)

    def at_table(self, by: User) -> bool:
        """Whether `by` leads the meeting for this case: the coordinator, or a chair or secretary who reads it."""
        if access.may(by, "review", self.case.process):
            return True
        member = CommitteeMember.of(by) if access.may(by, "study", self.case.process) else None
        reads = Case.select().where(Case.id == self.case_id, access.reach(Case, by)).exists()
        return member is not None and member.leads and reads and not self.is_tied(by)

    def is_tied(self, member: User) -> bool:
        """Whether this member of the committee has a tie to the case, and so is out of the room."""
        return conflict.conflicting(self.reasons_against([member])[member.id])

    def demand_table(self, by: User) -> None:
        """Raise Refused unless `by` leads the meeting for this case."""
        if not self.at_table(by):
            raise Refused(TABLE)


def _demand_takes(meeting, case):
    if case.process != meeting.process:
        raise Refused("Deze casus hoort bij een andere commissie.")
    query = Meeting.select().where(Meeting.id == meeting.id)
    # Who closes it waits until this case is on the agenda, and then asks about this case too.
    if (query.for_update("FOR SHARE") if db.for_update else query).get().closed_at:
        raise Refused("Deze vergadering is afgerond. Kies een andere.")


class InvolvedHospital(PartOf, Record):
    """Another hospital that a case is about, such as one of transfer; its people do not assess the case."""

    whole = "treatment"

    treatment = ForeignKeyField(Treatment, backref="involved", on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, backref="involved_in", on_delete="RESTRICT")

    class Meta:
        indexes = ((("treatment", "hospital"), True),)

    studied_by = classmethod(lambda cls, user, processes: NOBODY)
