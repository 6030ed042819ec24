"""OpenID Connect as a client: what is asked of an identity provider, and what of its answers is believed.

The protocol is Authlib's, signatures are checked by joserfc; every request leaves through models/outgoing.py. Not Authlib's
client for Flask: it sends with `requests`, which brings authorities and redirects of its own.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.claims import JWTClaims
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from models import outgoing
from models.accounts.identity.identity_provider import IdentityProvider

SCOPE = "openid email"
# Signatures with a key that only the provider has: never 'none', and none by the secret that we have too.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
SECONDS = 4  # that a provider may take for an answer
LINES = threading.BoundedSemaphore(3)  # of the eight threads of a process: those that may wait for providers at once
IN_LINE = 1  # seconds that one waits for its turn
DOWN = 15  # seconds that a provider is not asked again after it did not answer
KNOWN = 3600  # seconds that a description and keys are good for
NEW_KEYS = 60  # seconds between two looks for a key that was not known
SKEW = 60  # seconds that two clocks may differ
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_WITHIN = 600  # seconds that the notice of a log-out is good for


class ProviderDown(Exception):
    """The provider does not answer, or too many wait for one."""


class NotBelieved(Exception):
    """What the provider or the browser brought is not right; the message is for the log, in English."""


@dataclass(frozen=True)
class ProvenPerson:
    """Who logged in at a provider, by an id_token that was verified."""

    claims: Mapping[str, Any]
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)

    @property
    def subject(self) -> str:
        return str(self.claims["sub"])

    @property
    def session(self) -> str:
        """The session at the provider, empty when it names none."""
        return str(self.claims.get("sid") or "")[:255]

    def is_recent(self, seconds: float) -> bool:
        """Whether the provider says that somebody logged in there less than so long ago."""
        at = self.claims.get("auth_time")
        return isinstance(at, int | float) and abs(time.time() - at) < seconds


@dataclass
class _Known:
    """What a process knows of a provider: its description and its keys, when they were fetched, and since when it is down."""

    described: dict[str, Any] | None = None
    at: float = 0
    keys: dict[str, Any] | None = None
    keys_at: float = 0
    down_at: float | None = None


_known: dict[IdentityProvider, _Known] = {}


def describe(provider: IdentityProvider) -> Mapping[str, Any]:
    """The discovery document of the provider. Raises ProviderDown, or NotBelieved when it is about another issuer."""
    known = _known.setdefault(provider, _Known())
    if known.described is None or time.monotonic() - known.at > KNOWN:
        described = _ask(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if described.get("issuer") != provider.issuer:
            raise NotBelieved(f"the issuer says to be {described.get('issuer')!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _demand_address(provider, described.get(name))
        known.described, known.at, known.keys = described, time.monotonic(), None
    return known.described


def begin(provider: IdentityProvider, back: str, anew: bool = False) -> tuple[str, dict[str, str]]:
    """Where to send somebody who logs in there, and what their browser keeps for `finish`. `anew`: also who is logged in there.

    `back` is the address in this portal to which they return.
    """
    kept = {name: generate_token(48) for name in ("state", "nonce", "verifier")}
    more = {"prompt": "login", "max_age": "0"} if anew else {}
    if provider.acr:
        more["acr_values"] = " ".join(sorted(provider.acr))
    url, _ = _client(provider, back).create_authorization_url(
        describe(provider)["authorization_endpoint"],
        state=kept["state"],
        code_verifier=kept["verifier"],
        nonce=kept["nonce"],
        **more,
    )
    return url, kept


def finish(provider: IdentityProvider, back: str, code: str, kept: Mapping[str, str]) -> ProvenPerson:
    """Exchange the code that a browser brought; `kept` is what `begin` gave it. Raises ProviderDown or NotBelieved."""
    client = _client(provider, back)
    with _read_strictly():
        token = client.fetch_token(
            describe(provider)["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=kept["verifier"],
        )
        told = {"nonce": kept["nonce"], "client_id": provider.client_id, "access_token": token.get("access_token")}
        claims = _verified(provider, token["id_token"], CodeIDToken, told)
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise NotBelieved("no subject")
        return ProvenPerson(claims, token["id_token"], token["access_token"])


def about(provider: IdentityProvider, proof: ProvenPerson) -> Mapping[str, Any]:
    """All claims about who logged in: those of the id_token, and what only the userinfo endpoint tells."""
    asked = {"email", "email_verified", provider.organisation_claim} - {""}
    where = describe(provider).get("userinfo_endpoint")
    if asked <= proof.claims.keys() or not where:
        return proof.claims
    told = _ask(provider, where, headers={"Authorization": f"Bearer {proof.access_token}"})
    if told.get("sub") != proof.subject:
        raise NotBelieved("userinfo is about somebody else")
    return told | proof.claims


def log_out_address(provider: IdentityProvider, id_token: str | None, back: str) -> str | None:
    """Where somebody logs out at the provider too, to come back to `back`; None when it has no such page, or is down."""
    try:
        where = describe(provider).get("end_session_endpoint")
        if not where:
            return None
        _demand_address(provider, where)
    except (ProviderDown, NotBelieved):
        return None
    asked = {"client_id": provider.client_id, "post_logout_redirect_uri": back}
    return f"{where}{'&' if '?' in where else '?'}{urlencode(asked | ({'id_token_hint': id_token} if id_token else {}))}"


def logged_out(provider: IdentityProvider, token: str) -> tuple[str, str, str]:
    """(subject, session, number of the notice) of a logout_token; one of the first two may be empty.

    Raises ProviderDown or NotBelieved. That a notice counts once is for who keeps them: `ProviderLogIn.end`.
    """
    with _read_strictly():
        claims = _verified(provider, token, JWTClaims, {}, essential=("iat", "jti", "events"))
        if "nonce" in claims or not isinstance(claims["events"].get(LOGOUT_EVENT), dict):
            raise NotBelieved("no notice of a log-out")
        if abs(time.time() - claims["iat"]) > LOGOUT_WITHIN:
            raise NotBelieved("an old notice of a log-out")
        if not isinstance(claims["jti"], str) or not claims["jti"]:
            raise NotBelieved("a notice without a number")
        subject, session = (str(claims.get(name) or "")[:255] for name in ("sub", "sid"))
    if not subject and not session:
        raise NotBelieved("a log-out of nobody")
    return subject, session, claims["jti"]


# ---- what is believed ---------------------------------------------------------------------------------------------


@contextmanager
def _read_strictly() -> Iterator[None]:
    """Whatever goes wrong while an answer is read means that it is not believed."""
    try:
        yield
    except (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise NotBelieved(f"{type(problem).__name__}: {problem}") from problem


def _verified(provider, token, kind, told, essential=()):
    """The claims of this JWT, signed by the provider, for us, in its time."""
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        read = jwt.decode(token, _keys(provider), registry=registry)
    except InvalidKeyIdError:
        read = jwt.decode(token, _keys(provider, anew=True), registry=registry)
    options = {"iss": {"essential": True, "value": provider.issuer}, "aud": {"essential": True, "value": provider.client_id}}
    claims = kind(read.claims, read.header, options | {name: {"essential": True} for name in essential}, told)
    claims.validate(leeway=SKEW)
    return claims


def _keys(provider, anew=False):
    described, known = describe(provider), _known[provider]
    if known.keys is None or (anew and time.monotonic() - known.keys_at > NEW_KEYS):
        known.keys, known.keys_at = _ask(provider, described["jwks_uri"]), time.monotonic()
    return KeySet.import_key_set(known.keys)


# ---- what is asked ------------------------------------------------------------------------------------------------


def _client(provider, back):
    return OAuth2Client(
        _Line(provider), provider.client_id, provider.secret, scope=SCOPE, redirect_uri=back, code_challenge_method="S256"
    )


class _Line:
    """What Authlib's client sends with: the little of `requests` that it uses."""

    def __init__(self, provider):
        self.provider = provider

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth) -> "_Answer":
        url, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Answer(_ask(self.provider, url, body.encode(), sent))


@dataclass(frozen=True)
class _Answer:
    told: Mapping[str, Any]
    status_code: int = 200

    def json(self) -> Mapping[str, Any]:
        return self.told


def _ask(provider, url, body=None, headers=None):
    """The JSON object that is answered. Raises ProviderDown, or NotBelieved for anything else than a good answer."""
    known = _known.setdefault(provider, _Known())
    if known.down_at is not None and time.monotonic() - known.down_at < DOWN:
        raise ProviderDown
    _demand_address(provider, url)
    if not LINES.acquire(timeout=IN_LINE):
        raise ProviderDown
    try:
        status, said = outgoing.ask(url, SECONDS, body, headers or {})
    except OSError as problem:
        known.down_at = time.monotonic()
        raise ProviderDown from problem
    finally:
        LINES.release()
    known.down_at = None
    if status >= 500:
        raise ProviderDown
    with _read_strictly():
        told = json.loads(said)
        if status != 200 or not isinstance(told, dict):
            raise NotBelieved(f"status {status}: {str(told.get('error'))[:60]}")
        return told


def _demand_address(provider, url):
    """Raise NotBelieved unless this is an address to which a secret may go: as private a line as the issuer's."""
    schemes = ("https://", "http://") if provider.issuer.startswith("http://") else ("https://",)
    if not isinstance(url, str) or not url.startswith(schemes):
        raise NotBelieved(f"no private address: {url!r}")
