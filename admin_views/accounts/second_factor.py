"""The second step of logging in: an authenticator app or a passkey, recovery codes, devices that are trusted for a while."""

import time
from datetime import timedelta

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask_security import (
    MfRecoveryCodesUtil,
    MfRecoveryForm,
    Totp,
    auth_required,
    check_and_get_token_status,
    current_user,
    tf_profile_changed,
    user_failed_authn,
    wan_deleted,
    wan_registered,
)
from flask_security.webauthn import WebAuthnSigninResponseForm
from flask_security.webauthn_util import WebauthnUtil
from passlib.exc import UsedTokenError

from admin_views.accounts import account_alerts, browser_sessions, login_throttling
from admin_views.web import safe_redirect
from models import dutch
from models.accounts.identity.linked_identity import ProviderLogIn
from models.accounts.known_device import TRUST_DAYS, KnownDevice
from models.audit.audit_event import AuditEvent
from models.base import Refused
from settings import settings

CHANGED = "De tweede stap van uw account is gewijzigd"
SETUP_WITHIN = timedelta(minutes=30)  # between asking for a second step and confirming it
HALF_WAY = 600  # seconds between the password and the second step
FRESH = timedelta(minutes=15)  # how long a password counts for changing how one logs in, a second step for reading the trail
TAKEN, NO_TRUST = "second_step_at", "second_step_anyhow"  # in the session

CONFIGURATION = {
    "TWO_FACTOR": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_REQUIRED": False,  # decided by User.check_tf_required
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "TWO_FACTOR_SETUP_URL": "/tweede-stap/app",
    "TWO_FACTOR_SETUP_WITHIN": SETUP_WITHIN,
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/inloggen/code",
    "TWO_FACTOR_SELECT_URL": "/inloggen/keuze",
    "TWO_FACTOR_RESCUE_URL": "/inloggen/hulp",
    "TWO_FACTOR_POST_SETUP_VIEW": "/tweede-stap/herstelcodes",
    "TOTP_ISSUER": "mijnPerined",
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": 10,
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/tweede-stap/herstelcodes",
    "MULTI_FACTOR_RECOVERY_URL": "/inloggen/herstelcode",
    "WEBAUTHN": True,
    "WAN_RP_NAME": "mijnPerined",
    "WAN_ALLOW_AS_FIRST_FACTOR": False,
    "WAN_ALLOW_AS_MULTI_FACTOR": False,
    "WAN_ALLOW_AS_VERIFY": [],
    "WAN_REGISTER_URL": "/tweede-stap/passkey",
    "WAN_DELETE_URL": "/tweede-stap/passkey-verwijderen",
    "WAN_SIGNIN_URL": "/inloggen/passkey",
    "WAN_VERIFY_URL": "/bevestigen/passkey",
    "WAN_POST_REGISTER_VIEW": "/tweede-stap/herstelcodes",
    "VERIFY_URL": "/bevestigen",
    "FRESHNESS": FRESH,
}

# Doors of Flask-Security that stay shut: help by mail, and a passkey in place of the password.
SHUT = {"security.two_factor_rescue", "security.wan_verify", "security.wan_verify_response"}

# All that is open to who logged in, must have a second step, and has none yet.
SET_UP = {
    "second_step", "security.two_factor_setup", "security.two_factor_setup_validate", "security.wan_register",
    "security.wan_register_response", "security.verify", "security.logout",
}  # fmt: skip
OPEN_TO_ALL = {"static", "healthz", "readyz", "status", "form_key", "handbook", "monthly", "stop_link"}


def install(app):
    """Add the second step to `app`. Call it after Flask-Security and sessions."""
    app.before_request(_only_what_is_meant)
    app.before_request(_set_up_first)
    app.before_request(_own_set_up_only)
    app.add_url_rule("/tweede-stap", "second_step", auth_required("session")(_choose))
    app.add_url_rule("/account/apparaten-vergeten", "distrust", auth_required("session")(_distrust), methods=["POST"])
    user_failed_authn.connect(_refused, app)
    tf_profile_changed.connect(_added, app)
    wan_registered.connect(_added, app)
    wan_deleted.connect(_removed, app)


def classes():
    """What Flask-Security takes from here at its start."""
    return {
        "totp_cls": App,
        "webauthn_util_cls": Passkeys,
        "mf_recovery_codes_util_cls": RecoveryCodes,
        "mf_recovery_form": RecoveryForm,
        "wan_signin_response_form": PasskeyAnswer,
    }


def secrets():
    """With what a secret is sealed while it travels through the page that sets it up; stored, it is sealed by its column."""
    return {str(number): key for number, key in enumerate(reversed(settings.secret_keys), 1)}


class App(Totp):
    """Codes of an authenticator app, each good for one log-in."""

    def plain(self, secret):
        """The secret as it goes into its sealed column."""
        return self._totp.from_source(secret).to_json(encrypt=False)

    def get_last_counter(self, user):
        return user.tf_last_counter

    def set_last_counter(self, user, tmatch):
        # Asked of the database: of two at the same moment, one wins.
        if not user.use_counter(tmatch.counter):
            raise UsedTokenError


class Passkeys(WebauthnUtil):
    """Passkeys of any kind: on a stick, in a telephone, or of the computer itself (Windows Hello, Touch ID)."""

    def authenticator_selection(self, user, usage):
        criteria = super().authenticator_selection(user, usage)
        criteria.authenticator_attachment = None
        return criteria

    def generate_challenge(self, nbytes=None):
        # Kept with the browser that is asked: the library takes an answer to any challenge of the last minute.
        session["challenge"] = super().generate_challenge(nbytes)
        return session["challenge"]


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes, each good for one log-in."""

    def create_recovery_codes(self, user):
        AuditEvent.log("factor.codes", by=user._get_current_object(), account=user)
        return super().create_recovery_codes(user)

    def delete_recovery_code(self, user, code):
        if not user.use_recovery_code(code):
            raise Refused("Deze herstelcode is al gebruikt. Neem een andere.")
        AuditEvent.log("factor.code_used", by=user, detail=f"nog {len(user.mf_recovery_codes)} over")
        left = dutch.plural(len(user.mf_recovery_codes), "herstelcode", "herstelcodes")
        flash(f"U hebt nog {left}. Maak op tijd nieuwe, bij Mijn account.", "info")
        return True


class RecoveryForm(MfRecoveryForm):
    """One recovery code, in any case and with or without spaces."""

    def validate(self, **kwargs):
        self.code.data = (self.code.data or "").strip().lower()
        if super().validate(**kwargs):
            return True
        _refused(None, self.user)
        return False


class PasskeyAnswer(WebAuthnSigninResponseForm):
    """What a passkey answered, in the second step of its own owner."""

    def validate(self, **kwargs):
        if self.challenge != session.pop("challenge", None):
            self.credential.errors = ["Deze inlogpoging is verlopen. Gebruik uw passkey opnieuw."]
            return False
        if not self.is_secondary or not super().validate(**kwargs):
            return False
        if self.user.fs_uniquifier == session["tf_user_id"]:
            return True
        self.credential.errors.append("Deze passkey hoort bij een ander account. Gebruik uw eigen passkey.")
        return False


# ---- the doors ----------------------------------------------------------------------------------------------------


def _only_what_is_meant():
    if request.endpoint in SHUT:
        abort(404)
    if "tf_user_id" in session and time.time() - session.get("tf_since", 0) > HALF_WAY:
        for name in ("tf_user_id", "tf_state", "tf_select"):
            session.pop(name, None)
    if request.endpoint == "security.tf_select" and "tf_user_id" in session and "tf_select" not in session:
        # Flask-Security takes this for an attack and ends the log-in; it is a step back in the browser.
        return redirect(url_for("security.login"))
    asking = request.endpoint in login_throttling.CODES | {"security.wan_signin"}
    if asking and (sent := login_throttling.SigningIn.sent()).trust_asked.data:
        session["trust"] = sent.trust.data
    return None


def _own_set_up_only():
    """Confirm a second step only in the browser session that asked for it: the token of the library names no account."""
    if request.endpoint != "security.two_factor_setup_validate" or not current_user.is_authenticated:
        return None
    expired, invalid, asked = check_and_get_token_status(request.view_args["token"], "tf_setup", SETUP_WITHIN)
    if expired or invalid or asked["totp_secret"] == session.get("tf_totp_secret"):
        return None
    AuditEvent.log("factor.refused", account=current_user._get_current_object(), result="geweigerd")
    flash("Dit instellen is elders begonnen of verlopen. Begin hier opnieuw.", "error")
    return redirect(url_for("security.two_factor_setup"))


def half_way_in(user):
    """Whether this person still has to set up a second step before anything else."""
    return settings.second_factor == "required" and not (user.has_second_factor or ProviderLogIn.two_steps(g.get("login")))


def may_be_here(user):
    """Whether a session of `user` counts for the page that is asked for."""
    g.half_way = half_way_in(user)
    return not g.half_way or request.endpoint in SET_UP


def is_fresh():
    """Whether this person took the second step in this browser a short while ago, or nobody has to."""
    return settings.second_factor != "required" or taken_lately()


def taken_lately():
    """Whether this person took the second step in this browser a short while ago."""
    return abs(time.time() - session.get(TAKEN, 0)) < FRESH.total_seconds()


def trusts_device(user, token):
    """Whether `user` needs no second step on the device that is known by `token`."""
    return not session.pop(NO_TRUST, False) and KnownDevice.trusts(token, user)


def _set_up_first():
    part = (request.endpoint or "").partition(".")[0]
    if part in OPEN_TO_ALL or current_user.is_authenticated or not g.get("half_way"):
        return None
    return redirect(url_for("second_step")) if request.method in ("GET", "HEAD") else abort(403)


def passed(user, token, taken):
    """Called at log-in: trust this device, known by `token`, if its owner asked for it with the second step.

    `taken`: whether there was a second step just now.
    """
    session[TAKEN] = time.time() if taken else 0
    if session.pop("trust", None) and taken and user.has_second_factor:
        KnownDevice.trust(token, user)
        AuditEvent.log("factor.trusted", by=user)


# ---- pages --------------------------------------------------------------------------------------------------------


def _choose():
    return render_template("security/second_step.html", first=g.get("half_way"))


def _distrust():
    KnownDevice.distrust(current_user)
    AuditEvent.log("factor.distrusted", by=current_user._get_current_object())
    flash("Op al uw apparaten vragen wij voortaan weer om de tweede stap.", "success")
    return redirect(url_for("account"))


def context():
    """What the pages of the second step know: where its owner was going."""
    return {"onward": safe_redirect.own_path(session.get(safe_redirect.TARGET)) or "/", "trust_days": TRUST_DAYS}


# ---- what happened ------------------------------------------------------------------------------------------------


def _refused(app, user, **more):
    if request.endpoint in login_throttling.CODES:
        AuditEvent.log("factor.refused", account=user, result="geweigerd")
        login_throttling.failed(user.email)
    elif request.endpoint == "security.verify":
        login_throttling.failed(user.email)


def _added(app, user, method="passkey", **more):
    person = user._get_current_object() if hasattr(user, "_get_current_object") else user
    label = "een passkey" if method == "passkey" else "een app met codes"
    browser_sessions.begin(person)
    if not g.get("had_factor", True):
        session[TAKEN] = time.time()
    AuditEvent.log("factor.set", by=person, account=person, detail=label)
    account_alerts.tell(person, CHANGED, f"Er is {label} ingesteld als tweede stap om in te loggen.")


def _removed(app, user, name, **more):
    person = user._get_current_object()
    if len(person.webauthn) == 1 and not person.tf_primary_method and settings.second_factor == "required":
        raise Refused("Dit is uw enige tweede stap. Stel eerst een andere in; daarna kunt u deze verwijderen.")
    AuditEvent.log("factor.removed", by=person, account=person)
    account_alerts.tell(person, CHANGED, "Er is een passkey van uw account verwijderd.")
