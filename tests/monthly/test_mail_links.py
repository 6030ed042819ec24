"""The two buttons of the monthly mail, as a scanner and as a person open them."""

import re
from datetime import timedelta

import pytest
from peewee import OperationalError

from admin_views.accounts.login import DEVICE_COOKIE
from models import clock
from models.access import Role
from models.accounts.known_device import KnownDevice
from models.audit.audit_event import AuditEvent
from models.mail.outbox import Mail, MailStatus
from models.monthly.link_visit import MOST_A_DAY, LinkVisit
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from tests import make

BROWSER = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0.0.0 Safari/537.36", "Accept": "text/html"}
DONE = "is geregistreerd."


@pytest.fixture
def month():
    """The month that is asked about now."""
    return clock.previous_month(clock.today())


@pytest.fixture
def call():
    return asked()


def asked(user=None, month=None):
    """A melder whose request left an hour ago."""
    user = user or make.user()
    month = month or clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    Mail.update(status=MailStatus.VERZONDEN, sent_at=clock.now() - timedelta(hours=1)).execute()
    return MonthlyCall.get(MonthlyCall.user == user, MonthlyCall.month == month)


def link(call, purpose="nee"):
    return call.address(purpose).removeprefix("http://localhost")


def fields(page):
    """The hidden fields of the first form that has a key of the link."""
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    key = re.search(r'name="sleutel" value="([^"]+)"', page.text)
    return {"csrf_token": csrf and csrf.group(1), "sleutel": key and key.group(1)}


def click(client, call, **more):
    """Open 'Nee' and send its form, as the page's script does; with bewijs='knop' as its button does."""
    page = client.get(link(call), headers=BROWSER)
    return client.post(link(call), data={**fields(page), **more}, headers=BROWSER, follow_redirects=True)


def beside(call, last, client, page):
    """Send what the page offers to another address of the same link."""
    return client.post(link(call).replace("/nee", f"/{last}"), data=fields(page), headers=BROWSER, follow_redirects=True)


def standing(call):
    return MonthAnswer.standing(call.hospital_id, call.month)


def remember(client, user):
    client.set_cookie(DEVICE_COOKIE, KnownDevice.remember(user))


def title(page):
    return re.search(r"<h1>(.*?)</h1>", page.text, re.S).group(1)


# ---- scanners -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["nee", "ja"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_opening_a_link_a_hundred_times_answers_nothing(app, call, purpose, method):
    before = AuditEvent.select().count(), Mail.select().count()

    for _ in range(100):
        answer = app.test_client().open(link(call, purpose), method=method)
        assert answer.status_code in (200, 302)

    assert MonthAnswer.select().count() == 0
    assert (AuditEvent.select().count(), Mail.select().count()) == before
    assert LinkVisit.select().count() == MOST_A_DAY
    assert {visit.method for visit in LinkVisit.select()} == {method}


@pytest.mark.parametrize("purpose", ["nee", "ja"])
def test_the_pages_are_not_kept_and_tell_other_sites_nothing(client, call, purpose):
    headers = client.get(link(call, purpose)).headers

    assert headers["Cache-Control"] == "no-store" and "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_page_posts_itself_and_names_hospital_and_month(client, call, month):
    page = client.get(link(call), headers=BROWSER)

    assert "data-posts-itself" in page.text and "monthly/no.js" in page.text
    assert call.hospital.name in page.text and title(page).endswith(str(clock.first_of(month).year))
    assert page.text.index("Ja, 1 of meer casus") < page.text.index("Nee, geen casus</button>")


def test_a_page_that_posted_itself_is_provisional(client, call):
    page = click(client, call)

    assert page.status_code == 200 and DONE in title(page)
    assert not standing(call).counts
    assert "<span data-enough hidden>" in page.text


def test_on_another_day_the_page_asks_for_the_button_instead_of_posting_itself_again(client, call):
    click(client, call)
    assert "data-posts-itself" in client.get(link(call), headers=BROWSER).text, "a scanner looks on the same day"

    MonthAnswer.update(at=clock.now() - clock.DAY).execute()
    page = client.get(link(call), headers=BROWSER)
    assert "data-posts-itself" not in page.text and "telt nog niet mee" in page.text

    click(client, call, bewijs="knop")
    assert standing(call).counts


def test_a_button_after_both_links_were_opened_is_provisional_and_says_so(client, call):
    client.get(link(call, "ja"), headers=BROWSER)
    page = click(client, call, bewijs="knop")

    assert not standing(call).counts and "Beide links" in standing(call).doubt
    assert "telt nog niet mee" in page.text and "Beide links" in page.text


def test_a_button_right_after_delivery_is_provisional(client, call):
    Mail.update(sent_at=clock.now() - timedelta(seconds=30)).execute()
    click(client, call, bewijs="knop")

    assert not standing(call).counts


def test_a_button_of_a_link_that_was_opened_too_often_is_provisional(client, call):
    for _ in range(MOST_A_DAY):
        client.get(link(call), headers=BROWSER)
    click(client, call, bewijs="knop")

    assert not standing(call).counts and "zo vaak geopend" in standing(call).doubt


# ---- people -------------------------------------------------------------------------------------------------------


def test_the_button_counts(client, call, month):
    page = click(client, call, bewijs="knop")

    assert DONE in title(page) and call.hospital.name in page.text
    assert standing(call).counts and standing(call).proof == "knop" and standing(call).month == month


def test_a_known_device_counts_at_once_and_again_gives_the_same_answer(client, call):
    remember(client, call.user)

    first = click(client, call)
    answer = standing(call)
    second = click(client, call)

    assert title(first) == title(second) and "data-gesture" not in first.text
    assert standing(call) == answer and answer.counts and answer.proof == "apparaat"
    assert MonthAnswer.select().count() == 1
    assert Mail.select().where(Mail.name == "zero_receipt").count() == 1


def test_a_known_device_counts_in_spite_of_suspicion(client, call):
    remember(client, call.user)
    client.get(link(call, "ja"), headers=BROWSER)
    click(client, call)

    assert standing(call).counts


@pytest.mark.parametrize("whose", ["colleague", "stranger", "forged", "old"])
def test_the_device_of_somebody_else_proves_nothing(client, call, whose):
    others = {"colleague": make.user(hospital=call.hospital), "stranger": make.user(), "old": call.user}
    token = KnownDevice.remember(others[whose]) if whose in others else "x" * 43
    if whose == "old":
        KnownDevice.update(created_at=clock.now() - timedelta(days=401)).execute()
    client.set_cookie(DEVICE_COOKIE, token)

    click(client, call)
    assert not standing(call).counts


def test_a_gesture_on_the_result_page_confirms(client, call):
    page = client.get(link(call), headers=BROWSER)
    result = client.post(link(call), data=fields(page), headers=BROWSER, follow_redirects=True)
    assert "data-gesture" in result.text

    told = beside(call, "gebaar", client, result)

    assert told.json == {"telt": True, "waarom": ""}
    assert standing(call).proof == "gebaar" and MonthAnswer.select().count() == 1


def test_a_gesture_after_a_scanners_look_does_not_confirm_and_says_why(client, call):
    client.head(link(call))
    told = beside(call, "gebaar", client, click(client, call))

    assert told.json["telt"] is False and "mailfilter" in told.json["waarom"]
    assert not standing(call).counts and "mailfilter" in standing(call).doubt


def test_the_receipt_follows_at_once(client, call):
    click(client, call, bewijs="knop")

    mail = Mail.get(Mail.name == "zero_receipt")
    assert (mail.user, mail.status, mail.month) == (call.user, MailStatus.WACHT, call.month)


# ---- colleagues and cases -----------------------------------------------------------------------------------------


def test_the_answer_of_a_colleague_is_told_with_its_date(client, call):
    colleague = asked(make.user(hospital=call.hospital))
    MonthAnswer.zero(call.hospital, call.month, "apparaat", call.user)

    page = click(client, colleague, bewijs="knop")

    assert "Er is al een nul-melding" in title(page) and "Een collega van uw ziekenhuis gaf op" in page.text
    assert "ongedaan maken" in page.text and call.user.name not in page.text
    assert standing(call).by == call.user


def test_what_the_coordinator_took_down_is_not_said_to_be_of_a_colleague(client, call):
    MonthAnswer.zero_by_telephone(call.hospital, call.month, make.coordinator(), "de secretaris")

    page = click(client, call, bewijs="knop")

    assert "Een collega" not in page.text and "na een telefoongesprek" in page.text


def test_a_zero_report_after_a_case_is_refused_with_the_reason(client, call):
    made = make.case(by=call.user, month=call.month)

    page = click(client, call, bewijs="knop")

    assert page.status_code == 409 and "Er is al een casus gemeld over" in page.text
    assert made.number not in page.text and made.theme.name not in page.text
    assert standing(call).kind == "casus"


# ---- undo ---------------------------------------------------------------------------------------------------------


def test_undo_takes_the_zero_report_back(client, call):
    page = beside(call, "ongedaan", client, click(client, call, bewijs="knop"))

    assert "is ongedaan gemaakt" in title(page) and standing(call) is None


def test_undoing_twice_is_harmless(client, call):
    result = click(client, call, bewijs="knop")

    assert [beside(call, "ongedaan", client, result).status_code for _ in range(2)] == [200, 200]
    assert AuditEvent.select().where(AuditEvent.action == "zero.withdraw").count() == 1


def test_after_an_undo_the_page_no_longer_posts_itself(client, call):
    beside(call, "ongedaan", client, click(client, call, bewijs="knop"))

    page = client.get(link(call), headers=BROWSER)

    assert "data-posts-itself" not in page.text and "ongedaan gemaakt" in page.text
    assert DONE in title(click(client, call, bewijs="knop")) and standing(call).counts


def test_a_forgotten_result_page_does_not_bring_back_what_was_undone(client, call):
    result = click(client, call)
    beside(call, "ongedaan", client, result)

    assert beside(call, "gebaar", client, result).json["telt"] is False
    assert standing(call) is None


def test_the_result_page_shows_what_stands_and_changes_nothing(client, call):
    address = link(call).replace("/nee", "/antwoord")
    assert "Er staat geen nul-melding" in title(client.get(address))

    click(client, call, bewijs="knop")
    assert [DONE in title(client.get(address)) for _ in range(3)] == [True] * 3
    make.case(by=call.user, month=call.month)

    assert client.get(address).location == "/meldingen/"
    assert [(answer.kind, answer.ended_why) for answer in MonthAnswer.select()] == [("nul", "vervangen"), ("casus", "")]


def test_undo_does_not_touch_a_case(client, call):
    result = click(client, call, bewijs="knop")
    make.case(by=call.user, month=call.month)

    assert beside(call, "ongedaan", client, result).status_code == 409
    assert standing(call).kind == "casus"


# ---- forged, old and foreign --------------------------------------------------------------------------------------


@pytest.mark.parametrize("last", ["nee", "gebaar", "ongedaan"])
@pytest.mark.parametrize("missing", ["csrf_token", "sleutel"])
def test_a_post_without_the_keys_of_the_page_is_refused(client, call, last, missing):
    given = fields(client.get(link(call), headers=BROWSER))
    del given[missing]

    answer = client.post(link(call).replace("/nee", f"/{last}"), data=given, headers=BROWSER)

    assert answer.status_code in (400, 409) and MonthAnswer.select().count() == 0


def test_the_key_of_another_link_is_refused(client, call):
    other = asked(make.user())
    foreign = fields(client.get(link(other), headers=BROWSER))

    answer = client.post(link(call), data={**foreign, "bewijs": "knop"}, headers=BROWSER)

    assert answer.status_code == 409 and "Open de knop in de mail opnieuw" in answer.text
    assert MonthAnswer.select().count() == 0


@pytest.mark.parametrize("key", ["", "x", "MQ.x", "é", "0" * 5000])
def test_a_made_up_key_is_refused(client, call, key):
    page = client.get(link(call), headers=BROWSER)

    assert client.post(link(call), data={**fields(page), "sleutel": key}, headers=BROWSER).status_code == 409
    assert MonthAnswer.select().count() == 0


def test_every_wrong_link_gets_the_same_page(client, call):
    right = link(call)
    token = right.split("/")[2]
    wrong = [
        right.replace(token, token[:-1]),
        right.replace(token, token[::-1]),
        right.replace(token, "x" * 5000),
        right.replace(token, "%00"),
        right.replace(token, "é"),
        link(call, "ja").replace("/ja", "/nee"),
        right.replace("/nee", "/ja"),
    ]

    pages = [client.get(address, headers=BROWSER) for address in wrong]

    assert {page.status_code for page in pages} == {404}
    assert len({re.sub(r'(nonce|content|value)="[^"]*"', "", page.text) for page in pages}) == 1
    assert call.hospital.name not in pages[0].text and LinkVisit.select().count() == 0


def test_a_changed_token_is_refused_when_posting_too(client, call):
    page = client.get(link(call), headers=BROWSER)
    token = link(call).split("/")[2]

    answer = client.post(link(call).replace(token, token[::-1]), data=fields(page), headers=BROWSER)
    assert answer.status_code == 404 and MonthAnswer.select().count() == 0


@pytest.mark.parametrize("purpose", ["nee", "ja"])
def test_an_old_link_says_so_and_leads_to_the_log_in(client, call, purpose):
    MonthlyCall.update(expires_at=clock.now()).execute()

    page = client.get(link(call, purpose), headers=BROWSER)

    assert page.status_code == 410 and "Deze link is verlopen" in title(page) and ">Inloggen</a>" in page.text


@pytest.mark.parametrize("purpose", ["nee", "ja"])
def test_a_link_of_an_account_that_ended_says_so_and_offers_no_log_in(client, call, purpose):
    call.user.deactivate()

    page = client.get(link(call, purpose), headers=BROWSER)

    assert page.status_code == 410 and "Deze link werkt niet meer" in title(page) and ">Inloggen</a>" not in page.text


def test_a_page_that_grew_old_is_refused(client, call):
    page = client.get(link(call), headers=BROWSER)
    MonthlyCall.update(expires_at=clock.now()).execute()

    answer = client.post(link(call), data={**fields(page), "bewijs": "knop"}, headers=BROWSER)
    assert answer.status_code == 409 and "verlopen" in answer.text and standing(call) is None


def test_a_link_gives_no_other_access(client, call):
    made = make.case(by=call.user)
    click(client, call, bewijs="knop")

    for address in ("/meldingen/", f"/melding/{made.key}/", "/account", "/"):
        answer = client.get(address)
        assert answer.status_code == 302 and "/inloggen" in answer.location


# ---- 'Ja' ---------------------------------------------------------------------------------------------------------


def test_yes_leads_through_the_log_in_to_the_new_case_and_marks_nothing(client, call, month):
    answer = client.get(link(call, "ja"))
    assert answer.location == f"/melding/nieuw?maand={month}"

    page = client.get(answer.location, follow_redirects=True)
    assert page.request.path == "/inloggen"
    key = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
    data = {"csrf_token": key, "email": call.user.email, "password": make.PASSWORD}
    answer = client.post(page.request.full_path, data=data, follow_redirects=True)

    assert (answer.request.path, answer.request.args["maand"]) == ("/melding/nieuw", month)
    assert "Nieuwe melding maken" in title(answer) and MonthAnswer.select().count() == 0


def test_yes_of_a_clerk_is_refused_with_the_reason(client, login, call):
    login(client, make.user(role=Role.INVOERDER, hospital=call.hospital))

    page = client.get(link(call, "ja"), follow_redirects=True)

    assert page.status_code == 403 and "melder" in page.text and MonthAnswer.select().count() == 0


def test_yes_of_somebody_else_is_for_the_own_hospital_and_says_so(client, login, call):
    stranger = make.user()
    login(client, stranger)

    answer = client.get(link(call, "ja"))

    assert answer.location == "/melding/nieuw"
    assert stranger.hospital.name in client.get(answer.location).text


# ---- when the database is busy ------------------------------------------------------------------------------------


def test_an_answer_that_cannot_be_written_is_not_said_to_be(client, call, monkeypatch):
    page = client.get(link(call), headers=BROWSER)

    def busy(*_, **__):
        raise OperationalError("database is locked")

    monkeypatch.setattr(MonthAnswer, "create", busy)
    answer = client.post(link(call), data={**fields(page), "bewijs": "knop"}, headers=BROWSER)

    assert answer.status_code == 503 and "geregistreerd" not in answer.text


def test_colleagues_behind_one_address_who_press_the_button_count(client):
    """Their hospital's browser is the same, its address is the same, and they answer within one minute (R-8)."""
    calls = [asked(make.user()) for _ in range(5)]
    for call in calls:
        click(client, call, bewijs="knop")
    assert [standing(call).counts for call in calls] == [True] * 5
