"""Log-in through the identity provider of a hospital, against a real one (`npm ci` in accounts/oidc, as .ci/run does)."""

import dataclasses
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from admin_views.accounts import second_factor
from models.access import Role
from models.accounts.identity import identity_provider, openid
from models.accounts.identity.linked_identity import LinkedIdentity
from models.accounts.user import User
from models.mail.outbox import Mail
from settings import settings
from tests import make
from tests.accounts.hospital_provider import HospitalProvider, Visitor
from tests.accounts.test_login import NEW, events, form_key, link_in_mail, post, said
from tests.accounts.test_second_factor import code, secured


@pytest.fixture(scope="module")
def running(require):
    provider = HospitalProvider(require("an identity provider"))
    yield provider
    provider.stop()


@pytest.fixture
def allow(monkeypatch, tmp_path):
    """allow(running, **more): this installation knows that provider."""

    def tell(running, **more):
        file = running.settings(tmp_path, **{"domains": ["erasmusmc.nl"], "amr": ["mfa"], "acr": ["hoog"]} | more)
        monkeypatch.setattr(identity_provider, "settings", dataclasses.replace(settings, identity_providers=file))
        identity_provider.read.cache_clear()
        openid._known.clear()
        return identity_provider.providers()["huis"]

    yield tell
    identity_provider.read.cache_clear()


@pytest.fixture
def huis(running, allow):
    allow(running)
    return running


def onward(page):
    """Where the page leads on to the provider."""
    return unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)[1])


def go(client, visitor=None, start="/inloggen/via/huis", page="/inloggen"):
    """Out to the provider and back; the answer to coming back."""
    out = post(client, start, client.get(page))
    return client.get((visitor or Visitor()).visit(onward(out)))


def confirm(client, page):
    assert "Ja, dit is mijn account" in page.text, said(page)
    return post(client, "/inloggen/koppelen", page)


# ---- the first time, and later -------------------------------------------------------------------------------------


def test_an_invited_person_confirms_once_and_is_in(client, huis):
    user = make.user(email="anna@erasmusmc.nl", password=None)
    huis.lets_in("sub-1", "Anna@ErasmusMC.nl")
    page = go(client)
    assert user.name in page.text and client.get("/account").status_code == 302 and LinkedIdentity.select().count() == 0

    assert confirm(client, page).location == "/"
    assert user.name in client.get("/account").text
    assert [(line.actor_id, line.detail) for line in events("user.linked", "user.login")] == [
        (user.id, "Erasmus MC"),
        (user.id, "via Erasmus MC"),
    ]
    assert [mail.to for mail in Mail.select().where(Mail.name == "account")] == [user.email]
    assert User.get_by_id(user.id).state == "actief" and "nog geen wachtwoord" in client.get("/account").text


def linked(user, provider, sub="sub-1"):
    LinkedIdentity.link(user, identity_provider.providers()["huis"], sub)
    return user


def refused(client, answer, sentence):
    """The answer leads back to the log-in page, which says this, and nobody is in."""
    assert answer.location == "/inloggen", (answer.status_code, answer.location)
    page = client.get("/inloggen")
    assert sentence in said(page) and "Inloggen via Erasmus MC" in page.text
    assert client.get("/account").status_code == 302


def test_later_the_number_at_the_provider_counts_whatever_the_address_is(client, huis):
    user = linked(make.user(email="anna@erasmusmc.nl"), huis)
    other = make.user(email="bert@erasmusmc.nl")
    huis.lets_in("sub-1", other.email)
    assert go(client).location == "/"
    assert user.name in client.get("/account").text


def test_where_somebody_was_going_they_arrive(client, huis):
    linked(make.user(), huis)
    huis.lets_in("sub-1", "x@elders.nl")
    client.get("/inloggen?next=/handleiding/")
    assert go(client).location == "/handleiding/"


@pytest.mark.parametrize(
    ("claims", "more"),
    [
        ({"email": "niemand@erasmusmc.nl"}, {}),
        ({"email": "anna@ander-ziekenhuis.nl"}, {}),  # whose provider this is not
        ({"email": "anna@erasmusmc.nl", "email_verified": False}, {}),
        ({"email": "anna@erasmusmc.nl", "email_verified": "true"}, {}),
        ({"email": "anna@erasmusmc.nl"}, {"domains": []}),
        # Of a provider of many organisations, which say themselves what the addresses of their people are.
        ({"email": "anna@erasmusmc.nl", "organisation": "elders.nl"}, {"organisation_claim": "organisation"}),
    ],
)
def test_who_has_no_account_here_by_what_this_provider_may_say_is_not_let_in(client, running, allow, claims, more):
    allow(running, **more)
    make.user(email="anna@erasmusmc.nl"), make.user(email="anna@ander-ziekenhuis.nl")
    running.lets_in("sub-9", **claims)
    refused(client, go(client), "hoort geen account dat hier in mag")
    assert [line.result for line in events("user.login_refused")] == ["geweigerd"]
    assert LinkedIdentity.select().count() == 0


@pytest.mark.parametrize(
    ("claims", "more"),
    [
        ({"organisation": "erasmusmc.nl"}, {"organisation_claim": "organisation"}),
        ({"email_verified": False}, {"trust_email": True}),
    ],
)
def test_a_provider_is_believed_as_far_as_it_was_said(client, running, allow, claims, more):
    allow(running, **more)
    user = make.user(email="anna@erasmusmc.nl")
    running.lets_in("sub-9", user.email, **claims)
    assert confirm(client, go(client)).location == "/"


def test_an_ended_account_stays_out_linked_or_not(client, huis):
    user = linked(make.user(email="anna@erasmusmc.nl", active=False), huis)
    make.user(email="bert@erasmusmc.nl", active=False)
    huis.lets_in("sub-1", user.email)
    refused(client, go(client), "hoort geen account")
    huis.lets_in("sub-2", "bert@erasmusmc.nl")
    refused(client, go(client), "hoort geen account")


def test_an_address_that_got_a_new_owner_there_opens_nothing(client, huis):
    user = linked(make.user(email="anna@erasmusmc.nl"), huis)
    huis.lets_in("sub-2", user.email)
    refused(client, go(client), "hoort geen account")


def test_an_account_that_ended_while_it_was_asked_stays_out(client, huis):
    user = make.user(email="anna@erasmusmc.nl")
    huis.lets_in("sub-1", user.email)
    page = go(client)
    user.active = False
    user.save()
    refused(client, confirm(client, page), "verlopen")


def test_confirming_twice_and_from_another_browser(app, client, huis):
    user = make.user(email="anna@erasmusmc.nl")
    huis.lets_in("sub-1", user.email)
    page = go(client)
    stranger = app.test_client()
    refused(stranger, post(stranger, "/inloggen/koppelen", stranger.get("/inloggen")), "verlopen")
    confirm(client, page)
    again = client.post("/inloggen/koppelen", data={"csrf_token": form_key(client.get("/account"))})
    assert again.location == "/inloggen" and LinkedIdentity.select().count() == 1


# ---- what comes back ------------------------------------------------------------------------------------------------


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(app, client, huis):
    linked(make.user(), huis)
    huis.lets_in("sub-1", "x@y.nl")
    back = Visitor().visit(onward(post(client, "/inloggen/via/huis", client.get("/inloggen"))))
    stranger = app.test_client()
    refused(stranger, stranger.get(back), "verlopen of al gebruikt")
    assert client.get(back).location == "/"
    post(client, "/uitloggen", client.get("/account"))
    refused(client, client.get(back), "verlopen of al gebruikt")


def test_a_cookie_that_was_kept_does_not_use_an_answer_again(app, client, huis):
    linked(make.user(), huis)
    huis.lets_in("sub-1", "x@y.nl")
    back = Visitor().visit(onward(post(client, "/inloggen/via/huis", client.get("/inloggen"))))
    cookie = client.get_cookie("portaal").value
    assert client.get(back).location == "/"
    copy = app.test_client()
    copy.set_cookie("portaal", cookie)
    refused(copy, copy.get(back), "niet gelukt")  # the provider gives nothing for a code that was used


def test_two_tabs_come_back_in_either_order(client, huis):
    linked(make.user(), huis)
    huis.lets_in("sub-1", "x@y.nl")
    first, second = (Visitor().visit(onward(post(client, "/inloggen/via/huis", client.get("/inloggen")))) for _ in range(2))
    assert client.get(second).location == "/"
    assert client.get(first).location == "/"
    assert client.get("/account").status_code == 200


def test_who_gives_up_there_gets_a_sentence(client, huis):
    out = onward(post(client, "/inloggen/via/huis", client.get("/inloggen")))
    state = parse_qs(urlsplit(out).query)["state"][0]
    refused(client, client.get(f"/inloggen/via/huis/terug?error=access_denied&state={state}"), "niet gelukt")


def test_the_question_is_asked_with_state_nonce_and_pkce_and_leaves_no_form(client, huis):
    page = post(client, "/inloggen/via/huis", client.get("/inloggen"))
    asked = parse_qs(urlsplit(onward(page)).query)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["nonce"][0]) >= 40 and len(asked["state"][0]) >= 40
    assert asked["acr_values"] == ["hoog"]
    assert asked["redirect_uri"] == ["http://localhost/inloggen/via/huis/terug"]
    assert page.status_code == 200 and "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_a_provider_that_is_down_leaves_the_password(client, huis, monkeypatch):
    user = make.user()
    asked = []
    monkeypatch.setattr(openid.outgoing, "ask", lambda *args: asked.append(args) or _raise(OSError("down")))
    for _ in range(3):
        refused(client, post(client, "/inloggen/via/huis", client.get("/inloggen")), "antwoordt niet")
    assert len(asked) == 1  # whoever comes after waits for nothing
    assert post(client, "/inloggen", email=user.email, password=make.PASSWORD).location == "/"


def _raise(problem):
    raise problem


# ---- the second step ------------------------------------------------------------------------------------------------


@pytest.fixture
def required(monkeypatch):
    monkeypatch.setattr(second_factor, "settings", dataclasses.replace(settings, second_factor="required"))


@pytest.mark.parametrize("claims", [{"amr": ["pwd"]}, {"acr": "laag"}, {}])
def test_without_the_agreed_words_the_own_second_step_follows(client, huis, required, claims):
    linked(secured(), huis)
    huis.lets_in("sub-1", "x@y.nl", **claims)
    assert go(client).location == "/inloggen/code"
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("claims", [{"amr": ["pwd", "mfa"]}, {"acr": "hoog"}])
def test_with_the_agreed_words_no_second_step_is_asked_nor_has_to_be_set_up(client, huis, required, claims):
    linked(make.user(), huis)
    huis.lets_in("sub-1", "x@y.nl", **claims)
    assert go(client).location == "/"
    assert client.get("/account").status_code == 200


def test_without_any_second_step_one_is_set_up_first(client, huis, required):
    linked(make.user(), huis)
    huis.lets_in("sub-1", "x@y.nl")
    assert go(client).location == "/tweede-stap"
    assert client.get("/account").status_code == 302


def test_the_first_time_the_own_second_step_is_asked_whatever_the_provider_says(client, huis, required):
    user = secured(email="anna@erasmusmc.nl")
    huis.lets_in("sub-1", user.email, amr=["mfa"])
    assert confirm(client, go(client)).location == "/inloggen/code"
    assert LinkedIdentity.select().count() == 0

    post(client, "/inloggen/code", client.get("/inloggen/code"), code=code())
    assert [one.user for one in LinkedIdentity.select()] == [user]
    assert user.name in client.get("/account").text


def test_a_link_that_is_taken_back_while_the_second_step_is_asked_lets_nobody_in(client, huis, required):
    user = linked(secured(), huis)
    huis.lets_in("sub-1", "x@y.nl")
    assert go(client).location == "/inloggen/code"
    LinkedIdentity.unlink(user, identity_provider.providers()["huis"])
    refused(client, post(client, "/inloggen/code", client.get("/inloggen/code"), code=code()), "verlopen")
    assert LinkedIdentity.select().count() == 0 and events("user.login") == []


def test_a_second_step_that_is_set_up_anew_ends_the_link_too(client, huis, required):
    user = linked(secured(), huis)
    user.lose_second_factor(None, "Teruggebeld.")
    huis.lets_in("sub-1", "x@y.nl", amr=["mfa"])
    refused(client, go(client), "hoort geen account")


def test_who_logs_in_as_somebody_else_meanwhile_links_nothing(client, huis, required):
    secured(email="anna@erasmusmc.nl")
    huis.lets_in("sub-1", "anna@erasmusmc.nl")
    confirm(client, go(client))
    post(client, "/inloggen", email=make.user().email, password=make.PASSWORD)
    assert LinkedIdentity.select().count() == 0


# ---- on the page of the account -------------------------------------------------------------------------------------


def test_a_person_links_from_the_own_account_and_takes_it_back(app, client, huis):
    user = make.user(email="anna@elders.nl")
    post(client, "/inloggen", email=user.email, password=make.PASSWORD)
    huis.lets_in("sub-1", "a.berg@erasmusmc.nl")
    out = post(client, "/account/koppelen/huis", client.get("/account"))
    assert parse_qs(urlsplit(onward(out)).query)["prompt"] == ["login"]  # not whoever is logged in there on this machine
    assert client.get(Visitor().visit(onward(out))).location == "/account"
    page = client.get("/account")
    assert "U kunt nu ook inloggen via Erasmus MC" in said(page) and "Ontkoppelen" in page.text

    elsewhere = app.test_client()
    assert go(elsewhere).location == "/"
    post(client, "/account/ontkoppelen/huis", page)
    assert LinkedIdentity.select().count() == 0 and elsewhere.get("/account").status_code == 302
    assert [line.action for line in events("user.linked", "user.unlinked")] == ["user.linked", "user.unlinked"]
    assert Mail.select().where(Mail.name == "account", Mail.to == user.email).count() == 2


def test_nobody_links_what_is_somebody_elses_nor_for_somebody_else(app, client, huis):
    linked(make.user(), huis)
    user, other = make.user(), make.user()
    post(client, "/inloggen", email=user.email, password=make.PASSWORD)
    huis.lets_in("sub-1", "x@y.nl")
    assert go(client, start="/account/koppelen/huis", page="/account").location == "/account"
    assert "al aan een andere gekoppeld" in said(client.get("/account"))

    huis.lets_in("sub-2", "x@y.nl")
    back = Visitor().visit(onward(post(client, "/account/koppelen/huis", client.get("/account"))))
    post(client, "/uitloggen", client.get("/account"))
    post(client, "/inloggen", email=other.email, password=make.PASSWORD)
    client.get(back)
    assert [one.subject for one in LinkedIdentity.select()] == ["sub-1"]


def test_linking_asks_for_a_recent_second_step(client, login, huis, required):
    login(client, secured())
    answer = post(client, "/account/koppelen/huis", client.get("/account"))
    assert answer.location.startswith("/account/opnieuw-inloggen")


def test_who_goes_to_another_hospital_is_no_longer_known_by_the_provider_of_the_old_one(client, huis):
    user = linked(make.user(), huis)
    user.place(user.role_names, make.hospital(), None)
    huis.lets_in("sub-1", "x@y.nl")
    refused(client, go(client), "hoort geen account")


# ---- out again ------------------------------------------------------------------------------------------------------


def test_who_logs_out_here_is_offered_to_log_out_there(client, huis):
    linked(make.user(), huis)
    huis.lets_in("sub-1", "x@y.nl")
    visitor = Visitor()
    go(client, visitor)
    page = post(client, "/uitloggen", client.get("/account"))
    assert page.status_code == 200 and "bent u uitgelogd" in page.text and client.get("/account").status_code == 302
    there = unescape(re.search(r'href="(http://localhost:\d+/[^"]+)"', page.text)[1])
    assert "id_token_hint" in there
    asks = visitor.visit(there)
    xsrf = re.search(r'name="xsrf" value="([^"]+)"', asks)[1]
    assert visitor.visit(f"{huis.issuer}/session/end/confirm", xsrf=xsrf, logout="yes") == "/inloggen"


def test_a_log_out_there_ends_the_session_that_began_there(app, client, huis):
    user = linked(make.user(), huis)
    huis.lets_in("sub-1", "x@y.nl")
    visitor, by_password = Visitor(), app.test_client()
    go(client, visitor)
    other = app.test_client()
    go(other)
    post(by_password, "/inloggen", email=user.email, password=make.PASSWORD)

    asks = visitor.visit(f"{huis.issuer}/session/end?client_id=portaal")
    huis.notices.clear()
    visitor.visit(f"{huis.issuer}/session/end/confirm", xsrf=re.search(r'name="xsrf" value="([^"]+)"', asks)[1], logout="yes")
    (notice,) = huis.notices
    assert app.test_client().post("/inloggen/via/huis/uitgelogd", data={"logout_token": notice}).status_code == 200
    assert [one.get("/account").status_code for one in (client, other, by_password)] == [302, 200, 200]
    go(client, visitor)  # in again, there and here: the notice of before ends nothing more
    for wrong in ("", "x", notice[:-4], notice + "x", notice):
        assert app.test_client().post("/inloggen/via/huis/uitgelogd", data={"logout_token": wrong}).status_code == 400
    assert client.get("/account").status_code == 200
    assert [line.detail for line in events("user.logout")] == ["bij het ziekenhuis"]


# ---- what is as after the password ----------------------------------------------------------------------------------


def test_overal_uitloggen_ends_a_session_that_began_there_too(client, huis):
    user = linked(make.user(), huis)
    huis.lets_in("sub-1", "x@y.nl")
    go(client)
    user.log_out_everywhere()
    assert client.get("/account").status_code == 302


def test_a_new_password_keeps_the_second_step_that_was_taken_there(client, huis, required):
    linked(make.user(), huis)
    huis.lets_in("sub-1", "x@y.nl", amr=["mfa"])
    go(client)
    post(client, "/wachtwoord-wijzigen", password=make.PASSWORD, new_password=NEW, new_password_confirm=NEW)
    assert events("user.password") and client.get("/account").status_code == 200


def test_the_trail_opens_after_a_second_step_there_just_now_and_asks_for_a_new_one_later(client, huis, required):
    linked(make.user(role=Role.BEHEERDER), huis)
    huis.lets_in("sub-1", "x@y.nl", amr=["mfa"])
    go(client)
    assert client.get("/beheer/logboek/").status_code == 200
    with client.session_transaction() as session:
        session[second_factor.TAKEN] = 0
    again = client.get("/beheer/logboek/").location
    assert again.startswith("/account/opnieuw-inloggen")
    assert post(client, again).location == "/beheer/logboek/"
    client.get(client.get("/beheer/logboek/").location)
    out = onward(post(client, "/inloggen/via/huis", client.get("/inloggen")))
    assert parse_qs(urlsplit(out).query)["prompt"] == ["login"]
    assert client.get(Visitor().visit(out)).location == "/beheer/logboek/"
    assert client.get("/beheer/logboek/").status_code == 200


def test_a_second_step_there_long_ago_is_none_for_who_has_to_log_in_again(client, huis, required, monkeypatch):
    monkeypatch.setattr(openid.ProvenPerson, "is_recent", lambda self, seconds: False)
    user = secured()
    linked(user, huis)
    huis.lets_in("sub-1", "x@y.nl", amr=["mfa"])
    assert go(client).location == "/"
    assert client.get("/tweede-stap").location.startswith("/account/opnieuw-inloggen")
    post(client, "/account/opnieuw-inloggen", client.get("/account/opnieuw-inloggen"))
    assert go(client).location == "/inloggen/code"


def test_who_never_had_a_password_can_choose_one(client, huis):
    user = linked(make.user(password=None), huis)
    post(client, "/wachtwoord-vergeten", email=user.email)
    link = link_in_mail()
    post(client, link, client.get(link), password=NEW, password_confirm=NEW)
    assert User.get_by_id(user.id).password
