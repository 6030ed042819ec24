from datetime import date

import pytest

from models import clock
from models.access import Role
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import Mail, MailStatus
from models.monthly import response
from models.monthly.month_answer import MonthAnswer, Proof
from models.monthly.monthly_request import MonthlyCall
from models.review import silent_hospitals
from tests import make

SEPTEMBER, OCTOBER, NOVEMBER = "2026-09", "2026-10", "2026-11"
ASKED = clock.start_of(date(2026, 11, 1), 7)  # when the request about October left
SOON = clock.start_of(date(2026, 11, 3), 12)
LATE = clock.start_of(date(2026, 12, 1), 12)


def ask(month=OCTOBER, at=ASKED, sent=True):
    """Open a month for the melders there are; their requests leave, unless said otherwise."""
    MonthlyCall.open_all(month, now=at)
    if sent:
        Mail.update(status=MailStatus.VERZONDEN, sent_at=at).where(
            Mail.month == month, Mail.status == MailStatus.WACHT
        ).execute()


def melders(count):
    return [make.user(name=f"Melder {number}") for number in range(count)]


def state(melder, month=OCTOBER, now=SOON):
    cell = response.grid([melder.hospital], [month], now)[melder.hospital_id][month]
    return cell.state, cell.late


# ---- the cells of the grid ------------------------------------------------------------------------------------------


def test_a_cell_is_empty_until_a_request_was_really_sent():
    melder = make.user()
    assert state(melder) == ("leeg", False)
    ask(sent=False)
    assert state(melder) == ("leeg", False)


def test_a_cell_is_silent_and_then_overdue():
    melder = make.user()
    ask()
    border = clock.start_of(date(2026, 12, 1))
    assert state(melder, now=border - clock.MINUTE) == ("stil", False)
    assert state(melder, now=border) == ("telaat", False)


def test_a_cell_shows_a_zero_report_a_case_or_a_provisional_one():
    zero, reporter, provisional = melders(3)
    ask()
    make.zero(zero, at=SOON)
    make.case(by=reporter, month=OCTOBER, at=SOON)
    make.zero(provisional, proof=Proof.SCRIPT, at=SOON)
    assert [state(melder) for melder in (zero, reporter, provisional)] == [
        ("nul", False),
        ("casus", False),
        ("voorlopig", False),
    ]


@pytest.mark.parametrize(("at", "late"), [(clock.start_of(date(2026, 12, 1)) - clock.MINUTE, False), (LATE, True)])
def test_an_answer_after_the_next_request_is_late(at, late):
    melder = make.user()
    ask()
    make.zero(melder, at=at)
    assert state(melder, now=LATE) == ("nul", late)


def test_an_answer_is_late_by_the_day_of_the_schedule_that_counted_then():
    melder, before = make.user(), clock.start_of(date(2026, 10, 20), 12)
    MailSchedule.amend(make.coordinator(), 0, before, send_day=5)
    ask(at=clock.start_of(date(2026, 11, 5), 7))
    make.zero(melder, at=clock.start_of(date(2026, 12, 4), 23))
    assert state(melder, now=LATE) == ("nul", False) and response.turnouts([OCTOBER])[OCTOBER].late == 0
    other = make.user()
    make.zero(other, at=clock.start_of(date(2026, 12, 5)))
    assert state(other, now=LATE) == ("nul", True)
    # What changes afterwards makes nothing late, and from the day after which it was over by then it counts at once.
    MailSchedule.amend(make.coordinator(), 1, clock.start_of(date(2026, 12, 6), 12), send_day=1)
    assert state(melder, now=LATE) == ("nul", False)
    days = MailSchedule.days_of([OCTOBER, NOVEMBER, "2026-12"])
    assert [clock.today(day).isoformat() for day in days.values()] == ["2026-11-05", "2026-12-05", "2027-01-01"]


def test_a_day_that_was_over_when_it_was_chosen_is_the_day_of_choosing():
    MailSchedule.amend(make.coordinator(), 0, clock.start_of(date(2026, 10, 20), 12), send_day=20)
    MailSchedule.amend(make.coordinator(), 1, clock.start_of(date(2026, 12, 6), 12), send_day=3)
    assert clock.today(MailSchedule.days_of([NOVEMBER])[NOVEMBER]) == date(2026, 12, 6)


def test_a_day_moved_later_after_the_request_left_moves_no_earlier_request():
    ask()
    melder = make.user()
    make.zero(melder, at=clock.start_of(date(2026, 12, 3)))
    MailSchedule.amend(make.coordinator(), 0, clock.start_of(date(2026, 12, 10), 12), send_day=15, remind_day=25)
    days = MailSchedule.days_of([NOVEMBER, "2026-12"])
    assert [clock.today(day).isoformat() for day in days.values()] == ["2026-12-01", "2027-01-15"]
    assert state(melder, now=clock.start_of(date(2026, 12, 12))) == ("nul", True)
    # Nor does a day that is chosen after that, and is over by then.
    MailSchedule.amend(make.coordinator(), 1, clock.start_of(date(2026, 12, 12), 12), send_day=8)
    assert clock.today(MailSchedule.days_of([NOVEMBER])[NOVEMBER]) == date(2026, 12, 1)


def test_an_answer_stands_in_the_grid_though_nobody_was_asked():
    melder = make.user()
    make.case(by=melder, month=OCTOBER, at=SOON)
    assert state(melder) == ("casus", False)
    assert response.by_month([OCTOBER]) == {}


def test_a_withdrawn_zero_leaves_the_cell_open():
    melder = make.user()
    ask()
    make.zero(melder, at=SOON).withdraw(melder, SOON)
    assert state(melder) == ("stil", False)


# ---- the response, counted by hand ------------------------------------------------------------------------------------


def test_response_is_answers_over_requests_that_were_really_sent():
    zero, reporter, provisional, _silent, withdrawn = melders(5)
    ask()
    not_reached = make.user()
    MonthlyCall.open_all(OCTOBER, now=ASKED)  # its mail still waits
    make.zero(zero, at=SOON)
    make.case(by=reporter, month=OCTOBER, at=SOON)
    make.zero(provisional, proof=Proof.SCRIPT, at=SOON)
    make.zero(withdrawn, at=SOON).withdraw(withdrawn, SOON)
    make.zero(not_reached, at=SOON)

    # zero and reporter of the five that were reached; the sixth answered, but was never reached
    assert response.by_month([OCTOBER]) == {OCTOBER: (2, 5)}


def test_the_turnout_tells_late_answers_from_those_in_time():
    zero, slow, _silent = melders(3)
    ask()
    make.zero(zero, at=SOON)
    make.zero(slow, at=LATE)
    turnout = response.turnouts([SEPTEMBER, OCTOBER])[OCTOBER]
    assert (turnout.asked, turnout.on_time, turnout.late, turnout.silent) == (3, 1, 1, 1)
    assert response.turnouts([]) == {}


def test_a_hospital_with_two_melders_counts_once():
    hospital = make.hospital()
    one, _ = make.user(hospital=hospital), make.user(hospital=hospital)
    ask()
    make.zero(one, at=SOON)
    assert response.by_month([OCTOBER]) == {OCTOBER: (1, 1)}


def test_a_mail_that_failed_for_one_melder_leaves_the_hospital_asked():
    hospital = make.hospital()
    one, _ = make.user(hospital=hospital), make.user(hospital=hospital)
    ask()
    Mail.update(status=MailStatus.MISLUKT).where(Mail.user == one).execute()
    assert response.by_month([OCTOBER]) == {OCTOBER: (0, 1)}
    Mail.update(status=MailStatus.MISLUKT).execute()
    assert response.by_month([OCTOBER]) == {}


def test_a_confirmed_zero_counts_from_then_on():
    melder, coordinator = make.user(), make.coordinator()
    ask()
    make.zero(melder, proof=Proof.SCRIPT, at=SOON)
    assert response.by_month([OCTOBER]) == {OCTOBER: (0, 1)}
    MonthAnswer.zero_by_telephone(melder.hospital, OCTOBER, coordinator, "dr. Jansen", now=SOON)
    assert response.by_month([OCTOBER]) == {OCTOBER: (1, 1)}


def test_the_response_of_a_hospital_runs_over_months():
    melder = make.user()
    for month, at in ((SEPTEMBER, clock.start_of(date(2026, 10, 1), 7)), (OCTOBER, ASKED)):
        ask(month, at)
    make.zero(melder, month=SEPTEMBER, at=SOON)
    assert response.by_month([SEPTEMBER, OCTOBER]) == {SEPTEMBER: (1, 1), OCTOBER: (0, 1)}


def test_lza1_cases_answer_no_month():
    melder = make.user()
    ask()
    make.case(by=melder, theme=make.theme("lza1"), at=SOON)
    assert state(melder) == ("stil", False)


# ---- whom to follow up --------------------------------------------------------------------------------------------------


def test_silent_are_those_asked_who_gave_no_answer_that_counts():
    answered, provisional, silent = melders(3)
    ended = make.user(hospital=make.hospital())
    ask()
    make.user()  # not asked
    ended.hospital.active = False
    ended.hospital.save()
    make.zero(answered, at=SOON)
    make.zero(provisional, proof=Proof.SCRIPT, at=SOON)
    assert set(response.silent(OCTOBER)) == {provisional.hospital, silent.hospital}


def test_the_list_of_silent_hospitals_tells_what_stands_in_the_way():
    hospital, coordinator = make.hospital(), make.coordinator()
    one, other = make.user(hospital=hospital), make.user(hospital=hospital)
    ask()
    Mail.update(status=MailStatus.MISLUKT, error="550 unknown user").where(Mail.user == one).execute()
    MonthlyCall.remind(hospital, OCTOBER, coordinator, now=SOON)
    Mail.update(status=MailStatus.VERZONDEN).where(Mail.user == other).execute()
    other.deactivate()

    rows, total = silent_hospitals.silences(OCTOBER)

    assert total == 1
    assert (rows[0].hospital, rows[0].melders, rows[0].provisional, rows[0].reminded_at) == (hospital, 1, None, SOON)
    assert rows[0].troubles == {one.id: "550 unknown user"}


def test_a_mail_that_came_through_ends_the_trouble_of_that_melder():
    melder, coordinator = make.user(), make.coordinator()
    ask()
    Mail.update(status=MailStatus.MISLUKT, error="550 unknown user").execute()
    MonthlyCall.remind(melder.hospital, OCTOBER, coordinator, now=SOON)
    assert silent_hospitals.silences(OCTOBER)[0][0].troubles != {}
    Mail.update(status=MailStatus.VERZONDEN).where(Mail.name == "monthly_reminder").execute()
    assert silent_hospitals.silences(OCTOBER)[0][0].troubles == {}


def test_a_reminder_goes_to_each_melder_at_most_once_a_day():
    hospital, coordinator = make.hospital(), make.coordinator()
    for _ in range(2):
        make.user(hospital=hospital)
    ask()
    assert MonthlyCall.remind(hospital, OCTOBER, coordinator, now=SOON) == 2
    assert MonthlyCall.remind(hospital, OCTOBER, coordinator, now=SOON) == 0
    assert MonthlyCall.remind(hospital, OCTOBER, coordinator, now=SOON + clock.DAY) == 2
    assert AuditEvent.select().where(AuditEvent.action == "month.remind").count() == 2


def test_a_reminder_is_refused_where_it_would_help_nobody():
    answered, ended, old = melders(3)
    coordinator = make.coordinator()
    ask()
    make.zero(answered, at=SOON)
    ended.deactivate()
    for melder, now in ((answered, SOON), (ended, SOON), (old, clock.start_of(date(2027, 1, 1), 7))):
        with pytest.raises(Refused):
            MonthlyCall.remind(melder.hospital, OCTOBER, coordinator, now=now)


@pytest.mark.parametrize("role", [Role.MELDER, Role.LZA1_COORDINATOR, Role.BEHEERDER])
def test_only_the_coordinator_follows_up(role):
    melder, other = make.user(), make.user(role)
    ask()
    for act in (
        lambda: MonthlyCall.remind(melder.hospital, OCTOBER, other, now=SOON),
        lambda: silent_hospitals.remind_silent(OCTOBER, other, now=SOON),
        lambda: MonthAnswer.zero_by_telephone(melder.hospital, OCTOBER, other, "dr. Jansen", now=SOON),
    ):
        with pytest.raises(Refused):
            act()
    assert Mail.select().where(Mail.name == "monthly_reminder").count() == 0


def test_reminding_everybody_passes_over_who_cannot_be_reminded():
    silent, answered, ended = melders(3)
    coordinator = make.coordinator()
    ask()
    make.zero(answered, at=SOON)
    ended.deactivate()
    assert silent_hospitals.remind_silent(OCTOBER, coordinator, now=SOON) == (1, 1)
    assert silent_hospitals.remind_silent(OCTOBER, coordinator, now=SOON) == (0, 0)
    assert Mail.get(Mail.name == "monthly_reminder").to == silent.email


def test_a_telephone_zero_keeps_who_was_spoken_to():
    melder, coordinator = make.user(), make.coordinator()
    answer = MonthAnswer.zero_by_telephone(melder.hospital, OCTOBER, coordinator, " dr. Jansen ", now=SOON)
    assert (answer.proof, answer.confirmed, answer.by, answer.note) == (
        "telefoon",
        True,
        coordinator,
        "Gesproken met dr. Jansen",
    )
    with pytest.raises(Refused):
        MonthAnswer.zero_by_telephone(melder.hospital, NOVEMBER, coordinator, "dr. Jansen", now=SOON)


def test_a_telephone_zero_that_confirms_keeps_who_was_spoken_to():
    melder, coordinator = make.user(), make.coordinator()
    make.zero(melder, proof=Proof.SCRIPT, at=SOON)
    MonthAnswer.zero_by_telephone(melder.hospital, OCTOBER, coordinator, "dr. Jansen", now=SOON)
    answer = MonthAnswer.standing(melder.hospital, OCTOBER)
    assert (answer.confirmed, answer.note) == (True, "Gesproken met dr. Jansen")
    assert melder.hospital.answers.count() == 1


# ---- what is in the way of the request --------------------------------------------------------------------------------


def test_warnings_name_what_keeps_the_request_from_people():
    alone, refused, invoerder = make.user(), make.user(), make.user(Role.INVOERDER)
    make.user(Role.LNR_CONTACT)  # of a hospital that only delivers to the LNR
    make.case(by=make.user(hospital=invoerder.hospital)).reporter.deactivate()
    make.user(hospital=refused.hospital)
    User.update(address_refused_at=SOON).where(User.id.in_([refused.id, invoerder.id])).execute()
    Mail.queue("zero_receipt", alone, now=SOON)
    Mail.update(status=MailStatus.ONZEKER).execute()

    warnings = silent_hospitals.Warnings.among(silent_hospitals.hospitals(OCTOBER), asked=1, now=SOON)

    assert {(hospital.id, count) for hospital, count in warnings.few_melders} == {
        (alone.hospital_id, 1),
        (invoerder.hospital_id, 0),
    }
    assert (warnings.refused, warnings.uncertain, warnings.unsent) == ([refused], 1, None)


@pytest.mark.parametrize(
    ("day", "asked", "unsent"), [(1, 0, None), (2, 0, None), (3, 0, OCTOBER), (3, 1, None), (30, 0, OCTOBER)]
)
def test_a_request_that_did_not_leave_is_told_after_the_second_of_the_month(day, asked, unsent):
    now = clock.start_of(date(2026, 11, day), 12)
    assert silent_hospitals.Warnings.among([], asked, now).unsent == unsent


def test_a_request_that_leaves_later_in_the_month_is_not_told_to_be_late_before():
    MailSchedule.amend(make.coordinator(), 0, clock.start_of(date(2026, 10, 25)), send_day=20)
    noons = {day: clock.start_of(date(2026, 11, day), 12) for day in (3, 20, 21, 23)}
    assert [day for day, noon in noons.items() if silent_hospitals.Warnings.among([], 0, noon).unsent] == [23]
