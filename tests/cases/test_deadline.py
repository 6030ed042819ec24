from datetime import date, timedelta

import pytest

from models import clock
from models.access import Process
from models.accounts.hospital import Hospital
from models.base import db
from models.cases.case import Case
from models.cases.deadline import Deadline, months_from
from models.cases.status import Status
from models.cases.theme import Theme
from models.mail.outbox import Mail
from models.operations.rehearsal.mail_preview import rehearse
from models.questionnaires.definition.draft_version import Draft
from models.questionnaires.form import Form
from models.questionnaires.version_upgrade import carry_over
from tests import filling, make

ENDED, LAST = date(2026, 11, 12), date(2027, 5, 12)
NOW = clock.start_of(date(2026, 11, 20), 9)


def begun(ended=ENDED, now=NOW, **more):
    """A case of LZA1 whose form says when the termination was."""
    if not Theme.select().where(Theme.process == Process.LZA1).exists():
        filling.lza1()
    case = make.case(by=make.user(**more), theme=Theme.get(Theme.process == Process.LZA1), at=now)
    form = Form.start(case, case.reporter, now=now)
    if ended:
        filling.save(form, "C1", ended.isoformat(), now=now)
    return form


def standing(form, today):
    return Deadline.standings([form.case], today)[form.case_id]


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        ((2026, 11, 12), 6, (2027, 5, 12)), ((2026, 8, 31), 6, (2027, 2, 28)), ((2027, 8, 31), 6, (2028, 2, 29)),
        ((2026, 12, 31), 6, (2027, 6, 30)), ((2026, 7, 15), 6, (2027, 1, 15)), ((2027, 3, 31), -1, (2027, 2, 28)),
    ],
)  # fmt: skip
def test_months_are_those_of_the_calendar(day, count, then):
    assert months_from(date(*day), count) == date(*then)


def test_the_term_follows_the_answer_and_goes_with_it():
    form = begun()
    assert Deadline.get().last_day == LAST

    filling.save(form, "C1", "2026-10-31", now=NOW)
    assert [term.last_day for term in Deadline.select()] == [date(2027, 4, 30)]

    filling.save(form, "C1", "onbekend", now=NOW)
    assert Deadline.select().count() == 0
    assert standing(form, ENDED).brief == "Vul de datum van de afbreking in"


def test_the_term_and_the_answer_stand_or_fall_together(monkeypatch):
    form = begun()

    def broken(*_, **__):
        raise RuntimeError("the power went")

    monkeypatch.setattr("models.questionnaires.form.AuditEvent.log", broken)
    with pytest.raises(RuntimeError):
        filling.save(form, "C1", "2026-10-31", now=NOW)

    assert Deadline.get().last_day == LAST and form.given()["C1", 0].kept == "2026-11-12"


def test_another_process_has_no_term():
    form = filling.form(filling.questionnaire(filling.question("A1", "datum"), timeline="A1: dag {} / {} ervoor / zelf"))
    filling.save(form, "A1", "2026-03-05")

    assert Deadline.select().count() == 0 and Deadline.standings([form.case]) == {}


def test_a_newer_version_of_the_form_keeps_the_term():
    form = begun()
    coordinator = make.coordinator(Process.LZA1)
    Draft.begin(form.version.questionnaire, coordinator)
    form.version.questionnaire.draft.publish(coordinator)

    carry_over(form, form.case.reporter)

    assert Deadline.get().last_day == LAST


def test_the_last_day_itself_is_in_time_and_the_day_after_is_not():
    form = begun()

    assert standing(form, LAST).late == 0
    assert standing(form, LAST + clock.DAY).late == 1
    assert standing(form, date(2027, 1, 1)).brief == "Te melden uiterlijk op 12 mei 2027"
    assert standing(form, date(2027, 1, 1)).kind == "info" and standing(form, date(2027, 4, 12)).kind == "warning"


@pytest.mark.parametrize(("days", "says"), [(0, "Op tijd gemeld"), (1, "Te laat gemeld: 1 dag"), (9, "laat gemeld: 9 dagen")])
def test_what_counts_is_the_first_submission_and_late_is_not_refused(days, says):
    form = begun()
    day = LAST + timedelta(days=days)
    make.document(form.case, at=NOW)
    form.case.submit(form.case.reporter, now=clock.start_of(day, 12))
    form.case.mark_incomplete(make.coordinator(Process.LZA1), "Nog iets.", now=clock.start_of(day, 13))
    form.case.submit(form.case.reporter, now=clock.start_of(day + timedelta(days=200), 9))

    assert form.case.status == Status.INGEDIEND
    assert standing(form, day + timedelta(days=300)).brief.endswith(says)


def letters(today):
    return Deadline.remind_due(today), [mail.user_id for mail in Mail.select().where(Mail.name == "lza1_term")]


def test_a_month_before_the_end_the_melder_gets_one_mail_that_tells_no_date():
    form = begun()
    assert letters(date(2027, 4, 11)) == (0, [])

    assert letters(date(2027, 4, 12)) == (1, [form.case.reporter_id])
    assert letters(date(2027, 4, 13)) == (0, [form.case.reporter_id])

    mail = Mail.get(Mail.name == "lza1_term")
    text = str(mail.render(clock.start_of(date(2027, 4, 12), 8)))
    assert form.case.number in text and "mei" not in text and "2026" not in text.split("Auto-Submitted")[1]


def test_after_an_outage_the_mail_still_comes_and_after_the_end_it_does_not():
    begun()

    assert letters(LAST + clock.DAY)[0] == 0
    assert letters(LAST)[0] == 1


@pytest.mark.parametrize("status", [Status.INGEDIEND, Status.ONVOLLEDIG, Status.GOEDGEKEURD, Status.INGETROKKEN])
def test_who_reported_or_withdrew_gets_no_mail(status):
    form = begun()
    case, reviewer = form.case, make.coordinator(Process.LZA1)
    if status == Status.INGETROKKEN:
        case.withdraw(case.reporter, "Per ongeluk.")
    else:
        make.document(case)
        case.submit(case.reporter)
    if status == Status.ONVOLLEDIG:
        case.mark_incomplete(reviewer, "Nog iets.")
    if status == Status.GOEDGEKEURD:
        case.approve(reviewer)

    assert letters(date(2027, 4, 20))[0] == 0


def test_a_mail_that_waits_is_dropped_once_it_is_no_longer_true():
    form = begun()
    letters(date(2027, 4, 12))
    at = clock.start_of(date(2027, 4, 12), 8)

    with db.atomic() as transaction:
        filling.save(form, "C1", "2026-11-20", now=NOW)
        assert Mail.get(Mail.name == "lza1_term").render(at) is None
        transaction.rollback()
    make.document(form.case)
    form.case.submit(form.case.reporter)

    assert Mail.get(Mail.name == "lza1_term").render(at) is None


def test_another_date_is_another_term_with_a_mail_of_its_own():
    form = begun()
    letters(date(2027, 4, 12))
    filling.save(form, "C1", "2026-11-15", now=NOW)

    assert letters(date(2027, 4, 14))[0] == 0
    assert letters(date(2027, 4, 15))[0] == 1


def test_the_mail_goes_to_nobody_from_whom_the_hospital_keeps_the_case():
    form = begun()
    Hospital.update(lza1_kept_apart=True).execute()
    colleague = make.user(hospital=form.case.hospital)
    make.document(form.case, by=form.case.reporter)
    form.case.reporter.deactivate()
    assert letters(date(2027, 4, 12))[0] == 0

    Case.get_by_id(form.case_id).entrust(colleague, by=make.coordinator(Process.LZA1))

    assert letters(date(2027, 4, 12)) == (1, [colleague.id])


def test_the_rehearsal_knows_the_mail_and_keeps_nothing():
    begun()

    assert "Termijn van een LZA1-melding" in [letter.name for letter in rehearse(date(2027, 4, 12))]
    assert Mail.select().where(Mail.name == "lza1_term").count() == 0


def test_standings_of_a_page_take_one_query_and_none_without_lza1():
    forms = [begun() for _ in range(3)]
    asked = []
    original = db.obj.execute_sql

    def counted(*args, **more):
        asked.append(args[0])
        return original(*args, **more)

    db.obj.execute_sql = counted
    try:
        assert len(Deadline.standings([form.case for form in forms])) == 3
        assert len(asked) == 1
        Deadline.standings([])
        assert len(asked) == 1
    finally:
        del db.obj.execute_sql
