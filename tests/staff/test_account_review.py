"""The yearly review: who is asked, what is kept, and what becomes of silence."""

from datetime import datetime, timedelta

import pytest
from peewee import IntegrityError

from models import AuditEvent, Mail, User, clock
from models.access import Role
from models.base import Refused
from models.staff import nomination
from models.staff.account_review import AccountReview, ReviewedAccount, confirm, stop_per
from tests import make
from tests.accounts.test_login import post

NOW = clock.now()
OLD = NOW - timedelta(days=400)


@pytest.fixture
def place():
    return make.hospital("Ziekenhuis Oost", created_at=OLD)


@pytest.fixture
def melder(place):
    return make.user(hospital=place, name="Mia Melder")


@pytest.fixture
def colleague(place):
    return make.user(role=Role.INVOERDER, hospital=place, name="Jan Smit")


def fresh(row):
    return type(row).get_by_id(row.id)


def test_a_review_opens_once_a_year_of_what_is_a_year_old(melder, colleague):
    make.user(hospital=make.hospital(created_at=NOW))
    make.hospital(created_at=OLD)  # where nobody has an account
    make.user(hospital=make.hospital(created_at=OLD, active=False))
    assert (AccountReview.open_due(NOW), AccountReview.open_due(NOW)) == (1, 0)
    review = AccountReview.get()
    assert {row.account for row in review.accounts} == {melder, colleague} and review.state == "open"
    assert AccountReview.open_due(NOW + timedelta(days=364)) == 0
    assert AccountReview.open_due(NOW + timedelta(days=367)) == 2, "this one anew, and the one that is a year old now"


def test_after_an_upgrade_a_few_open_each_day_and_so_they_do_a_year_later(melder):
    for _ in range(11):
        make.user(hospital=make.hospital(created_at=OLD))
    make.user(role=Role.BEHEERDER, created_at=OLD)
    noon = clock.start_of(clock.today(NOW), 12)
    runs = [noon + timedelta(days=day, minutes=15 * part) for day in range(4) for part in range(2)]
    assert [AccountReview.open_due(run) for run in runs] == [5, 0, 5, 0, 3, 0, 0, 0]
    assert [AccountReview.open_due(run + timedelta(days=366)) for run in runs] == [5, 0, 5, 0, 3, 0, 0, 0]


def test_the_year_of_a_leap_day_is_reviewed_once(place, melder):
    leap = datetime(2028, 2, 29, 12)
    assert AccountReview.begin(place, leap)
    assert AccountReview.begin(place, leap + timedelta(days=1)) is None
    assert [AccountReview.open_due(datetime(2029, *day, 12)) for day in ((2, 28), (3, 1))] == [0, 1]


def test_the_database_keeps_one_a_year_also_of_the_national_accounts(melder):
    make.user(role=Role.BEHEERDER, created_at=OLD)
    assert AccountReview.begin(None, NOW) and AccountReview.begin(None, NOW) is None
    with pytest.raises(IntegrityError):
        AccountReview.create(hospital=None, year=clock.today(NOW).year, opened_at=NOW)


def test_the_manager_is_asked_or_the_melders_where_there_is_none(place, melder, colleague):
    other = make.user(hospital=place)
    AccountReview.begin(place, NOW)
    assert {mail.user for mail in Mail.select()} == {melder, other}
    User.update(appoints_since=NOW).where(User.id == other.id).execute()
    (waits,) = [mail for mail in Mail.select() if mail.user == melder]
    assert waits.render(NOW) is None, "who no longer does it"
    with pytest.raises(Refused, match="kijkt de accounts"):
        confirm(colleague, melder)
    confirm(colleague, fresh(other))


def test_beheerders_do_it_for_a_hospital_without_melder(place, colleague, app, login):
    boss = make.user(role=Role.BEHEERDER)
    AccountReview.begin(place, NOW)
    (mail,) = Mail.select()
    said = mail.render(NOW).get_body(["plain"]).get_content()
    assert mail.user == boss and "Ziekenhuis Oost" in said and "/beheer/gebruikers/" in said
    browser = login(app.test_client(), boss)
    page = browser.get("/beheer/gebruikers/")
    post(browser, "/beheer/gebruikers/action/", page, action="confirm", rowid=str(colleague.id))
    assert AccountReview.get().closed_at and ReviewedAccount.get().by == boss


def test_everybody_judged_closes_it_with_who_and_when(place, melder, colleague):
    review = AccountReview.begin(place, NOW)
    for account in (melder, colleague):
        assert fresh(review).state == "open"
        confirm(account, melder)
    review = fresh(review)
    assert review.state == "nagekeken" and AccountReview.counts([review.id]) == {review.id: (0, 2)}
    row = ReviewedAccount.get(ReviewedAccount.account == colleague)
    assert (row.said, row.by) == ("werkt hier nog", melder) and row.at
    assert AuditEvent.select().where(AuditEvent.action == "accounts.judge").count() == 2
    with pytest.raises(Refused, match="loopt nu geen controle"):
        confirm(colleague, melder)


def test_a_melder_without_manager_says_stopt_per_in_a_review_and_at_no_other_time(place, melder, colleague):
    day = clock.today() + timedelta(days=20)
    with pytest.raises(Refused, match="ziekenhuisbeheerder"):
        stop_per(colleague, melder, day)
    AccountReview.begin(place, NOW)
    stop_per(colleague, melder, day)
    assert fresh(colleague).ends_on == day
    assert ReviewedAccount.get(ReviewedAccount.account == colleague).stops_on == day
    with pytest.raises(Refused, match="ziekenhuisbeheerder"):
        stop_per(fresh(colleague), melder, None)
    assert fresh(colleague).ends_on == day, "extending is for the manager"


def test_nobody_judges_another_hospital_or_the_national_accounts(place, melder, colleague):
    boss, stranger = make.user(role=Role.BEHEERDER, created_at=OLD), make.user(appoints_since=NOW)
    AccountReview.begin(place, NOW)
    AccountReview.begin(None, NOW)
    for account, by in ((colleague, stranger), (boss, melder), (colleague, colleague), (melder, make.coordinator())):
        with pytest.raises(Refused):
            confirm(account, by)
        with pytest.raises(Refused):
            stop_per(account, by, clock.today() + timedelta(days=9))
    confirm(boss, boss)
    confirm(colleague, boss)


def test_silence_is_reminded_of_twice_and_then_stands_in_the_list(place, melder, colleague):
    begun = NOW - timedelta(weeks=7)
    review = AccountReview.begin(place, begun)
    sent = [day for day in range(60) if AccountReview.remind_due(begun + timedelta(days=day))]
    assert sent == [14, 28] and fresh(review).state == "niet nagekeken"
    assert list(AccountReview.select().where(AccountReview.id.in_(AccountReview.in_state("niet nagekeken")))) == [review]
    mails = list(Mail.select().where(Mail.name == "account_review").order_by(Mail.id))
    assert [mail.render(NOW)["Subject"].startswith("Herinnering") for mail in mails] == [False, True, True]


def test_what_was_reminded_already_keeps_no_later_review_from_its_reminder():
    begun = NOW - timedelta(weeks=3)
    for number in range(25):
        review = AccountReview.begin(make.user().hospital, begun + timedelta(minutes=number))
        AccountReview.update(reminded=number < 22).where(AccountReview.id == review.id).execute()
    assert [AccountReview.remind_due(NOW) for _ in range(2)] == [3, 0]
    assert [AccountReview.remind_due(NOW + timedelta(days=8)) for _ in range(3)] == [20, 5, 0]


def test_who_ended_needs_no_verdict(place, melder, colleague):
    review = AccountReview.begin(place, NOW)
    confirm(melder, melder)
    colleague.deactivate(now=NOW)
    assert AccountReview.remind_due(NOW + timedelta(days=15)) == 0 and fresh(review).closed_at
    assert not nomination.open_cases(colleague, melder)


def test_a_review_is_done_on_one_page(place, melder, colleague, app, login):
    stranger = make.user(name="Vreemde Melder")
    AccountReview.begin(place, NOW)
    browser = login(app.test_client(), melder)
    page = browser.get("/collegas/")
    assert "nog 2 van 2" in page.text and "Jan Smit" in page.text and "Vreemde" not in page.text
    assert post(browser, "/collegas/action/", page, action="confirm", rowid=str(stranger.id)).status_code == 404
    post(browser, "/collegas/action/", page, action="confirm", rowid=[str(melder.id), str(colleague.id)])
    assert AccountReview.get().closed_at and "Kijk de accounts na" not in browser.get("/collegas/").text

    boss = login(app.test_client(), make.user(role=Role.BEHEERDER))
    assert "2 van 2" in boss.get("/beheer/controles/").text
    assert "Werkt hier nog" in boss.get(f"/beheer/controles/{AccountReview.get().id}/").text
