"""What an identity provider answers is believed only when it is signed by it, for us, about this log-in, in its time."""

import base64
import hmac
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from models.accounts.identity import openid
from models.accounts.identity.identity_provider import IdentityProvider

ISSUER, BACK = "https://inlog.erasmusmc.nl", "http://localhost/terug"
PROVIDER = IdentityProvider("huis", "Erasmus MC", ISSUER, "portaal", "s" * 40, amr=frozenset(["mfa"]), acr=frozenset(["hoog"]))
KEY, OTHER = (RSAKey.generate_key(2048, {"kid": name}) for name in ("een", "twee"))
KEPT = {"state": "s", "nonce": "n", "verifier": "v" * 43}


class Answers:
    """In place of the provider: what it answers, and what it was asked."""

    def __init__(self):
        self.asked, self.keys = [], [KEY]
        self.description = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/in",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/wie",
            "id_token_signing_alg_values_supported": ["none", "HS256"],
        }
        self.told = {"sub": "sub-1", "email": "anna@erasmusmc.nl"}
        self.token = None
        self.status = 200

    def ask(self, url, seconds, body, headers):
        self.asked.append((url, body, headers))
        answer = {
            "/.well-known/openid-configuration": self.description,
            "/keys": {"keys": [key.as_dict(private=False) for key in self.keys]},
            "/token": {"id_token": self.token, "access_token": "toegang", "token_type": "Bearer"},
            "/wie": self.told,
        }[url.removeprefix(ISSUER)]
        return self.status, answer if isinstance(answer, bytes) else json.dumps(answer).encode()


@pytest.fixture
def answers(monkeypatch):
    openid._known.clear()
    made = Answers()
    monkeypatch.setattr(openid.outgoing, "ask", made.ask)
    return made


def claims(**more):
    now = int(time.time())
    told = {"iss": ISSUER, "aud": "portaal", "sub": "sub-1", "iat": now, "exp": now + 300, "nonce": "n"} | more
    return {name: value for name, value in told.items() if value is not None}


def signed(told, key=KEY, alg="RS256", **header):
    return jwt.encode({"alg": alg, "kid": "een", **header}, told, key, algorithms=["RS256", "HS256", "PS256"])


def unsigned(told, alg="none"):
    parts = ({"alg": alg, "kid": "een"}, told)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def sealed_by_public_key(told):
    """HS256 with the provider's public key for a secret: what a client takes that does not say which algorithms it takes."""
    body = unsigned(told, alg="HS256").rstrip(".")
    seal = hmac.digest(KEY.as_pem(private=False), body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"


def finish(answers, token):
    answers.token = token
    return openid.finish(PROVIDER, BACK, "code", KEPT)


def test_a_right_answer_is_believed_and_was_asked_for_with_secret_and_verifier(answers):
    proof = finish(answers, signed(claims(amr=["pwd", "mfa"], sid="sessie")))
    assert (proof.subject, proof.session, PROVIDER.second_step_taken(proof.claims)) == ("sub-1", "sessie", True)
    _, body, headers = next(asked for asked in answers.asked if asked[0].endswith("/token"))
    assert b"code_verifier=" + b"v" * 43 in body and b"redirect_uri=http%3A%2F%2Flocalhost%2Fterug" in body
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"portaal:" + b"s" * 40).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "ander"},
        {"nonce": None},
        {"aud": "ander-portaal"},
        {"aud": ["ander-portaal"]},
        {"aud": None},
        {"aud": ["portaal", "ander"], "azp": "ander"},
        {"azp": "ander"},
        {"iss": "https://inlog.elders.nl"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"amr": "mfa"},
        {"at_hash": "anders"},
    ],
    ids=str,
)
def test_claims_that_are_not_about_this_log_in_are_not_believed(answers, wrong):
    with pytest.raises(openid.NotBelieved):
        finish(answers, signed(claims(**wrong)))


@pytest.mark.parametrize(
    "token",
    [
        unsigned(claims()),
        unsigned(claims(), alg="None"),
        signed(claims(), OTHER),
        signed(claims(), OTHER, kid="twee"),
        signed(claims(), OctKey.import_key(PROVIDER.secret), alg="HS256"),
        sealed_by_public_key(claims()),
        signed(claims())[:-8],
        signed(claims(), OTHER, jwk=OTHER.as_dict(private=False)),  # which brings its own key
        "x.y.z",
        "",
        None,
        {"sub": "sub-1"},
    ],
)
def test_a_token_without_a_signature_of_the_provider_is_not_believed(answers, token):
    with pytest.raises(openid.NotBelieved):
        finish(answers, token)


def test_a_new_key_of_the_provider_is_looked_for_now_and_then(answers, monkeypatch):
    finish(answers, signed(claims()))
    answers.keys = [OTHER]
    new = signed(claims(), OTHER, kid="twee")
    with pytest.raises(openid.NotBelieved):
        finish(answers, new)
    before = len(answers.asked)
    for _ in range(5):
        with pytest.raises(openid.NotBelieved):
            openid.logged_out(PROVIDER, new)
    assert len(answers.asked) == before
    monkeypatch.setattr(openid, "NEW_KEYS", 0)
    assert finish(answers, new).subject == "sub-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://inlog.elders.nl"},
        {"token_endpoint": "http://inlog.erasmusmc.nl/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_a_description_of_another_or_with_an_open_line_is_not_believed(answers, wrong):
    answers.description |= wrong
    with pytest.raises(openid.NotBelieved):
        openid.begin(PROVIDER, BACK)


@pytest.mark.parametrize("said", [b"<html>", b"[]", b"\xff", b"[" * 60_000, b"null"])
def test_what_is_no_object_of_json_is_not_believed(answers, said):
    answers.description = said
    with pytest.raises(openid.NotBelieved):
        openid.describe(PROVIDER)


@pytest.mark.parametrize(("status", "kind"), [(500, openid.ProviderDown), (302, openid.NotBelieved), (400, openid.NotBelieved)])
def test_a_provider_that_fails_or_leads_elsewhere(answers, status, kind):
    answers.status = status
    with pytest.raises(kind):
        openid.describe(PROVIDER)


def test_waiting_for_providers_holds_a_few_threads_only(answers, monkeypatch):
    monkeypatch.setattr(openid, "IN_LINE", 0.01)
    for _ in range(3):
        assert openid.LINES.acquire(timeout=1)
    try:
        with pytest.raises(openid.ProviderDown):
            openid.describe(PROVIDER)
    finally:
        for _ in range(3):
            openid.LINES.release()
    assert openid.describe(PROVIDER)["issuer"] == ISSUER


def test_what_only_userinfo_tells_is_asked_there_and_is_about_the_same_person(answers):
    proof = finish(answers, signed(claims()))
    assert openid.about(PROVIDER, proof)["email"] == "anna@erasmusmc.nl"
    assert answers.asked[-1] == (f"{ISSUER}/wie", None, {"Authorization": "Bearer toegang"})
    answers.told["sub"] = "sub-2"
    with pytest.raises(openid.NotBelieved):
        openid.about(PROVIDER, proof)


# ---- the notice of a log-out ----------------------------------------------------------------------------------------


def notice(**more):
    return claims(**{"nonce": None, "jti": "1", "events": {openid.LOGOUT_EVENT: {}}} | more)


@pytest.mark.parametrize(
    ("told", "about"),
    [({}, ("sub-1", "", "1")), ({"sid": "s"}, ("sub-1", "s", "1")), ({"sub": None, "sid": "s"}, ("", "s", "1"))],
)
def test_a_notice_names_a_person_or_a_session(answers, told, about):
    assert openid.logged_out(PROVIDER, signed(notice(**told), typ="logout+jwt")) == about


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "n"},  # an id_token
        {"events": None},
        {"events": {}},
        {"events": [openid.LOGOUT_EVENT]},
        {"events": {openid.LOGOUT_EVENT: "x"}},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"sub": None},
        {"aud": "ander"},
        {"iss": "https://inlog.elders.nl"},
        {"iat": 1_700_000_000},
        {"iat": "gisteren"},
    ],
    ids=str,
)
def test_what_is_no_notice_of_now_for_us_is_not_believed(answers, wrong):
    with pytest.raises(openid.NotBelieved):
        openid.logged_out(PROVIDER, signed(notice(**wrong)))
    with pytest.raises(openid.NotBelieved):
        openid.logged_out(PROVIDER, unsigned(notice()))
