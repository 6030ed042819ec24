"""How a committee dealt with hospitals and with itself in a year: questions and answers, letters read, ties found, verdicts."""

from collections.abc import Sequence
from datetime import timedelta

from models import clock
from models.access import Process
from models.accounts.user import User
from models.annual_report.annual_figures import Turnaround
from models.audit.audit_event import AuditEvent
from models.cases.case_part import CasePart
from models.committee.assessment import Assessment
from models.committee.conflict import ENDINGS_BY_TIE
from models.committee.lesson_letter import LessonLetter
from models.committee.treatment import Treatment
from models.lnr.benchmark import disclosure
from models.lza1.committee_steps import CommitteeStep, StepKind
from models.questionnaires.query import OF_COMMITTEE, DataQuery
from models.report.content import ReportTable

SOON = timedelta(days=30)
DECLARED, FOUND = ENDINGS_BY_TIE
OF_LESSONS = (
    "Gelezen: iemand van het ziekenhuis opende de brief binnen 30 dagen. Dagen: van de vraag tot het antwoord. Een band die "
    "het portaal vóór het noemen ziet, kan niemand beoordelaar maken en telt hier dus niet."
)
OF_VERDICTS = "Alleen totalen: van LZA1 zijn er zo weinig casussen dat elk kleiner getal te herkennen kan zijn."


def dealings(process: str, treatments: Sequence[Treatment]) -> ReportTable:
    """One table over these treatments of `process`."""
    cases = [one.case_id for one in treatments]
    rows = [] if process == Process.LZA1 else [*_questions(cases), *_letters(cases)]
    rows += _ties(treatments)
    if process == Process.LZA1:
        given = CommitteeStep.select(CommitteeStep.case).where(
            CommitteeStep.case.in_(cases), CommitteeStep.kind == StepKind.OORDEEL
        )
        rows.append(("Oordeel geplaatst", given.distinct().count(), len(cases), None))
    told = disclosure.cells([[(count, whole)] for _, count, whole, _ in rows])
    table = []
    for (label, _, _, days), (text,) in zip(rows, told, strict=True):
        spread = Turnaround.of(days if days and len(days) >= disclosure.HIDE_BELOW and text[:1].isdigit() else [])
        table.append([label, text, spread.median, spread.ninetieth])
    if process == Process.LZA1:
        return ReportTable("Banden en oordelen", ("", "Aantal"), [row[:2] for row in table], OF_VERDICTS)
    return ReportTable("Vragen, brieven en banden", ("", "Aantal", "Mediaan (dagen)", "90% binnen (dagen)"), table, OF_LESSONS)


def _questions(cases):
    asked = list(
        DataQuery.select(DataQuery.case, DataQuery.asked_at, DataQuery.replied_at)
        .where(DataQuery.case.in_(cases), DataQuery.code == OF_COMMITTEE)
        .tuples()
    )
    days = [clock.whole_days(since, until) for _, since, until in asked if until]
    yield "Met een vraag aan het ziekenhuis", len({case for case, _, _ in asked}), len(cases), None
    yield "Vragen beantwoord", len(days), len(asked), days


def _letters(cases):
    parts = [part for (part,) in CasePart.select(CasePart.case).where(CasePart.whole.in_(cases)).tuples()]
    first = {}
    letters = LessonLetter.select(LessonLetter.key, LessonLetter.case, LessonLetter.released_at).order_by(LessonLetter.id)
    for key, case, released in letters.where(LessonLetter.case.in_([*cases, *parts])).tuples():
        first.setdefault(case, (key, released))
    opened = {}
    reads = AuditEvent.select(AuditEvent.detail, AuditEvent.at).join(User, on=AuditEvent.actor == User.id)
    there = AuditEvent.case_id.in_(list(first)) & (AuditEvent.action == "letter.read") & User.hospital.is_null(False)
    for key, at in reads.where(there).order_by(AuditEvent.id).tuples():
        opened.setdefault(key, at)
    soon = sum(key in opened and opened[key] - released <= SOON for key, released in first.values())
    yield "Lessenbrieven gelezen", soon, len(first), None


def _ties(treatments):
    ended = [
        why for (why,) in Assessment.select(Assessment.ended_why).where(Assessment.treatment.in_(list(treatments))).tuples()
    ]
    yield "Beoordelaar meldde zelf een band", ended.count(DECLARED), len(ended), None
    yield "Band later gevonden", ended.count(FOUND), len(ended), None
