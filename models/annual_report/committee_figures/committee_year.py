"""What a committee did in a year: how many cases it discussed and how, how far its assessors agreed, and how long it took.

No number from which a case could be told: all of them go through benchmark/disclosure.py.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from models import access, clock
from models.access import PROCESS_LABELS
from models.accounts.user import User
from models.annual_report.annual_figures import Turnaround
from models.annual_report.committee_figures.assessor_agreement import READY, CommitteeAgreement
from models.annual_report.committee_figures.committee_dealings import dealings
from models.annual_report.committee_figures.committee_findings import CommitteeFindings
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.cases.theme import Theme
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import OVERALL, judged_together
from models.committee.consensus import FORMALITY
from models.committee.lesson_letter import LessonLetter
from models.committee.meeting import IN_LESSONS, Meeting
from models.committee.treatment import Treatment, TreatmentState
from models.dutch import long_date
from models.lnr.benchmark import disclosure
from models.questionnaires.definition.questionnaire import Version
from models.report.content import ReportContent, ReportSection, ReportTable

DISCUSSED = (TreatmentState.BESPROKEN, TreatmentState.GESLOTEN)
COUNTED = (
    "Aantallen van 1 tot en met 4, ook als verschil met het geheel, staan er niet; bij minder dan "
    f"{disclosure.SMALLEST} staat er ‘{disclosure.SMALL}’. Een groot verschil is er een waarbij het portaal een derde "
    "beoordelaar voorstelt."
)


@dataclass(frozen=True)
class CommitteeYear:
    """The treatments of one process, each with case, theme and meeting at hand."""

    process: str
    treatments: list

    @classmethod
    def of(cls, process: str, year: int, by: User) -> "CommitteeYear":
        """Of the meetings of a year, for who coordinates `process` or sits in its committee. Raises Refused for others."""
        if not access.may(by, "review", process) and not access.may(by, "study", process):
            raise Refused(access.ABILITY_SENTENCES["study"])
        held = Meeting.day.between(date(year, 1, 1), date(year, 12, 31)) & (Meeting.process == process)
        return cls(process, list(_whole().where(held)))

    @classmethod
    def among(cls, process: str, cases: Iterable[Case]) -> "CommitteeYear":
        """Of these cases, for the annual report, which asks for its own right."""
        return cls(process, list(_whole().where(Treatment.case.in_(list(cases)))))

    def content(self, year: int, now: datetime | None = None) -> ReportContent:
        """The figures as a report, for page and file."""
        name = PROCESS_LABELS[access.Process(self.process)]
        about = f"Stand van {long_date(now or clock.now())}. Een casus telt in het jaar van de vergadering die erover gaat."
        section = ReportSection(f"commissie-{self.process}", f"Commissie {name}", (), self.tables)
        return ReportContent(f"Jaarcijfers commissie {name} {year}", about, [section])

    @property
    def tables(self) -> list[ReportTable]:
        """Counts, turnaround and dealings; where a committee tells lessons, also what it found and how far its people agree."""
        counts = self._counts()
        found = [counts, self._times(), dealings(self.process, self.treatments)]
        if self.process in IN_LESSONS:
            told = counts.rows[0][1] not in (disclosure.FEW, disclosure.HIDDEN)
            found += [*CommitteeFindings.of(self.treatments, told).tables, self._themes()]
        return found

    def _counts(self):
        discussed = [one for one in self.treatments if one.state in DISCUSSED]
        compared = [one for one in self.treatments if one.compared_at and one.state in READY]
        there = Assessment.treatment.in_(self.treatments) & Assessment.ended_at.is_null()
        handed_in = [
            late for (late,) in Assessment.select(Assessment.late).where(there, Assessment.handed_in_at.is_null(False)).tuples()
        ]
        thirds = Assessment.select(Assessment.treatment).where(there, Assessment.third).distinct().count()
        rows = [
            ("Besproken", len(discussed), len(self.treatments)),
            ("Behandeling gesloten", sum(one.state == TreatmentState.GESLOTEN for one in discussed), len(discussed)),
            ("Met een derde beoordelaar", thirds, len(self.treatments)),
            ("Beoordelingen op tijd", handed_in.count(False), len(handed_in)),
        ]
        if self.process in IN_LESSONS:
            rows += [
                ("Vastgesteld als hamerstuk", self._formal(discussed), len(discussed)),
                (
                    "Groot verschil tussen de eerste twee",
                    sum(bool(one.big) for one in judged_together(compared)),
                    len(compared),
                ),
                ("Lessenbrief naar het ziekenhuis", len(self._letters()), len(discussed)),
            ]
        told = disclosure.cells([[(count, whole)] for _, count, whole in rows])
        # What stands behind 'van' in a later row is the first of these numbers.
        shut = told[0][0] in (disclosure.FEW, disclosure.HIDDEN)
        table = [
            [label, disclosure.HIDDEN if shut and number and whole == len(discussed) else text]
            for number, ((label, _, whole), (text,)) in enumerate(zip(rows, told, strict=True))
        ]
        return ReportTable("Besproken casussen", ("", "Aantal"), table, COUNTED)

    @staticmethod
    def _formal(discussed):
        settled = CommitteeForm.assessment.is_null() & CommitteeForm.fixed_at.is_null(False)
        forms = CommitteeForm.select(CommitteeForm, Version).join(Version)
        return sum(one.value("V11") == FORMALITY for one in forms.where(settled, CommitteeForm.treatment.in_(discussed)))

    def _letters(self):
        """{case id: when its first letter went to a hospital}."""
        rows = LessonLetter.select(LessonLetter.case, LessonLetter.released_at).order_by(LessonLetter.released_at.desc())
        return dict(rows.where(LessonLetter.case.in_([one.case_id for one in self.treatments])).tuples())

    def _times(self):
        letters, took = self._letters(), defaultdict(list)
        for one in self.treatments:
            since = clock.local_date(one.case.approved_at)
            moments = [one.compared_at, one.state in DISCUSSED and one.meeting.day, letters.get(one.case_id), one.closed_at]
            for name, moment in zip(
                ("de beoordelingen", "de bespreking", "de lessenbrief", "het sluiten"), moments, strict=True
            ):
                # An approval of after it, as when a question sent the case back, does not tell how long it took.
                if moment and _day(moment) >= since:
                    took[name].append((_day(moment) - since).days)
        told = disclosure.cells([[(len(days), len(self.treatments))] for days in took.values()])
        rows = []
        for (name, days), (text,) in zip(took.items(), told, strict=True):
            found = Turnaround.of(days) if text[:1].isdigit() and text != disclosure.FEW else Turnaround.of([])
            rows.append([name, text, found.median, found.ninetieth])
        return ReportTable("Dagen na goedkeuring", ("Tot", "Casussen", "Mediaan", "90% binnen"), rows)

    def _themes(self):
        cases = defaultdict(list)
        for one in self.treatments:
            cases[one.case.theme.name].append(one.case)
        found = {name: CommitteeAgreement.among(those) for name, those in sorted(cases.items())}
        total = sum(one.pairs for one in found.values())
        told = disclosure.cells([[(one.pairs, total)] for one in found.values()])
        rows = [[name, text, *_overall(one)] for (name, one), (text,) in zip(found.items(), told, strict=True)]
        note = "Over het oordeel over het geheel. Kappa en AC2 gewogen, met tussen haakjes het 95%-interval."
        return ReportTable("Overeenstemming per thema", ("Thema", "Paren", "Gelijk", "Kappa", "AC2"), rows, note)


def _overall(agreement):
    row = next((one.row for one in agreement.items if one.code == OVERALL), None)
    return [row[3], row[5], row[6]] if row else [None] * 3


def _day(moment):
    return clock.local_date(moment) if isinstance(moment, datetime) else moment


def _whole():
    joined = Treatment.select(Treatment, Case, Theme, Meeting).join(Case).join(Theme).switch(Treatment).join(Meeting)
    # Of what was erased nothing is left to count; what was dismissed, or is approved no longer, the committee does not judge.
    counts = Case.erased_at.is_null() & Case.approved_at.is_null(False) & (Case.status != Status.INGETROKKEN)
    return joined.where(counts).order_by(Treatment.id)
