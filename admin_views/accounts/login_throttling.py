"""Against guessing: whoever fails too often waits, for known and unknown accounts alike, and nobody else waits along."""

from datetime import timedelta
from math import ceil

from flask import current_app, g, request, session
from flask_security import current_user
from werkzeug.exceptions import TooManyRequests

from admin_views.grid.act_forms import ActForm, Pressed, TextField
from models import clock
from models.accounts.known_device import KnownDevice
from models.accounts.rate_limit import WINDOW, FailedAttempt
from models.accounts.user import User
from models.audit import audit_event
from models.audit.audit_event import AuditEvent
from models.dutch import plural
from models.typed_text import tidy_address
from settings import settings

# With the prefix a browser takes it from this very host over https only, as it does the session's.
DEVICE_COOKIE = "__Host-bekend_apparaat" if settings.https else "bekend_apparaat"
MOST_RESETS = 50  # lines of the trail of one address in an hour
UNTOLD = "e-mailadres niet vastgelegd"
UNKNOWN = "onbekend e-mailadres"  # in the trail, which does not keep what people type

TOO_OFTEN = "Er is te vaak een verkeerd wachtwoord of een verkeerde code ingevuld. U kunt het over {} opnieuw proberen."
TOO_MANY = (
    "Er is te vaak een nieuw wachtwoord aangevraagd. U kunt het over {} opnieuw proberen. Kijk intussen of er al mail is."
)


class SigningIn(ActForm):
    """What the pages of logging in send, before Flask-Security reads it: who, and whether to trust this device."""

    email = TextField()
    trust_asked = Pressed()
    trust = Pressed()


def install(app):
    """Let `app` count failures, and refuse a try that comes too soon after too many of them."""
    app.before_request(_wait)


def failed(account):
    """Remember that a password or a code for `account`, an e-mail address, was wrong.

    Where many failed from this address it is refused as well: only the wrong one, so that bystanders behind the same
    address come in with the right one.
    """
    FailedAttempt.note(_counted(account), _address())
    if wait := g.pop("crowded", None):
        _refuse(account, wait)


def succeeded(user):
    """This person came in: their own slips are forgotten."""
    for kind in set(KINDS.values()) - {"reset:"}:
        FailedAttempt.forgive(kind + user.email)
    FailedAttempt.forgive(_device())


# What each form lets a person guess. A code is counted apart: who tries codes already has the password.
KINDS = {
    "security.login": "",
    "security.change_password": "",
    "security.verify": "",
    "security.forgot_password": "reset:",
    "security.two_factor_token_validation": "code:",
    "security.mf_recovery": "code:",
    "security.wan_signin_response": "code:",
}
CODES = {endpoint for endpoint, kind in KINDS.items() if kind == "code:"}


def _kind():
    return KINDS[request.endpoint]


def _counted(account):
    """For whom a try counts: on a device where the owner logged in before, strangers' guesses do not keep the owner out."""
    return _device() if _kind() == "" and _known_device(account) else _kind() + account


def _device():
    return "device:" + request.cookies.get(DEVICE_COOKIE, "")


def _address():
    return request.remote_addr or ""


def as_looked_up(typed):
    """The address by which an account is looked up: every letter of a domain can be written in several ways."""
    try:
        return tidy_address(current_app.extensions["security"]._mail_util.normalize(typed)) if typed else typed
    except ValueError:  # no address, and so nobody's
        return typed


def _account():
    if request.endpoint in ("security.login", "security.forgot_password"):
        return as_looked_up(SigningIn.sent().email.data)
    half = User.of_session(session["tf_user_id"]) if "tf_user_id" in session else None
    person = half or (current_user if current_user.is_authenticated else None)
    return person.email if person else None


def _wait():
    if request.method != "POST" or request.endpoint not in KINDS or not (account := _account()):
        return
    if (wait := FailedAttempt.wait(_counted(account))) > timedelta(0):
        _refuse(account, wait)
    # Who is logged in, or tries codes after the right password, is no stranger; nor is an owner on a device of their own.
    # A link to a new password is refused to nobody because of others at their address: each account has its own few an hour.
    if request.endpoint == "security.login" and not _known_device(account):
        g.crowded = FailedAttempt.crowded(_address())
    if _kind() == "reset:":
        failed(account)
        _note_reset()


def _note_reset():
    """A line that somebody asked for a link, the same whether there is such an account; of one address a bounded number."""
    told = AuditEvent.addresses("user.reset_asked", clock.now() - WINDOW)
    if told.count(audit_event.origin.get()) < MOST_RESETS:
        AuditEvent.log("user.reset_asked", subject=UNTOLD)


def _known_device(email):
    user = User.by_email(email)
    return user is not None and KnownDevice.recognises(request.cookies.get(DEVICE_COOKIE), user)


def _refuse(account, wait):
    AuditEvent.log("user.throttled", account=User.by_email(account), subject=UNKNOWN, result="geweigerd")
    sentence = TOO_MANY if _kind() == "reset:" else TOO_OFTEN
    minutes = ceil(wait / timedelta(minutes=1))
    raise TooManyRequests(sentence.format(plural(minutes, "minuut", "minuten")), retry_after=ceil(wait.total_seconds()))
