"""What people have to do themselves on a day, and what closes on it: about what, who, and why."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from peewee import JOIN

from models import clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.annual_report.edition import ReportEdition
from models.cases.case import Case
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.following.assessor_terms import awaited
from models.committee.following.open_places import open_places
from models.committee.meeting import Meeting
from models.committee.treatment import Treatment
from models.dutch import listed, long_date, month_name, plural
from models.monthly.month_answer import next_requests
from models.monthly.monthly_request import MonthlyCall
from models.monthly.response import silent
from models.review.assignment import TERM, CaseAssignment
from models.review.call_log import OUTCOMES, LoggedCall

COORDINATORS = "coördinatoren van NethOSS"
MOST_NAMES = 8
MOST_CASES = 50  # named one by one; of more it is told how many


@dataclass(frozen=True)
class DueWork:
    """One thing of a day. `kind`: 'bellen', 'maand', 'oordeel', 'beoordeling', 'beoordelaar',
    'vergadering' or 'jaar'; `key`: of its page."""

    kind: str
    what: str
    who: str
    why: str
    key: str = ""


def due_on(day: date, today: date) -> list[DueWork]:
    """What is due on `day` for NethOSS, as it stands now; on today also the calls, verdicts and assessments of before."""
    return [
        *_calls(day, today),
        *_months(day),
        *_verdicts(day, day == today),
        *_committee(day, day == today),
        *_places(day, today),
        *_year(day),
    ]


def _calls(day: date, today: date) -> Iterator[DueWork]:
    on, caller, other = LoggedCall.call_back_on, User.alias(), User.alias()
    calls = LoggedCall.to_call_back().select(LoggedCall, Hospital, caller, other).join_from(LoggedCall, Hospital)
    calls = calls.join_from(LoggedCall, caller, on=(LoggedCall.by == caller.id), attr="by")
    calls = calls.join_from(LoggedCall, other, JOIN.LEFT_OUTER, on=(LoggedCall.taken_by == other.id), attr="taken_by")
    for call in calls.where(on <= day if day == today else on == day):
        why = [f"{OUTCOMES[call.outcome].lower()} op {long_date(clock.local_date(call.at))}"]
        if call.month:
            why.append(f"over {month_name(call.month)}")
        if call.call_back_on < day:
            why.append(f"afgesproken voor {long_date(call.call_back_on)}")
        who = (call.taken_by or call.by).name
        yield DueWork("bellen", f"{call.hospital.name} terugbellen", who, ", ".join(why), call.hospital.code)


def _months(day: date) -> Iterator[DueWork]:
    """The months whose term is over on that day, and those about which the links in the mails stop working."""
    months = clock.months_until(clock.month_of(day), 4)
    for month, end in next_requests(months).items():
        if clock.local_date(end) == day and (names := [one.name for one in silent(month)]):
            why = "zonder antwoord; vanaf deze dag telt een antwoord als te laat"
            yield DueWork("maand", f"Termijn van {month_name(month)} voorbij", listed(names, MOST_NAMES), why, month)
    start = clock.start_of(day)
    ending = MonthlyCall.select(MonthlyCall.month).where(
        MonthlyCall.month.in_(months), MonthlyCall.expires_at >= start, MonthlyCall.expires_at < clock.start_of(day + clock.DAY)
    )
    for (month,) in ending.distinct().tuples():
        if names := [one.name for one in silent(month)]:
            why = "zonder antwoord; de knoppen in de mail werken dan niet meer, antwoorden kan nog in het portaal"
            yield DueWork("maand", f"Uitvraag over {month_name(month)} sluit", listed(names, MOST_NAMES), why, month)


def _verdicts(day: date, overdue: bool) -> Iterator[DueWork]:
    """The cases that should be judged by that day; with `overdue` also those that should have been before."""
    handed_in = (Case.process == Process.NETHOSS) & (Case.status == Status.INGEDIEND)
    since, until = clock.start_of(day - TERM), clock.start_of(day - TERM + clock.DAY)
    due = Case.select().where(handed_in, Case.status_since < until)
    due = due if overdue else due.where(Case.status_since >= since)
    cases = list(due.order_by(Case.status_since, Case.id).limit(MOST_CASES + 1))
    rows = CaseAssignment.select(CaseAssignment, User).join(User, on=CaseAssignment.coordinator)
    names = {row.case_id: row.coordinator.name for row in rows.where(CaseAssignment.case.in_(cases))}
    for case in cases[:MOST_CASES]:
        handed_in_on = clock.local_date(case.status_since)
        why = f"ingediend op {long_date(handed_in_on)}; de termijn is {plural(TERM.days, 'dag', 'dagen')}"
        if handed_in_on + TERM < day:
            why += " en is voorbij"
        yield DueWork("oordeel", f"Melding {case.number} beoordelen", names.get(case.id, COORDINATORS), why, case.key)
    if cases[MOST_CASES:]:
        left = plural(due.count() - MOST_CASES, "melding", "meldingen")
        yield DueWork(
            "oordeel", f"En nog {left} beoordelen", COORDINATORS, "wie het langst wacht staat hierboven", cases[-1].key
        )


def _committee(day: date, overdue: bool) -> Iterator[DueWork]:
    waiting: dict = defaultdict(list)
    for row in awaited().where(Assessment.term <= day if overdue else Assessment.term == day):
        if row.treatment.meeting.process == Process.NETHOSS:
            waiting[row.assessor, row.treatment.meeting].append(row)
    for (assessor, meeting), rows in waiting.items():
        late = sum(row.term < day for row in rows)
        left = f"te laat bij {late}" if late else "dit is de laatste dag"
        why = f"{plural(len(rows), 'casus', 'casussen')} voor de vergadering van {meeting}; {left}"
        yield DueWork("beoordeling", "Beoordelingen inleveren", assessor.name, why, meeting.key)
    for meeting in Meeting.select().where(Meeting.day == day, Meeting.process == Process.NETHOSS):
        count = Treatment.select().where(Treatment.meeting == meeting).count()
        why = f"{plural(count, 'casus', 'casussen')} op de agenda; sluit de vergadering daarna zelf"
        yield DueWork("vergadering", "De commissie vergadert", "commissie en coördinatoren", why, meeting.key)


def _places(day: date, today: date) -> Iterator[DueWork]:
    """Today: the cases that lost an assessor, and wait until somebody else is named."""
    for place in open_places(Process.NETHOSS) if day == today else ():
        why = f"{place.why}, {long_date(clock.local_date(place.since))}; vergadering van {place.treatment.meeting}"
        what = f"Beoordelaar noemen voor {place.treatment.case.number}"
        yield DueWork("beoordelaar", what, COORDINATORS, why, place.treatment.case.key)


def _year(day: date) -> Iterator[DueWork]:
    """On the first day of a year: the year before can be settled."""
    if day == date(day.year, 1, 1) and not ReportEdition.of_year(day.year - 1):
        why = f"{day.year - 1} is voorbij; vanaf deze dag kan het verslag worden vastgesteld"
        yield DueWork("jaar", f"Jaarverslag {day.year - 1}", COORDINATORS, why, str(day.year - 1))
