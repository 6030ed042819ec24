"""Undo of an approval: a minute in which its mail waits, and everything is as before."""

import re
from datetime import timedelta

import pytest

from models import clock
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.mail.outbox import Mail, MailStatus
from models.review import verdict_undo
from models.review.verdict_undo import UNDO
from tests import make

NOW = clock.now()
SUBMITTED = NOW - timedelta(days=3)


def given(by):
    """A case that was approved a moment ago, and its mail."""
    case = make.case(Status.INGEDIEND, by=make.user(hospital=make.hospital(mail_on_approval=True)), at=SUBMITTED)
    case.approve(by, NOW)
    verdict_undo.let_mails_wait(case)
    return case, Mail.get(Mail.case_id == case.id, Mail.name == "case_approved")


def test_within_a_minute_everything_is_as_before_and_no_mail_leaves():
    boss = make.coordinator()
    case, mail = given(boss)
    assert mail.id not in Mail.waiting(NOW + UNDO - timedelta(seconds=1)) and mail.id in Mail.waiting(NOW + UNDO)
    assert verdict_undo.latest(boss, NOW) == case and verdict_undo.latest(make.coordinator(), NOW) is None

    verdict_undo.take_back(case, boss, NOW + timedelta(seconds=50))

    now = Case.get_by_id(case.id)
    assert (now.status, now.status_since, now.approved_by, now.approved_at) == (Status.INGEDIEND, SUBMITTED, None, None)
    assert Mail.get_by_id(mail.id).status == MailStatus.VERVALLEN
    assert AuditEvent.select().where(AuditEvent.action == "case.undo_verdict", AuditEvent.actor == boss).count() == 1
    assert verdict_undo.latest(boss, NOW) is None
    with pytest.raises(Refused, match="niet meer ongedaan"):
        verdict_undo.take_back(case, boss, NOW + timedelta(seconds=51))
    now.approve(boss, NOW + timedelta(seconds=55))  # and another verdict has mails of its own
    assert Mail.select().where(Mail.name == "case_approved", Mail.status == MailStatus.WACHT).count() == 1


def test_an_approval_of_which_the_daily_mail_will_tell_is_undone_too():
    boss = make.coordinator()
    case, mail = given(boss)
    Mail.update(status=MailStatus.DAGMAIL).where(Mail.id == mail.id).execute()
    verdict_undo.take_back(case, boss, NOW)
    assert Mail.get_by_id(mail.id).status == MailStatus.VERVALLEN


def test_after_a_minute_by_another_or_with_a_mail_on_its_way_it_stays():
    boss = make.coordinator()
    case, mail = given(boss)
    with pytest.raises(Refused, match="niet meer ongedaan"):
        verdict_undo.take_back(case, boss, NOW + UNDO)
    with pytest.raises(Refused, match="niet meer ongedaan"):
        verdict_undo.take_back(case, make.coordinator(), NOW)
    for status in (MailStatus.BEZIG, MailStatus.VERZONDEN, MailStatus.ONZEKER):
        Mail.update(status=status).where(Mail.id == mail.id).execute()
        with pytest.raises(Refused, match="niet meer ongedaan"):
            verdict_undo.take_back(case, boss, NOW)
    assert Case.get_by_id(case.id).status == Status.GOEDGEKEURD


def test_the_bar_stands_on_the_work_list_and_on_the_next_case(client, login):
    boss = make.coordinator()
    login(client, boss)
    case = make.case(Status.INGEDIEND, at=SUBMITTED)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"/beoordelen/{case.key}/").text)[1]
    form = {"csrf_token": token, "ronde": case.round}
    assert "undo-bar" not in client.get("/beoordelen/").text
    shown = client.post(f"/beoordelen/{case.key}/goedkeuren", data=form, follow_redirects=True).text
    assert "undo-bar" in shown and f"/beoordelen/{case.key}/ongedaan" in shown
    shown = client.post(f"/beoordelen/{case.key}/ongedaan", data={"csrf_token": token}, follow_redirects=True).text
    assert "wacht weer op uw oordeel" in shown and "undo-bar" not in shown
    assert Case.get_by_id(case.id).status == Status.INGEDIEND
