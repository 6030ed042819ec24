"""F-08: two of everything, started at the same moment in processes of their own. The database keeps them apart, not luck."""

import os
import time

import pytest

from models import clock
from models.base import Refused, db
from models.cases.case import Case
from models.files.document import Document
from models.mail.outbox import Mail, MailStatus
from models.mail.smtp import SmtpPost
from models.monthly.monthly_request import MonthlyCall
from models.questionnaires.export import pdf_attachment
from models.review.reminder import Reminder
from tests import filling, make, smtp
from tests.faults.invariants import after_the_sweep, arrived, broken
from tests.faults.killing import hang_up

pytestmark = pytest.mark.db_dialect


def twice(work, times=2):
    """Do `work` in so many processes that begin together; all must end well."""
    hang_up()
    start = time.monotonic() + 0.3
    children = [os.fork() or _begin(work, start) for _ in range(times)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * times


def _begin(work, start):
    try:
        with db.connection_context():
            time.sleep(max(0, start - time.monotonic()))
            work()
        os._exit(0)
    except BaseException as problem:
        print(repr(problem), flush=True)
        os._exit(1)


def test_a_month_is_asked_about_once_and_every_mail_comes_once():
    melders = [make.user() for _ in range(20)]
    with smtp.serving() as office:

        def day():
            MonthlyCall.open_all(clock.previous_month(clock.today()))
            Mail.send_waiting(post=SmtpPost(office.url))

        twice(day, 3)
        Mail.send_waiting(post=SmtpPost(office.url))
        assert sorted(office.addressees) == sorted(melder.email for melder in melders)
        assert set(arrived(office.letters).values()) == {1}
    assert {mail.status for mail in Mail.select()} == {MailStatus.VERZONDEN}
    assert broken() == []


def test_a_questionnaire_becomes_one_document_and_a_reminder_is_given_once():
    forms = [filling.finished(filling.form(made), filling.DIED) for made in [filling.crf()] * 3]

    def round():
        pdf_attachment.attach_due()
        Reminder.send_due(clock.local_date(filling.NOW) + 28 * clock.DAY)

    twice(round)

    for form in forms:
        assert [file.generated for file in Document.present(form.case)] == [True]
    assert Reminder.select().count() == Mail.select().where(Mail.name == "reminder").count() == len(forms)
    assert broken() == [] and after_the_sweep() == []


def test_a_case_is_judged_once():
    case, coordinator = make.case(status="ingediend"), make.coordinator()

    def judge():
        try:
            Case.get_by_id(case.id).approve(coordinator)
        except Refused:
            pass  # somebody was first

    twice(judge, 4)

    assert Case.get_by_id(case.id).round == case.round + 1 and broken() == []
