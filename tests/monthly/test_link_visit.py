"""Telling mail scanners from people by how a link was opened."""

from datetime import datetime, timedelta

import pytest

from models.mail.outbox import Mail, MailStatus
from models.monthly.link_visit import MOST_A_DAY, UNSEEN, LinkVisit
from models.monthly.monthly_request import MonthlyCall
from tests import make

SENT = datetime(2026, 11, 1, 6)
OPENED = datetime(2026, 11, 2, 9)
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


@pytest.fixture
def call():
    return asked()


def asked(user=None):
    """A melder whose request left at SENT."""
    user = user or make.user()
    MonthlyCall.open_all("2026-10", now=SENT)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=SENT).where(Mail.sent_at.is_null()).execute()
    return MonthlyCall.get(MonthlyCall.user == user)


def visit(call, purpose="nee", after=0, method="GET", address="10.0.0.1", agent=BROWSER):
    return LinkVisit.note(call, purpose, method, address, agent, OPENED + timedelta(seconds=after))


def test_a_person_who_opens_the_mail_later_is_not_doubted(call):
    assert visit(call).doubt() == ""


@pytest.mark.parametrize(("seconds", "doubted"), [(0, True), (59, True), (61, False)])
def test_a_link_opened_within_a_minute_of_delivery_is_doubted(call, seconds, doubted):
    Mail.update(sent_at=OPENED - timedelta(seconds=seconds)).execute()

    assert bool(visit(call).doubt()) is doubted


def test_a_link_opened_before_the_delivery_was_recorded_is_doubted(call):
    Mail.update(status=MailStatus.BEZIG, sent_at=None).execute()

    assert "minuut na verzending" in visit(call).doubt()


def test_a_link_opened_within_a_minute_of_the_reminder_is_doubted(call):
    Mail.queue("monthly_reminder", call.user, month="2026-10", now=OPENED, call=call.id)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=OPENED - timedelta(seconds=20)).where(
        Mail.name == "monthly_reminder"
    ).execute()

    assert "minuut na verzending" in visit(call).doubt()


@pytest.mark.parametrize(("seconds", "doubted"), [(-9, True), (9, True), (-11, False)])
def test_both_links_opened_together_are_doubted_whoever_opened_the_other(call, seconds, doubted):
    mine = visit(call)
    visit(call, "ja", after=seconds, address="203.0.113.9", agent="Something else")

    assert ("Beide links" in mine.doubt()) is doubted


@pytest.mark.parametrize(("seconds", "doubted"), [(-5, True), (-20, False)])
def test_a_head_request_just_before_is_doubted(call, seconds, doubted):
    visit(call, after=seconds, method="HEAD", address="203.0.113.9")

    assert ("mailfilter nagekeken" in visit(call).doubt()) is doubted


@pytest.mark.parametrize(
    "agent", ["", "curl/8.5", "Mozilla/5.0 HeadlessChrome/141.0", "Barracuda Link Scanner", "python-requests/2"]
)
def test_a_program_that_says_so_is_doubted(call, agent):
    assert "programma" in visit(call, agent=agent).doubt()


def test_one_client_that_opens_the_links_of_several_melders_is_doubted(call):
    other = asked(make.user())
    mine = visit(call)
    visit(other, after=30)

    assert "meer melders" in mine.doubt()


def test_another_address_of_the_same_network_is_the_same_client(call):
    other = asked(make.user())
    mine = visit(call, address="2001:db8:1:2::1")
    visit(other, after=30, address="2001:db8:1:2:aaaa::9")

    assert "meer melders" in mine.doubt()


def test_one_melder_who_opens_the_links_of_two_months_is_not_doubted(call):
    MonthlyCall.open_all("2026-09", now=SENT)
    other = MonthlyCall.get(MonthlyCall.user == call.user, MonthlyCall.month == "2026-09")
    Mail.update(status=MailStatus.VERZONDEN, sent_at=SENT).where(Mail.sent_at.is_null()).execute()
    mine = visit(call)
    visit(other, after=30)

    assert mine.doubt() == ""


def test_colleagues_with_other_browsers_or_at_another_time_are_not_doubted(call):
    other = asked(make.user(hospital=call.hospital))
    mine = visit(call)
    visit(other, after=30, agent=BROWSER + " Edg/141.0")
    visit(other, after=90)

    assert mine.doubt() == ""


def test_a_second_look_by_the_same_person_is_not_doubted(call):
    visit(call)

    assert visit(call, after=3).doubt() == ""


def test_visits_of_one_link_are_kept_within_bounds(call):
    kept = [visit(call, after=second) for second in range(MOST_A_DAY + 5)]

    assert kept[MOST_A_DAY - 1] is not None and kept[MOST_A_DAY:] == [None] * 5
    assert LinkVisit.select().count() == MOST_A_DAY
    assert visit(call, "ja", after=100) is not None
    assert visit(call, after=90_000) is not None


def test_a_page_without_a_visit_of_this_very_call_is_doubted(call):
    foreign = visit(asked(make.user()))

    assert (
        LinkVisit.doubt_about(call, 0) == LinkVisit.doubt_about(call, 999) == LinkVisit.doubt_about(call, foreign.id) == UNSEEN
    )
    assert LinkVisit.doubt_about(call, visit(call, after=300).id) == ""
