"""Every kind of link that is mailed, as mail programs and people mangle it."""

import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from admin_views.accounts.login import invite
from admin_views.web.mangled_address import bare, mended
from models import clock
from models.access import Role
from models.approval.held_change import HeldChange
from models.mail.outbox import Mail
from models.monthly.link_visit import LinkVisit
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from tests import make
from tests.accounts.test_login import link_in_mail

BROWSER = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0.0.0 Safari/537.36", "Accept": "text/html"}
# What is put behind a link, as the server sees it: by a sentence, a bracket, a quotation, a copy from a table, another escape.
ADDED = [".", ",", ";", ":", "!", "%3E", ")", "%5D", "%22", "'", "%E2%80%99", "%E2%80%8B", "%20", "%0A", "%0D%0A",
         "/", "/.", "%3D", "=3D", "%253E", "%C2%A0", ").", "%3E."]  # fmt: skip
GOES_ON = (200, 302, 303)


@pytest.fixture
def call():
    melder = make.user()
    month = clock.previous_month(clock.today())
    MonthlyCall.open_all(month)
    return MonthlyCall.get(MonthlyCall.user == melder)


def path(call, purpose):
    return call.address(purpose).removeprefix("http://localhost")


def arrives(client, address, at):
    """Whether `address`, followed as a browser does, ends at the page `at`."""
    for _ in range(4):
        page = client.get(address, headers=BROWSER)
        if page.status_code not in (301, 302, 303, 308):
            return address == at and page.status_code == 200
        if address == at:
            return True
        address = page.location.removeprefix("http://localhost")
    return False


@pytest.mark.parametrize("purpose", ["nee", "ja"])
@pytest.mark.parametrize("added", ADDED)
def test_a_button_with_something_behind_it_leads_on_and_answers_nothing(client, call, purpose, added):
    assert arrives(client, path(call, purpose) + added, path(call, purpose))
    assert MonthAnswer.select().count() == 0


@pytest.mark.parametrize("purpose", ["nee", "ja"])
@pytest.mark.parametrize(
    "mangle",
    [
        lambda right, token: right.upper(),
        lambda right, token: right.replace(token, token.upper()),
        lambda right, token: right.rpartition("/")[0],
        lambda right, token: right.rpartition("/")[0] + "/",
        lambda right, token: right[:-1],
        lambda right, token: right.replace(token, token[:20] + "%0A" + token[20:]),
        lambda right, token: right.replace(token, token[:20] + "%0D%0A%20" + token[20:]),
        lambda right, token: right.replace(token, token[:20] + "=%0D%0A" + token[20:]),
        lambda right, token: right.replace(token, "%20" + token),
        lambda right, token: right.replace("/uitvraag/", "/uitvraag//"),
        lambda right, token: right.replace("/uitvraag/", "/uitvraag/%3C"),
    ],
)
def test_a_button_whose_token_is_whole_leads_on(client, call, purpose, mangle):
    right = path(call, purpose)

    assert arrives(client, mangle(right, right.split("/")[2]), right)
    assert MonthAnswer.select().count() == 0


@pytest.mark.parametrize("purpose", ["nee", "ja"])
@pytest.mark.parametrize("kept", [0, 1, 32, 63])
def test_a_button_whose_token_was_cut_off_says_how_to_go_on(client, call, purpose, kept):
    token = path(call, purpose).split("/")[2]

    page = client.get(f"/uitvraag/{token[:kept]}" if kept else "/uitvraag/nee", headers=BROWSER)

    assert page.status_code == 404 and "Deze link klopt niet" in page.text and "niets doorgegeven" in page.text
    assert ">Inloggen</a>" in page.text and call.hospital.name not in page.text
    onward = re.search(r'class="button[^"]*" href="([^"]+)"', page.text).group(1)
    assert client.get(onward).location.startswith("/inloggen?next=")
    assert LinkVisit.select().count() == 0


def test_what_is_mended_is_only_opened(client, call):
    token = path(call, "nee").split("/")[2]

    for method in ("HEAD", "POST", "PUT", "DELETE"):
        assert client.open(f"/uitvraag/{token}/nee.", method=method, headers=BROWSER).status_code in (404, 405)
    assert client.post(f"/uitvraag/{token[:-1]}/nee", headers=BROWSER).status_code == 400  # no form key
    assert MonthAnswer.select().count() == 0


@pytest.mark.parametrize("added", ADDED)
def test_the_link_to_stop_a_change_opens_with_something_behind_it(client, added):
    bea, user = make.user(role=Role.BEHEERDER), make.user()
    HeldChange.reset_factor(user, bea, "Telefoon kwijt, gebeld op het vaste nummer")
    text = Mail.get(Mail.to == user.email).render().get_body(("plain",)).get_content()
    right = re.search(r"http://localhost(/dit-klopt-niet/\S+)", text).group(1)

    page = client.get(right + added, follow_redirects=True)

    assert page.status_code == 200 and "Klopt deze wijziging niet?" in page.text
    assert "is tegengehouden" in _press(client, page, right).text


def _press(client, page, right):
    key = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
    action = re.search(r'<form method="post" action="([^"]+)"', page.text).group(1)
    return client.post(action, data={"csrf_token": key}, follow_redirects=True)


def test_the_link_to_stop_a_change_that_was_cut_off_says_whom_to_call(client):
    page = client.get("/dit-klopt-niet/AbC/")

    assert page.status_code == 404 and "niets tegengehouden" in page.text and "neem contact op" in page.text


@pytest.mark.parametrize("added", [mark for mark in ADDED if "/" not in mark])
def test_the_link_for_a_new_password_opens_with_something_behind_it(app, client, added):
    with app.test_request_context():
        invite(make.user())
    right = link_in_mail("invitation")

    assert client.get(right + added, follow_redirects=True).status_code == 200
    assert "Wachtwoord nog een keer" in client.get(right + added, follow_redirects=True).text


@pytest.mark.parametrize("added", ADDED)
def test_the_link_to_a_case_leads_on_through_the_log_in_and_after_it(client, login, added):
    user = make.user()
    right = f"/melding/{make.case(by=user).key}/"

    assert client.get(right + added, follow_redirects=True).request.path == "/inloggen"
    login(client, user)
    assert arrives(client, right + added, right)


@pytest.mark.parametrize("right", ["/wijzigingen/", "/lnr/specificatie/", "/wachtwoord-vergeten", "/handleiding/begrippen"])
@pytest.mark.parametrize("added", [".", "%3E", ")", "%0A", "%3D"])
def test_other_mailed_addresses_lead_on(client, right, added):
    whole = client.get(right, follow_redirects=True)

    page = client.get(right + added, follow_redirects=True)
    assert (page.status_code, page.request.path) == (200, whole.request.path)


def test_an_address_that_is_nothing_says_so_and_names_the_mail(client):
    page = client.get("/bestaat-niet.")
    assert page.status_code == 404 and "uit een mail" in page.text


@given(some.text(alphabet="/abcN.%3dDE=>)\\ \n\u202d\u00a0?#-_~é\x00", max_size=40))
def test_mending_ends_and_never_leads_out_of_the_portal(text):
    whole = mended(f"/{text}")

    if whole is not None:
        assert re.fullmatch(r"/[A-Za-z0-9_.-].*", whole) and "//" not in whole and "\\" not in whole
        assert mended(whole) is None


@pytest.mark.parametrize("token", ["aB-_9.c", "a.b.c-"])
def test_a_whole_part_stays_as_it_is(token):
    assert bare(token) == token == unquote(quote(token))
