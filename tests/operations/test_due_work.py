"""What people have to do themselves on the day that is rehearsed, and what closes on it: to whom, and why."""

from datetime import date, timedelta

import pytest

from models import clock
from models.access import Process
from models.base import new_key
from models.cases.status import Status
from models.committee.assessment import Assessment
from models.committee.meeting import Meeting
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail, MailStatus
from models.monthly.monthly_request import MonthlyCall
from models.operations.rehearsal.due_work import due_on
from models.review.assignment import TERM, CaseAssignment
from models.review.call_log import LoggedCall
from tests import make

pytestmark = pytest.mark.db_dialect
TODAY = date(2026, 11, 3)
NOW = clock.start_of(TODAY, 10)


def told(day, kind):
    return [(one.what, one.who, one.why) for one in due_on(day, TODAY) if one.kind == kind]


def test_a_call_comes_back_on_its_day_with_who_calls_and_why():
    boss, other, hospital = make.coordinator(name="Elske"), make.coordinator(name="Ruud"), make.hospital("Ziekenhuis Alfa")
    day = TODAY + timedelta(days=7)
    fields = {"spoken_to": "dr. X", "call_back": True, "call_back_on": day, "month": "2026-10", "now": NOW}
    call = LoggedCall.log(hospital, boss, new_key(), "komt nog", **fields)
    assert told(day, "bellen") == [
        ("Ziekenhuis Alfa terugbellen", "Elske", "gesproken, antwoord komt nog op 3 november 2026, over oktober 2026")
    ]
    assert told(TODAY, "bellen") == [] == told(day + clock.DAY, "bellen")
    LoggedCall.update(taken_by=other, call_back_on=TODAY - timedelta(days=1)).where(LoggedCall.id == call.id).execute()
    ((_, who, why),) = told(TODAY, "bellen")
    assert who == "Ruud" and why.endswith("afgesproken voor 2 november 2026")


def test_a_month_closes_for_those_who_did_not_answer():
    silent, answered = make.user(hospital=make.hospital("Ziekenhuis Alfa")), make.user()
    MonthlyCall.open_all("2026-10", now=NOW)
    Mail.update(status=MailStatus.VERZONDEN).execute()
    make.zero(answered, month="2026-10", at=NOW)
    next_request = MailSchedule.current().next_request(NOW)
    ((what, who, why),) = told(next_request, "maand")
    assert what == "Termijn van oktober 2026 voorbij" and who == silent.hospital.name and "te laat" in why
    ends = clock.local_date(MonthlyCall.get().expires_at)
    ((what, who, why),) = told(ends, "maand")
    assert what == "Uitvraag over oktober 2026 sluit" and who == silent.hospital.name and "in het portaal" in why
    make.zero(silent, month="2026-10", at=NOW)
    assert told(next_request, "maand") == [] == told(ends, "maand")


def test_verdicts_assessments_and_the_year_are_due_on_their_days():
    boss = make.coordinator(name="Elske")
    case = make.case(Status.INGEDIEND, at=NOW)
    make.case(Status.INGEDIEND, theme=make.theme(Process.LZA1), by=make.user(role="lza1-melder"), at=NOW)
    day = TODAY + TERM
    assert [(what, who) for what, who, _ in told(day, "oordeel")] == [
        (f"Melding {case.number} beoordelen", "coördinatoren van NethOSS")
    ]
    CaseAssignment.assign(boss, [case.key], boss.id, NOW)
    assert told(day, "oordeel")[0][1:] == ("Elske", "ingediend op 3 november 2026; de termijn is 14 dagen")
    assert told(day + clock.DAY, "oordeel") == []
    ((_, _, why),) = [(one.what, one.who, one.why) for one in due_on(day + clock.DAY, day + clock.DAY) if one.kind == "oordeel"]
    assert why.endswith("de termijn is 14 dagen en is voorbij"), "today tells also what is overdue"

    assessors = [make.member(make.user(role="commissielid", committee="nethoss", name=name)) for name in ("Anna", "Bert")]
    make.treatment(assessors=assessors, by=boss)
    term, meeting = Assessment.get().term, Meeting.get()
    assert [
        (who, why.startswith("1 casus") and why.endswith("dit is de laatste dag")) for _, who, why in told(term, "beoordeling")
    ] == [("Anna", True), ("Bert", True)]
    late = [one.why for one in due_on(term + clock.DAY, term + clock.DAY) if one.kind == "beoordeling"]
    assert len(late) == 2 and all(why.endswith("te laat bij 1") for why in late)
    assert told(term + clock.DAY, "beoordeling") == []
    assert "1 casus op de agenda" in told(meeting.day, "vergadering")[0][2]

    assert "kan het verslag worden vastgesteld" in told(date(2027, 1, 1), "jaar")[0][2]
    assert told(date(2027, 1, 2), "jaar") == []


def test_of_very_many_that_are_overdue_it_is_told_how_many(monkeypatch):
    monkeypatch.setattr("models.operations.rehearsal.due_work.MOST_CASES", 2)
    for days in (40, 30, 20, 15):
        make.case(Status.INGEDIEND, at=NOW - timedelta(days=days))
    first, second, rest = told(TODAY, "oordeel")
    assert "is voorbij" in first[2] and "is voorbij" in second[2] and rest[0] == "En nog 2 meldingen beoordelen"


def test_the_page_of_the_day_tells_it_with_the_way_there(client, login):
    boss, hospital, today = make.coordinator(name="Elske"), make.hospital("Ziekenhuis Alfa"), clock.today()
    LoggedCall.log(hospital, boss, new_key(), "niet bereikt", call_back=True, call_back_on=today)
    case = make.case(Status.INGEDIEND, at=clock.now() - TERM)
    login(client, boss)
    page = client.get(f"/verzenden/dag/?op={today}").text
    assert f'href="/ziekenhuizen/{hospital.code}/">Ziekenhuis Alfa terugbellen</a>' in page and "<span>Elske</span>" in page
    assert f'href="/beoordelen/{case.key}/">Melding {case.number} beoordelen</a>' in page
