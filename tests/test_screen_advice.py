"""Advice of pages, mails and answers beside a refusal, followed as somebody does at three in the morning.

`screen_advice.csv` names where it stands and what follows it: a function here, or another test. It holds the first places in
which a person gets stuck: logging in, the second step, the links in mails, and an upload.
"""

import csv
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from passlib.totp import TOTP

from admin_views.accounts import login as accounts
from admin_views.accounts import second_factor
from models import clock
from models.access import Role
from models.approval.held_change import HeldChange
from models.monthly.month_answer import MonthAnswer
from models.monthly.monthly_request import MonthlyCall
from models.upload_links.upload_code import VALID, UploadCode
from models.upload_links.upload_link import UploadLink
from settings import ROOT, settings
from tests import make
from tests.accounts.test_login import NEW, link_in_mail, log_in, post, said
from tests.monthly import test_mail_links as monthly
from tests.upload_links import test_colleague_pages as colleague
from tests.upload_links.test_upload_link import ask
from tests.web.pages import send

with (ROOT / "tests" / "screen_advice.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
FOLLOWED = {}


def follows(act):
    FOLLOWED[act.__name__] = act
    return act


# ---- logging in -----------------------------------------------------------------------------------------------------------


def _later(app, monkeypatch, days):
    """Let so many days pass for the links in mails."""
    signer, then = app.extensions["security"].reset_serializer.signer, clock.now() + timedelta(days=days)
    monkeypatch.setattr(signer, "get_timestamp", lambda signer: int(then.timestamp()))


def _new_link(client, user):
    """What the page behind an old link advises, until the person is in."""
    page = client.get("/wachtwoord-vergeten")
    assert "Vraag hieronder een nieuwe aan." in said(page)
    post(client, "/wachtwoord-vergeten", page, email=user.email)
    post(client, link_in_mail(), password=NEW, password_confirm=NEW)
    assert log_in(client, user, NEW).location == "/"


@follows
def reset_link_that_is_old(app, client, monkeypatch):
    user = make.user()
    post(client, "/wachtwoord-vergeten", email=user.email)
    _later(app, monkeypatch, 2)
    assert client.get(link_in_mail()).location == "/wachtwoord-vergeten"
    _new_link(client, user)


@follows
def session_that_ended(app, client):
    """A script's answer; the page keeps what was typed, and the other tab shares the cookies."""
    user, asked = make.user(), {"path": "/account", "headers": {"Accept": "application/json"}}
    answer = client.get(**asked)
    assert answer.status_code == 401 and "Log in een nieuw tabblad in" in answer.json["error"]
    log_in(client, user)
    assert client.get(**asked).status_code == 200


@follows
def phone_at_home(app, client, monkeypatch):
    monkeypatch.setattr(second_factor, "settings", replace(settings, second_factor="required"))
    secret = TOTP("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").to_json(encrypt=False)
    user = make.user(tf_primary_method="authenticator", tf_totp_secret=secret, mf_recovery_codes=["aaaa-bbbb-cccc"])
    page = client.get(log_in(client, user).location)
    (way,) = set(re.findall(r'href="([^"]+)"[^>]*>gebruik een herstelcode', page.text))
    assert post(client, way, code="aaaa-bbbb-cccc").location == "/"
    assert client.get("/account").status_code == 200


@follows
def invitation_that_is_old(app, client, monkeypatch):
    user = make.user(password=None)
    with app.test_request_context():
        invitation = accounts.invite(user).removeprefix("http://localhost")
    _later(app, monkeypatch, 8)
    assert client.get(invitation).location == "/wachtwoord-vergeten"
    _new_link(client, user)


# ---- the links of the month -----------------------------------------------------------------------------------------------


def _onward(page, words):
    """The address behind these words on a page."""
    return re.search(rf'href="([^"]+)"[^>]*>\s*(?:<[^>]+>)*\s*{words}', page.text)[1].replace("&amp;", "&")


def _answers(client, call, page, kind):
    """Log in behind the button of this page, and answer the month there."""
    asked = client.get(_onward(page, "Inloggen" if kind == "nul" else "Log in en bevestig"))
    log_in(client, call.user, address=asked.location)
    assert call.month in (shown := client.get("/meldingen/")).text and f'value="{kind}"' in shown.text
    send(client, f"/meldingen/maand/{call.month}", antwoord=kind)
    assert MonthAnswer.standing(call.hospital_id, call.month).counts


@follows
def monthly_link_that_expired(app, client):
    call = monthly.asked()
    MonthlyCall.update(expires_at=clock.now()).execute()
    page = client.get(monthly.link(call), headers=monthly.BROWSER)
    _answers(client, call, page, "nul")


@follows
def monthly_link_that_was_cut(app, client):
    call = monthly.asked()
    cut = client.get(monthly.link(call)[:-9] + "/nee", headers=monthly.BROWSER)
    assert cut.status_code == 404 and "Klik in de mail op de knop" in cut.text
    monthly.click(client, call, bewijs="knop")
    assert monthly.standing(call).counts
    other = monthly.asked()
    _answers(app.test_client(), other, cut, "nul")


@follows
def monthly_page_of_yesterday(app, client):
    call = monthly.asked()
    page = client.get(monthly.link(call), headers=monthly.BROWSER)
    sent = {**monthly.fields(page), "sleutel": "van gisteren", "bewijs": "knop"}
    refused = client.post(monthly.link(call), data=sent, headers=monthly.BROWSER)
    assert "Deze pagina is niet meer geldig" in refused.text and monthly.standing(call) is None
    monthly.click(client, call, bewijs="knop")
    assert monthly.standing(call).counts


@follows
def monthly_answer_in_doubt(app, client):
    call = monthly.asked()
    client.get(monthly.link(call, "ja"), headers=monthly.BROWSER)
    page = monthly.click(client, call, bewijs="knop")
    assert not monthly.standing(call).counts
    _answers(client, call, page, "bevestigen")


@follows
def monthly_answer_after_a_case(app, client):
    call = monthly.asked()
    case = make.case(by=call.user, month=call.month)
    page = monthly.click(client, call, bewijs="knop")
    assert page.status_code == 409
    asked = client.get(_onward(page, "Naar NethOSS"))
    log_in(client, call.user, address=asked.location)
    assert case.number in client.get(asked.location.partition("next=")[2] or "/meldingen/").text


@follows
def monthly_link_of_an_account_that_ended(app, client):
    call, boss = monthly.asked(), make.user(role=Role.BEHEERDER)
    call.user.deactivate()
    assert client.get(monthly.link(call), headers=monthly.BROWSER).status_code == 410
    HeldChange.revive(call.user, boss).confirm(make.user(role=Role.BEHEERDER))
    monthly.click(client, call, bewijs="knop")
    assert monthly.standing(call).counts


# ---- the link of a colleague ----------------------------------------------------------------------------------------------


def _link():
    melder = make.user(hospital=make.hospital(mail_domains="haven.example"))
    return ask(make.case(by=melder))


def _asked_again(client, link):
    """The colleague asks for it once more: the mail brings a link that takes a file."""
    link.ask_again(link.asked_by, clock.now() + timedelta(minutes=5))
    new = UploadLink.select().order_by(UploadLink.id.desc()).get()
    assert new.token != link.token
    colleague.enter(client, new)
    assert colleague.put(client, new).status_code == 201


@follows
def upload_link_that_was_cut(app, client):
    link = _link()
    page = client.get(f"/uploadlink/{link.token[:-1]}")
    assert page.status_code == 404 and "Klik in de mail op de knop" in page.text
    assert client.get(colleague.at(link)).status_code == 200
    _asked_again(client, link)


@follows
def upload_link_that_is_over(app, client):
    link = _link()
    UploadLink.update(expires_at=clock.now()).where(UploadLink.id == link.id).execute()
    page = client.get(colleague.at(link))
    assert page.status_code == 410 and "Overleg met de collega" in page.text
    _asked_again(client, UploadLink.get_by_id(link.id))


@follows
def code_that_is_over(app, client):
    link = _link()
    colleague.post(client, colleague.at(link, "/code"))
    first = UploadCode.get()
    UploadCode.update(made_at=clock.now() - VALID).execute()
    assert colleague.post(client, colleague.at(link, "/openen"), code=first.digits).location == colleague.at(link, "/code")
    assert "Stuur een nieuwe code" in client.get(colleague.at(link, "/code")).text
    assert colleague.put(colleague.enter(client, link), link).status_code == 201


# ---- the table ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_is_advised_was_done_and_then_it_passes(app, client, request, name):
    act = FOLLOWED[name]
    more = {"monkeypatch"} & set(act.__code__.co_varnames[: act.__code__.co_argcount])
    act(app, client, **{one: request.getfixturevalue(one) for one in more})


@pytest.mark.parametrize("row", TABLE, ids=[row["sentence"] for row in TABLE])
def test_the_table_tells_where_it_stands_and_what_follows_it(row):
    source = (ROOT / row["file"]).read_text(encoding="utf-8")
    said_there = source if row["file"].endswith(".py") else re.sub(r"<[^>]+>", "", source)
    assert row["sentence"] in " ".join(said_there.split())
    path, _, name = row["followed_by"].partition("::")
    assert name in FOLLOWED if path == "here" else f"def {name}(" in (ROOT / "tests" / path).read_text(encoding="utf-8")


def test_all_that_is_followed_here_stands_in_the_table():
    assert FOLLOWED.keys() == {row["followed_by"].partition("::")[2] for row in TABLE if row["followed_by"].startswith("here")}
