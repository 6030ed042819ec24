"""The mails of the staff room with words that people changed: each reader keeps what only concerns them."""

from datetime import timedelta

import pytest

from models import clock
from models.access import Role
from models.accounts.user import User
from models.base import Refused
from models.mail.outbox import Mail
from models.mail.wording.mail_wording import MailWording
from models.staff import disuse, ending, nomination
from models.staff.account_review import AccountReview, stop_per
from tests import make

NOW = clock.start_of(clock.today(), 9)


def text(mail):
    return " ".join(mail.render(NOW).get_body(["plain"]).get_content().split())


def test_of_an_end_date_both_readers_get_the_new_words_and_their_own_way_on():
    boss, jan = make.user(role=Role.BEHEERDER), make.user(name="Jan Smit", email="jan@example.com")
    stop_per(jan, boss, clock.today() + timedelta(days=20))
    MailWording.amend(boss, "account_ending", 0, "Let op: {account} tot {laatste dag}", "{account} stopt op {laatste dag}.")
    ending.warn(NOW)
    mails = {mail.user: mail for mail in Mail.select().where(Mail.name == "account_ending")}
    assert mails.keys() == {boss, jan}
    assert mails[jan].render(NOW)["Subject"].startswith("Let op: Uw account tot ")
    assert mails[boss].render(NOW)["Subject"].startswith("Let op: Het account van Jan Smit tot ")
    assert (
        "Uw account stopt op" in text(mails[jan])
        and boss.name in text(mails[jan])
        and "inloggen is niet" not in text(mails[jan])
    )
    assert "laatste melder van het ziekenhuis" in text(mails[boss]) and "jan@example.com" in text(mails[boss])
    with pytest.raises(Refused, match=r"Laat \{laatste dag\} staan"):
        MailWording.amend(boss, "account_ending", 1, "{account} tot {laatste dag}", "{account} stopt.")


def test_of_disuse_the_new_words_leave_the_day_and_who_is_not_suspended():
    boss, jan = make.user(role=Role.BEHEERDER), make.user(name="Jan Smit")
    long_ago = NOW - timedelta(days=500)
    User.update(created_at=long_ago, invited_at=long_ago, current_login_at=long_ago).where(User.id == jan.id).execute()
    MailWording.amend(boss, "account_unused", 0, "{account} ligt stil", "{account} ligt stil. Bel gerust: {contact}.")
    disuse.warn(NOW)
    mails = {mail.user: mail for mail in Mail.select().where(Mail.name == "account_unused")}
    assert mails[jan].render(NOW)["Subject"] == "Uw account ligt stil" and "één keer in" in text(mails[jan])
    assert "Het account van Jan Smit ligt stil. Bel gerust: " in text(mails[boss])
    assert "wordt niet geschorst" in text(mails[boss])


def test_of_a_review_the_new_words_leave_how_many_wait_and_that_it_is_a_reminder():
    boss, melder = make.user(role=Role.BEHEERDER), make.user()
    MailWording.amend(boss, "account_review", 0, "", "Wie werkt er nog?")
    review = AccountReview.begin(melder.hospital, NOW - timedelta(weeks=3))
    AccountReview.remind_due(NOW)
    first, reminder = Mail.select().where(Mail.name == "account_review").order_by(Mail.id)
    assert "Wie werkt er nog? Er wacht nog 1 account op uw antwoord" in text(first) and review.place in text(first)
    assert reminder.render(NOW)["Subject"].startswith("Herinnering: ") and "nog niet alle accounts" in text(reminder)


def test_of_what_a_leaver_left_the_new_words_name_both_and_keep_the_cases():
    boss, leaver = make.user(role=Role.BEHEERDER), make.user(name="Jan Smit")
    colleague, case = make.user(hospital=leaver.hospital), make.case(by=leaver)
    MailWording.amend(boss, "cases_offered", 0, "{meldingen} over", "{collega} is weg; {meldingen} wacht op u.")
    nomination.end(leaver, boss, "Andere baan.", successor=colleague.id)
    mail = Mail.get(Mail.name == "cases_offered")
    assert mail.render(NOW)["Subject"] == "1 melding over"
    assert "Jan Smit is weg; 1 melding wacht op u." in text(mail) and case.number in text(mail)
