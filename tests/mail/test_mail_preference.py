"""What people get at once, once a day or not at all, for every kind of mail there is."""

from datetime import timedelta

import pytest

from models import clock
from models.access import Role
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.cases.status import Status
from models.mail import daily_mail
from models.mail.mail_preference import DAILY_AT_FIRST, KINDS, MailPreference, Way
from models.mail.mail_status import MAIL_LABELS, MailStatus
from models.mail.outbox import Mail
from models.mail.sending_hold import SendingHold
from tests import make
from tests.web.pages import send

# Whoever does without one of these misses a term, a danger, or the way in.
ALWAYS = {
    "monthly_request", "monthly_reminder", "zero_receipt", "file_blocked", "file_undecided", "reminder", "lza1_term", "daily",
    "question_reminder",
    "lnr_admitted", "alarm", "unusual_access", "held_change", "reach_change", "lnr_key_ending", "invitation", "account",
    "lnr_restored",
    "wording_test", "case_part", "stay_erasure", "account_ending", "account_unused", "account_review", "cases_offered",
    "colleague_request", "colleague_code", "colleague_upload", "part_withdrawn",
}  # fmt: skip
NEVER_TOO = {"case_assigned", "case_submitted", "case_approved", "committee_letter", "case_use", "question_answered"}
OUTCOME = {Way.AT_ONCE: MailStatus.WACHT, Way.DAILY: MailStatus.DAGMAIL, Way.NEVER: MailStatus.VERVALLEN}


@pytest.mark.parametrize(("name", "way"), [(name, way) for name in KINDS for way in Way])
def test_every_kind_goes_the_way_that_its_reader_chose(name, way):
    ways, roles = KINDS[name]
    person = make.user(role=min(roles))
    if way not in ways:
        with pytest.raises(Refused):
            MailPreference.choose(person, {name: way})
    else:
        MailPreference.choose(person, {name: way})
    delivered = Way.DAILY if name in DAILY_AT_FIRST else Way.AT_ONCE
    assert Mail.queue(name, person, once="x").status == OUTCOME[way if way in ways else delivered]
    assert Mail.queue(name, person, once="x") is None, "what nobody wants is remembered as told"


@pytest.mark.parametrize("name", sorted(ALWAYS))
def test_what_must_come_comes_at_once_whatever_somebody_sends(name):
    person = make.user()
    with pytest.raises(Refused):
        MailPreference.choose(person, {name: Way.NEVER})
    MailPreference.create(user=person, name=name, way=Way.NEVER)
    assert Mail.queue(name, person).status == MailStatus.WACHT


def test_what_must_come_has_no_choice_and_only_news_can_be_left_out():
    assert set(MAIL_LABELS) - set(KINDS) == ALWAYS
    assert {name for name, (ways, _) in KINDS.items() if Way.NEVER in ways} == NEVER_TOO


def test_the_day_comes_in_one_mail_with_only_what_is_still_true():
    person = make.user()
    MailPreference.choose(person, {"case_approved": Way.DAILY, "case_reopened": Way.DAILY})
    approved, other = (make.case(Status.GOEDGEKEURD, by=person) for _ in range(2))
    now = clock.now()
    for case in (approved, other):
        Mail.queue("case_approved", person, once=f"a:{case.id}", case=case, now=now)
    Case.update(status=Status.INGEDIEND).where(Case.id == other.id).execute()

    assert (daily_mail.gather(now), daily_mail.gather(now)) == (1, 0)
    assert Mail.waiting(now) == [Mail.get(Mail.name == "daily").id], "and nothing apart"
    message = Mail.get(Mail.name == "daily").render(now)
    said = message.get_body(["plain"]).get_content()
    assert f"/melding/{approved.key}/" in said and other.number not in said and "1 bericht" in message["Subject"]

    Mail.queue("case_approved", person, once="later", case=approved, now=now)
    assert daily_mail.gather(now) == 0, "one a day"
    assert daily_mail.gather(now + timedelta(days=1)) == 1


def test_what_is_held_stays_out_of_the_mail_of_the_day():
    member, now = make.user(role=Role.COMMISSIELID), clock.now()
    MailPreference.choose(member, {"committee_reminder": Way.DAILY})
    Mail.queue("committee_reminder", member, once="a", now=now)
    SendingHold.hold(make.coordinator(), member.id, "committee_reminder", clock.today(now), "met verlof", now=now)
    assert daily_mail.gather(now) == 0
    assert daily_mail.gather(now + timedelta(days=1)) == 1


def test_a_day_of_which_nothing_is_true_any_more_sends_nothing():
    person = make.user()
    MailPreference.choose(person, {"case_approved": Way.DAILY})
    Mail.queue("case_approved", person, once="a", case=make.case(by=person))
    assert daily_mail.gather() == 1 and Mail.get(Mail.name == "daily").render() is None


def test_people_choose_on_their_account_and_the_mails_lead_there(client, login):
    person = make.user()
    browser = login(client, person)
    assert (
        'name="mail-case_approved"' in browser.get("/account").text
        and 'name="mail-lnr_tested"' not in browser.get("/account").text
    )

    assert send(browser, "/account/mail", {"mail-case_approved": "niet"}).status_code == 302
    assert MailPreference.of(person)["case_approved"] == Way.NEVER
    send(browser, "/account/mail", {"mail-case_incomplete": "niet"})
    assert MailPreference.of(person)["case_incomplete"] == Way.AT_ONCE, "what asks for work cannot be left out"
    assert AuditEvent.select().where(AuditEvent.subject == "Welke mail u krijgt").count() == 1

    case = make.case(Status.GOEDGEKEURD, by=person)
    for name, leads in (("case_reopened", True), ("account", False)):
        mail = Mail.queue(name, person, case=case, subject="x", text="x", html="x")
        parts = [mail.render().get_body([kind]).get_content() for kind in ("plain", "html")]
        assert all(("/account#mail" in part) == leads for part in parts), name
