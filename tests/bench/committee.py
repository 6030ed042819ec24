"""The lists of the committee, the calls and the radar, on the database of the pages with a committee put into it once.

600 cases a year over five years, 24 members, and a call for each hospital and month: more than the country has.
"""

from datetime import timedelta

from app import create_app
from models import clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User, UserRole
from models.annual_report.births import Births
from models.base import db, new_key
from models.cases.case import Case
from models.cases.case_reader import CaseReader
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.meeting import Meeting
from models.committee.member import CommitteeMember, Workplace
from models.committee.treatment import Treatment, TreatmentState
from models.dutch import number
from models.review.call_log import LoggedCall
from tests.bench.measure import logged_in, table
from tests.bench.pages import measured

MEMBERS, TREATED, MEETINGS, CALLS = 24, 3000, 40, 12  # the last for each hospital
OPEN_ONES = 140  # cases at their assessors now

PAGES = (
    ("lid", "mijn casussen", "/commissie/"),
    ("lid", "mijn casussen, laatste bladzijde", "/commissie/?eind=1"),
    ("coordinator", "vergaderingen", "/vergaderingen/"),
    ("coordinator", "agenda van een vergadering", "/vergadering/{meeting}/"),
    ("coordinator", "casus in de commissie", "/behandeling/{key}/"),
    ("coordinator", "instellingen van de commissie", "/beheer/commissie/"),
    ("coordinator", "gesprekken", "/gesprekken/"),
    ("coordinator", "gesprekken, laatste bladzijde", "/gesprekken/?eind=1"),
    ("coordinator", "radar", "/radar/"),
    ("coordinator", "geboorten", "/geboorten/"),
    ("coordinator", "werk van vandaag", "/verzenden/dag/?op={today}"),
)


def main():
    """One table for the database that DATA_DIR names."""
    app = create_app()
    with db.connection_context():
        coordinator = User.by_email("coordinator@example.com")
        if not Meeting.select().exists():
            with db.atomic():
                _fill(coordinator)
        member = User.by_email("lid1@example.com")
        meeting = Meeting.select().order_by(Meeting.day.desc()).first()
        key = Treatment.get(Treatment.meeting == meeting).case.key
        size = Case.select().count()
    clients = {"lid": logged_in(app, member), "coordinator": logged_in(app, coordinator)}
    words = {"meeting": meeting.key, "key": key, "today": clock.today()}
    rows = [(f"{who}: {title}", *measured(clients[who], address.format(**words))) for who, title, address in PAGES]
    table(f"Committee, calls and radar at {number(size)} cases", ("page", "status", "queries", "p50 ms", "p95 ms", "kB"), rows)


def _fill(coordinator):
    now, today = clock.now(), clock.today()
    hospitals = list(Hospital.select().order_by(Hospital.id))
    people = []
    for place in range(1, MEMBERS + 1):
        one = User.create(
            email=f"lid{place}@example.com", name=f"Lid {place}", committee=Process.NETHOSS, fs_uniquifier=new_key()
        )
        UserRole.create(user=one, name=Role.COMMISSIELID)
        about = {"discipline": "gynaecoloog", "term_from": today - timedelta(days=900), "declared_on": today}
        record = CommitteeMember.create(user=one, **about)
        Workplace.create(member=record, hospital=hospitals[-place], since=today - timedelta(days=900))
        people.append(one)
    meetings = [Meeting.create(process=Process.NETHOSS, day=today + timedelta(days=14 - 42 * back)) for back in range(MEETINGS)]
    approved = Case.select().where(Case.process == Process.NETHOSS, Case.status == Status.GOEDGEKEURD)
    cases = list(approved.order_by(Case.id.desc()).limit(TREATED))
    for place, case in enumerate(cases):
        is_open = place < OPEN_ONES
        state = TreatmentState.BIJ_BEOORDELAARS if is_open else TreatmentState.GESLOTEN
        ended = {} if is_open else {"closed_at": now, "compared_at": now}
        meeting = meetings[0 if is_open else 1 + place % (MEETINGS - 1)]
        treatment = Treatment.create(case=case, meeting=meeting, state=state, since=now, **ended)
        for person in (people[place % MEMBERS], people[(place + 7) % MEMBERS]):
            CaseReader.create(case=case, user=person, rule="genoemd", since=now, ended_at=None if is_open else now)
            done = {} if is_open else {"handed_in_at": now}
            about = {"term": meeting.term, "named_at": now, "named_by": coordinator, "declared_at": now}
            Assessment.create(treatment=treatment, assessor=person, **about, **done)
    LoggedCall.insert_many(
        {
            "key": new_key(), "hospital": hospital, "by": coordinator, "at": now - timedelta(days=30 * back),
            "outcome": "gesproken", "spoken_to": "dr. X", "text": "antwoord komt nog",
        }
        for hospital in hospitals
        for back in range(CALLS)
    ).execute()  # fmt: skip
    for hospital in hospitals:
        Births.create(hospital=hospital, year=today.year - 1, count=1800, source="opgave", stated_by=coordinator, stated_at=now)


if __name__ == "__main__":
    main()
