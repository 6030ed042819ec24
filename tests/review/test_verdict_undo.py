"""Undo of a verdict: a minute in which its mail waits, and everything is as before."""

import re
from datetime import timedelta

import pytest

from models import clock
from models.audit.audit_anchor import AuditAnchor
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.remark import Remark
from models.cases.status import Status
from models.mail.outbox import Mail, MailStatus
from models.review import verdict_undo, work_list
from models.review.case_sheet import CaseSheet
from models.review.figures.pace import WorkPace
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
    with pytest.raises(Refused, match="geen oordeel van u"):
        verdict_undo.take_back(case, boss, NOW + timedelta(seconds=51))
    now.approve(boss, NOW + timedelta(seconds=55))  # and another verdict has mails of its own
    assert Mail.select().where(Mail.name == "case_approved", Mail.status == MailStatus.WACHT).count() == 1


def test_the_first_approval_stands_again_when_the_second_is_undone():
    boss, other = make.coordinator(), make.coordinator()
    case = make.case(Status.GOEDGEKEURD, at=SUBMITTED, reviewer=other)
    case.reopen(boss, "De commissie mist nog iets.", SUBMITTED + timedelta(days=1))
    case.approve(boss, NOW)

    verdict_undo.take_back(case, boss, NOW + timedelta(seconds=30))

    now = Case.get_by_id(case.id)
    assert (now.status, now.approved_at, now.approved_by) == (Status.INGEDIEND, SUBMITTED, other)
    assert now.status_since == SUBMITTED + timedelta(days=1)


def test_the_first_approval_stands_when_a_case_is_approved_again():
    boss, other = make.coordinator(), make.coordinator()
    case = make.case(Status.GOEDGEKEURD, at=SUBMITTED, reviewer=other)
    for days in (1, 2):
        case.reopen(boss, "De commissie mist nog iets.", SUBMITTED + timedelta(days=days))
        case.approve(boss, SUBMITTED + timedelta(days=days, hours=1))
    assert (case.approved_at, case.approved_by) == (SUBMITTED, other)
    verdict_undo.take_back(case, boss, SUBMITTED + timedelta(days=2, hours=1, seconds=30))
    now = Case.get_by_id(case.id)
    assert (now.status, now.approved_at, now.approved_by) == (Status.INGEDIEND, SUBMITTED, other)


def test_a_concept_that_was_closed_and_reopened_was_never_judged():
    boss, case = make.coordinator(), make.case(at=SUBMITTED)
    case.dismiss(boss, "dubbel", "Al gemeld.", SUBMITTED + timedelta(hours=1))
    case.reopen(boss, "Toch niet dubbel.", SUBMITTED + timedelta(hours=2))
    document = make.document(case, at=SUBMITTED + timedelta(hours=3))
    assert sum(week.judged for week in WorkPace.of(boss, NOW).weeks) == 0
    case.submit(case.reporter, SUBMITTED + timedelta(hours=4))
    assert sum(week.judged for week in WorkPace.of(boss, NOW).weeks) == 0
    (row,) = work_list.page_of(work_list.TO_REVIEW, boss)[0]
    sheet = CaseSheet.of(Case.get_by_id(case.id), boss)
    assert (row.mark, sheet.mark) == (None, None) and not sheet.is_new(document)


def test_an_approval_of_which_the_daily_mail_will_tell_is_undone_too():
    boss = make.coordinator()
    case, mail = given(boss)
    Mail.update(status=MailStatus.DAGMAIL).where(Mail.id == mail.id).execute()
    verdict_undo.take_back(case, boss, NOW)
    assert Mail.get_by_id(mail.id).status == MailStatus.VERVALLEN


def test_after_a_minute_by_another_or_with_a_mail_on_its_way_it_stays():
    boss = make.coordinator()
    case, mail = given(boss)
    with pytest.raises(Refused, match=r"de minuut daarvoor is voorbij. U kunt de melding wel heropenen."):
        verdict_undo.take_back(case, boss, NOW + UNDO)
    with pytest.raises(Refused, match="geen oordeel van u"):
        verdict_undo.take_back(case, make.coordinator(), NOW)
    for status in (MailStatus.BEZIG, MailStatus.VERZONDEN, MailStatus.ONZEKER):
        Mail.update(status=status).where(Mail.id == mail.id).execute()
        with pytest.raises(Refused, match=r"versturen van de mail erover is al begonnen. U kunt de melding wel heropenen."):
            verdict_undo.take_back(case, boss, NOW)
    assert Case.get_by_id(case.id).status == Status.GOEDGEKEURD and Mail.get_by_id(mail.id).status == MailStatus.ONZEKER


RETURN = ("mark_incomplete", "case_incomplete", ("Het verslag ontbreekt.",))
DISMISSAL = ("dismiss", "case_closed", ("dubbel", "Al gemeld door uw collega."))


def judged(by, verb, mail, told, at=NOW):
    """A case that was returned or closed a moment ago, and its mail."""
    case = make.case(Status.INGEDIEND, at=SUBMITTED)
    getattr(case, verb)(by, *told, now=at)
    verdict_undo.let_mails_wait(case)
    return case, Mail.get(Mail.case_id == case.id, Mail.name == mail)


@pytest.mark.parametrize("verdict", [RETURN, DISMISSAL])
def test_a_return_and_a_dismissal_are_undone_with_their_message_as_a_note(verdict):
    boss = make.coordinator()
    case, mail = judged(boss, *verdict)
    assert mail.id not in Mail.waiting(NOW + UNDO - timedelta(seconds=1)) and verdict_undo.latest(boss, NOW) == case
    assert verdict_undo.latest(make.coordinator(), NOW) is None

    note = verdict_undo.take_back(case, boss, NOW + timedelta(seconds=50))

    now = Case.get_by_id(case.id)
    assert (now.status, now.status_since, now.closed_why, now.dismissed) == (Status.INGEDIEND, SUBMITTED, "", False)
    assert Mail.get_by_id(mail.id).status == MailStatus.VERVALLEN
    assert list(Remark.messages(now)) == [] and list(Remark.notes(now, boss)) == [note] and note.text == verdict[2][-1]
    # It was never returned: no mark, nothing counted, and the next verdict has mails of its own.
    sheet, (row,) = CaseSheet.of(now, boss), work_list.page_of(work_list.TO_REVIEW, boss)[0]
    assert sheet.mark is None and row.mark is None and sheet.new_since == SUBMITTED
    assert sum(week.judged for week in WorkPace.of(boss).weeks) == 0
    getattr(now, verdict[0])(boss, *verdict[2], now=NOW + timedelta(seconds=55))
    assert Mail.select().where(Mail.name == verdict[1], Mail.status == MailStatus.WACHT).count() == 1


@pytest.mark.parametrize("verdict", [RETURN, DISMISSAL])
def test_a_return_or_dismissal_stands_after_a_minute_by_another_or_with_its_mail_gone(verdict):
    boss = make.coordinator()
    case, mail = judged(boss, *verdict)
    instead = "Bel het ziekenhuis" if verdict == RETURN else "U kunt de melding wel heropenen"
    for by, moment, why in ((boss, NOW + UNDO, "is voorbij"), (make.coordinator(), NOW, "kan worden gemaakt")):
        with pytest.raises(Refused, match=f"{why}. {instead}"):
            verdict_undo.take_back(case, by, moment)
    Mail.update(status=MailStatus.BEZIG).where(Mail.id == mail.id).execute()
    with pytest.raises(Refused, match=f"al begonnen. {instead}"):
        verdict_undo.take_back(case, boss, NOW)
    assert Case.get_by_id(case.id).status != Status.INGEDIEND and Remark.messages(case).count() == 1


def test_a_return_stands_once_the_hospital_did_something_with_it():
    boss = make.coordinator()
    case, _ = judged(boss, *RETURN)
    make.document(Case.get_by_id(case.id), at=NOW + timedelta(seconds=5))
    assert verdict_undo.latest(boss, NOW + timedelta(seconds=6)) is None
    with pytest.raises(Refused, match=r"al iets met de melding gedaan. Bel het ziekenhuis"):
        verdict_undo.take_back(case, boss, NOW + timedelta(seconds=6))


def test_what_lay_with_the_hospital_is_closed_for_good():
    boss = make.coordinator()
    for status in (Status.CONCEPT, Status.ONVOLLEDIG):
        case = make.case(status, at=SUBMITTED)
        case.dismiss(boss, "dubbel", "Al gemeld.", now=NOW)
        with pytest.raises(Refused, match=r"nog niet, of niet opnieuw, ingediend. U kunt de melding wel heropenen."):
            verdict_undo.take_back(case, boss, NOW)


def test_a_part_does_not_come_back_to_a_closed_case_or_beside_another_of_its_hospital():
    boss, other = make.coordinator(), make.user()
    whole = make.case()
    part = whole.invite(other.hospital, boss)
    make.document(part, by=other)
    part.submit(other)
    part.dismiss(boss, "dubbel", "Zij was niet bij u.", NOW)
    whole = Case.get_by_id(whole.id)
    whole.withdraw(whole.reporter, "Vergissing.")
    with pytest.raises(Refused, match=f"Dit is een deel van casus {whole.number}, en die is afgesloten."):
        verdict_undo.take_back(part, boss, NOW)
    whole.restore(whole.reporter)
    second = whole.invite(other.hospital, boss)
    with pytest.raises(Refused, match="heeft al een deel"):
        verdict_undo.take_back(part, boss, NOW)
    second.withdraw(other, "Wij hadden dit al eerder.")
    verdict_undo.take_back(part, boss, NOW)
    assert Case.get_by_id(part.id).status == Status.INGEDIEND


@pytest.mark.parametrize("verdict", [("approve",), RETURN[::2]])
def test_a_case_that_was_reopened_waits_again_since_then(verdict):
    boss, (verb, *told) = make.coordinator(), verdict
    case = make.case(Status.GOEDGEKEURD, at=SUBMITTED, reviewer=boss)
    reopened = SUBMITTED + timedelta(days=2)
    case.reopen(boss, "Wij keken verkeerd.", reopened)
    for _ in range(2):  # the second time the line before it is that of the undo
        getattr(case, verb)(boss, *sum(told, ()), now=NOW)
        verdict_undo.take_back(case, boss, NOW)
        now = Case.get_by_id(case.id)
        assert (now.status, now.status_since) == (Status.INGEDIEND, reopened)
    # Who approved it before stands as it did.
    assert (now.approved_at, now.approved_by) == (SUBMITTED, boss)


@pytest.mark.parametrize("verdict", [("approve",), RETURN[::2], DISMISSAL[::2]])
@pytest.mark.parametrize("kept", [0, 1])
def test_where_the_trail_was_cut_off_a_verdict_stands(verdict, kept):
    boss, (verb, *told), then = make.coordinator(), verdict, NOW - 6 * timedelta(days=365)
    case = make.case(Status.INGEDIEND, at=then)
    getattr(case, verb)(boss, *sum(told, ()), now=then)
    given = AuditEvent.get(AuditEvent.action == f"case.{verb}")
    AuditAnchor.cut(AuditEvent.get_by_id(given.id - kept), given.id - kept, NOW)
    assert verdict_undo.latest(boss, then) is None
    with pytest.raises(Refused, match="geen oordeel van u"):
        verdict_undo.take_back(case, boss, then)


def test_an_undo_of_which_the_verdict_was_cut_off_counts_for_nothing():
    boss = make.coordinator()
    case, _ = given(boss)
    verdict_undo.take_back(case, boss, NOW)
    *_, undone = AuditEvent.of_case(case).where(AuditEvent.action == "case.undo_verdict")
    assert verdict_undo.stood([undone]) == []


def test_a_mark_of_before_stays_when_a_later_verdict_is_undone():
    boss = make.coordinator()
    case = make.case(Status.ONVOLLEDIG, at=SUBMITTED)
    case.submit(case.reporter, SUBMITTED + timedelta(days=1))
    case.mark_incomplete(boss, "Nog iets.", NOW)
    verdict_undo.take_back(case, boss, NOW)
    case.approve(boss, NOW)
    verdict_undo.take_back(case, boss, NOW)
    (row,) = work_list.page_of(work_list.TO_REVIEW, boss)[0]
    assert row.mark == CaseSheet.of(Case.get_by_id(case.id), boss).mark == "Opnieuw ingediend"


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("onvolledig", {"bericht": "Het verslag ontbreekt."}, "staat op Onvolledig"),
        ("afsluiten", {"waarom": "dubbel", "toelichting": "Al gemeld."}, "is afgesloten"),
    ],
)
def test_the_bar_offers_the_way_back_from_a_return_and_a_dismissal(client, login, act, fields, said):
    login(client, make.coordinator())
    case = make.case(Status.INGEDIEND, at=SUBMITTED)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"/beoordelen/{case.key}/").text)[1]
    form = {"csrf_token": token, "ronde": case.round, **fields}
    shown = client.post(f"/beoordelen/{case.key}/{act}", data=form, follow_redirects=True).text
    assert "undo-bar" in shown and said in shown.partition("undo-bar")[2].partition("</div>")[0]
    shown = client.post(f"/beoordelen/{case.key}/ongedaan", data={"csrf_token": token}, follow_redirects=True).text
    assert "Uw bericht staat nu bij de interne notities." in shown and "undo-bar" not in shown
    assert Case.get_by_id(case.id).status == Status.INGEDIEND


def test_the_bar_stands_on_the_work_list_and_on_the_next_case(client, login):
    boss = make.coordinator()
    login(client, boss)
    case = make.case(Status.INGEDIEND, at=SUBMITTED)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"/beoordelen/{case.key}/").text)[1]
    form = {"csrf_token": token, "ronde": case.round, "toch": "1"}
    assert "undo-bar" not in client.get("/beoordelen/").text
    shown = client.post(f"/beoordelen/{case.key}/goedkeuren", data=form, follow_redirects=True).text
    assert "undo-bar" in shown and f"/beoordelen/{case.key}/ongedaan" in shown
    shown = client.post(f"/beoordelen/{case.key}/ongedaan", data={"csrf_token": token}, follow_redirects=True).text
    assert "wacht weer op uw oordeel" in shown and "undo-bar" not in shown
    assert Case.get_by_id(case.id).status == Status.INGEDIEND


def test_an_approval_without_a_moment_of_its_own_is_undone_whole():
    """As the screen does it: the running portal reads the clock itself."""
    boss, case = make.coordinator(), make.case(Status.INGEDIEND)
    Case.get_by_id(case.id).approve(boss)
    verdict_undo.take_back(Case.get_by_id(case.id), boss)
    now = Case.get_by_id(case.id)
    assert (now.approved_at, now.approved_by) == (None, None)
