"""What assessors hear of a case that they have: a question and its answer, what came in, and that it stands still or goes on.

Each kind of news waits once for each person and case until it is mailed, so that several answers in a row are one line.
"""

from datetime import datetime

from models import access
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.treatment import Treatment, TreatmentState
from models.mail.daily_mail import queue_unless_waiting
from models.questionnaires.query import OF_COMMITTEE, DataQuery
from settings import settings

NEWS = {
    "asked": "het ziekenhuis kreeg een vraag, tot het antwoord wacht uw beoordeling",
    "answered": "het ziekenhuis heeft een vraag beantwoord",
    "part": "er zijn stukken bij gekomen",
    "stopped": "de melding is weer open, uw beoordeling staat stil",
    "resumed": "de melding is weer goedgekeurd, uw beoordeling gaat verder",
}
MOVES = {"approve": "resumed", "reopen": "stopped", "ask": "stopped"}  # what a move of the case is to them


def tell(case: Case, what: str, now: datetime, part: int | None = None) -> None:
    """Queue this news for who assess the case, in the caller's transaction; nobody does before it was treated."""
    treatment = Treatment.of(case)
    if treatment is None or treatment.state == TreatmentState.GESLOTEN:
        return
    for one in Assessment.of(treatment):
        if one.assessor.active:
            queue_unless_waiting("committee_news", one.assessor, case, now, key=one.key, what=what, part=part)


def moved(case: Case, verb: str, now: datetime) -> None:
    """A case was moved: by itself, or as a part of one that is assessed, whose files are read from its approval on."""
    if verb not in MOVES:
        return
    if row := CasePart.of(case):
        if verb == "approve":
            tell(row.whole, "part", now, case.id)
    else:
        tell(case, MOVES[verb], now)


def answered(query: DataQuery, case: Case, now: datetime) -> None:
    """The hospital replied to what the committee asked; what a coordinator asked before approval is no news to assessors."""
    if query.is_of_committee:
        tell(case, "answered", now)


def _news(mail):
    """Only what is still so at the moment of sending, and only for who has the case still."""
    row, what = Assessment.get(Assessment.key == mail.facts["key"]), mail.facts["what"]
    case = row.treatment.case
    if row.ended_at or not mail.user.active or row.treatment.state == TreatmentState.GESLOTEN:
        return None
    if (what == "stopped") == (case.status == Status.GOEDGEKEURD) or not _holds(what, case, mail.facts["part"]):
        return None
    told = {"process": access.PROCESS_LABELS[case.process], "number": case.number, "news": NEWS[what]}
    return told | {"link": f"{settings.portal_url}/commissie/{case.key}/"}


def _holds(what, case, part):
    if what == "part":
        return Case.get_by_id(part).status == Status.GOEDGEKEURD
    if what == "asked":
        return bool(DataQuery.open_of([case.id], OF_COMMITTEE))
    return True  # a reply stays, and whether the case stands still was asked before


CONTEXTS = {"committee_news": _news}
