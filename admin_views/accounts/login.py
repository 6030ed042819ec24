"""Accounts: Flask-Security's pages and mails in our dress and words, with the mails in the outbox."""

import threading
import time
from datetime import timedelta

from flask import abort, after_this_request, current_app, flash, g, request, session, url_for
from flask_login import user_logged_out
from flask_security import (
    ChangePasswordForm,
    LoginForm,
    MailUtil,
    PasswordUtil,
    PeeweeUserDatastore,
    Security,
    current_user,
    hash_password,
    password_changed,
    password_reset,
    user_authenticated,
)

from admin_views.accounts import browser_sessions, hospital_login, login_throttling, reauthentication, second_factor
from admin_views.accounts import demo_accounts as demo
from admin_views.accounts.login_throttling import DEVICE_COOKIE, UNKNOWN
from admin_views.web import safe_redirect
from models import clock
from models.accounts import password_policy
from models.accounts.contact_point import ContactPoint
from models.accounts.identity.identity_provider import providers
from models.accounts.known_device import DEVICE_DAYS, KnownDevice
from models.accounts.passkey import Passkey
from models.accounts.user import User, UserRole
from models.audit.audit_event import AuditEvent
from models.base import Refused, db, new_key
from models.mail.outbox import Mail
from models.staff import shut_out
from settings import ROOT, settings

TRANSLATIONS = ROOT / "translations" / "flask_security"

LOGIN, RESET = "/inloggen", "/wachtwoord-vergeten"
RESET_ANSWERS_EACH = 0.5  # seconds
RESETS_AT_ONCE = threading.BoundedSemaphore(2)  # of the threads of a process
PASSWORD_MIN = 12
LETS_IN = {"security.login", "provider_back", "provider_confirm"}

CONFIGURATION = {
    "LOGIN_URL": LOGIN,
    "LOGOUT_URL": "/uitloggen",
    "RESET_URL": RESET,
    "CHANGE_URL": "/wachtwoord-wijzigen",
    "POST_LOGOUT_VIEW": LOGIN,
    "POST_CHANGE_VIEW": "/account",
    "RECOVERABLE": True,
    "CHANGEABLE": True,
    "TRACKABLE": True,
    # What nobody uses here must not answer: no static files, no tokens in place of a session.
    "STATIC_FOLDER": None,
    "API_ENABLED_METHODS": ["session"],
    # The same answer whether or not an account exists.
    "RETURN_GENERIC_RESPONSES": True,
    "RESET_PASSWORD_WITHIN": timedelta(days=1),
    "PASSWORD_LENGTH_MIN": PASSWORD_MIN,
    "PASSWORD_SCHEMES": ["argon2"],
    # Argon2 salts by itself; a second hash would tie every password to the signing key.
    "PASSWORD_SINGLE_HASH": True,
    # What goes into a reset link: the default takes half a second, and so tells which addresses have an account.
    "HASHING_SCHEMES": ["hex_sha256"],
    # OWASP's advice for argon2id: 19 MiB, two rounds. Eight log-ins at once still fit a small machine.
    "PASSWORD_HASH_PASSLIB_OPTIONS": {"argon2__memory_cost": 19456, "argon2__time_cost": 2, "argon2__parallelism": 1},
    "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "EMAIL_SUBJECT_PASSWORD_RESET": "Een nieuw wachtwoord voor mijnPerined",
    "EMAIL_SUBJECT_PASSWORD_NOTICE": "Uw wachtwoord van mijnPerined is ingesteld",
    "EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE": "Uw wachtwoord van mijnPerined is gewijzigd",
    "EMAIL_TEMPLATE_PASSWORD_RESET": "security/mail/reset",
    "EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "security/mail/changed",
    "EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "security/mail/changed",
    "I18N_DIRNAME": ["builtin", str(TRANSLATIONS)],
    **second_factor.CONFIGURATION,
}


def install(app):
    """Give `app` log-in, log-out, forgotten password, change of password and 'Mijn account'."""
    app.config.update({f"SECURITY_{name}": value for name, value in CONFIGURATION.items()})
    app.config["SECURITY_TOTP_SECRETS"] = second_factor.secrets()
    app.before_request(_forms_only)
    app.after_request(_all_or_nothing)
    app.after_request(_in_its_time)
    app.teardown_request(_make_place)
    safe_redirect.install(app)
    login_throttling.install(app)
    forms = {"login_form": LogInForm, "change_password_form": ChangeForm}
    security = Security(app, Accounts(), mail_util_cls=Outbox, password_util_cls=Passwords, **forms, **second_factor.classes())
    security.reset_serializer = safe_redirect.ResetLinks(*settings.secret_keys)
    security.want_json(lambda request: False)
    security.unauthn_handler(lambda mechanisms=None, headers=None: safe_redirect.log_in_first())
    security.login_context_processor(lambda: {"demo_accounts": demo_accounts(), "providers": providers().values()})
    told = {"portal": settings.portal_url, "contact": ContactPoint.of, "reset_url": settings.portal_url + RESET}
    security.mail_context_processor(lambda: told)
    security.context_processor(second_factor.context)
    browser_sessions.install(app, second_factor.may_be_here)
    second_factor.install(app)
    reauthentication.install(app)
    hospital_login.install(app)
    user_authenticated.connect(_logged_in, app)
    user_logged_out.connect(_logged_out, app)
    password_changed.connect(_password_set, app)
    password_reset.connect(_password_set, app)


def _forms_only():
    # Flask-Security reads JSON as well, and trips over JSON that is no object.
    if request.blueprint == "security" and request.is_json:
        abort(400)
    g.asked_at = time.monotonic()
    if request.endpoint == "security.forgot_password" and request.method == "POST":
        # Each waits out its step in a thread: who asks without end keeps this page busy, and not the portal.
        if not RESETS_AT_ONCE.acquire(blocking=False):
            abort(503)
        g.asks_reset = True


def _make_place(problem):
    if g.pop("asks_reset", False):
        RESETS_AT_ONCE.release()


def _in_its_time(response):
    # A known address costs a mail, an unknown one a hash, and a busy machine makes more of the difference: answers leave
    # only at whole steps after the question.
    if "asks_reset" in g:
        time.sleep(-(time.monotonic() - g.asked_at) % RESET_ANSWERS_EACH)
    return response


def _all_or_nothing(response):
    # The session names the person before the database has taken the log-in: without its line in the trail there is none.
    if request.endpoint in LETS_IN and response.status_code >= 500:
        session.clear()
    return response


# ---- what Flask-Security asks for ---------------------------------------------------------------------------------


class Accounts(PeeweeUserDatastore):
    """Finds accounts. Roles are rows that only `User.grant` writes."""

    def __init__(self):
        super().__init__(db, User, UserRole, UserRole, webauthn_model=Passkey)

    def find_user(self, case_insensitive=False, **by):
        """The account by its e-mail address (any case), its number or its session key."""
        if "email" in by:
            return User.by_email(by["email"])
        return User.numbered(by["id"]) if "id" in by else User.of_session(by["fs_uniquifier"])

    def tf_set(self, user, primary_method, totp_secret=None, phone=None):
        """Keep an app's secret as its sealed column wants it."""
        super().tf_set(user, primary_method, current_app.extensions["security"].totp_factory.plain(totp_secret))


class LogInForm(LoginForm):
    """Log-in by e-mail address and password; the trail tells of a refusal, never of what was typed."""

    remember = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.password.description = ""  # the page has its own link to a forgotten password

    def validate_next(self, field):
        # Decided by `onward.own_path`; a strange address must not keep anybody from logging in.
        field.data = None

    def validate(self, **kwargs):
        if super().validate(**kwargs):
            session["tf_since"] = time.time()
            session.pop(hospital_login.ARRIVAL, None)
            self.user.on_trusted_device = second_factor.trusts_device(self.user, request.cookies.get(DEVICE_COOKIE))
            return True
        if self.user_authenticated and (reason := shut_out.reason(self.user)):
            flash(reason, "error")  # who knows the password may know why it opens nothing
        if self.email.data and self.password.data:
            AuditEvent.log("user.login_refused", account=self.user, subject=UNKNOWN, result="geweigerd")
            login_throttling.failed(login_throttling.as_looked_up(self.email.data))
        return False


class ChangeForm(ChangePasswordForm):
    """A new password, for who knows the present one."""

    def validate(self, **kwargs):
        if super().validate(**kwargs):
            return True
        if self.password.data and self.password.errors:
            login_throttling.failed(current_user.email)
        return False


class Passwords(PasswordUtil):
    """Long enough, and not what a colleague would try first."""

    def validate(self, typed, is_register, **who):
        problems, typed = super().validate(typed, is_register, **who)
        if problems:
            return problems, typed
        user = who.get("user")
        own = [user.name, user.email, user.hospital.name if user.hospital_id else ""] if user else []
        problem = password_policy.weakness(typed, *own)
        return [problem] if problem else None, typed


class Outbox(MailUtil):
    """Flask-Security's mails, through the same outbox as all others."""

    def send_mail(self, template, subject, recipient, sender, body, html, **about):
        Mail.queue("account", to=about["user"], subject=str(subject), text=body, html=html)


# ---- what happened ------------------------------------------------------------------------------------------------


def _logged_in(app, user, authn_via=None, **more):
    browser_sessions.begin(user)
    if "change" in (authn_via or ()):
        return  # a new password renewed the session; nobody came in
    via = hospital_login.came_by(user)
    AuditEvent.log("user.login", by=user, detail=via and f"via {via}")
    login_throttling.succeeded(user)
    if second_factor.half_way_in(user):
        after_this_request(lambda response: _lead(response, url_for("second_step")))
        return
    token = KnownDevice.remember(user, request.cookies.get(DEVICE_COOKIE))
    # Flask-Security names the password when nothing came after it, and nothing when the second step did.
    second_factor.passed(user, token, taken=authn_via is None or hospital_login.MFA in authn_via)
    target = session.pop(safe_redirect.TARGET, None)

    @after_this_request
    def greet(response):
        response.set_cookie(
            DEVICE_COOKIE, token, max_age=DEVICE_DAYS * clock.DAY, httponly=True, samesite="Lax", secure=settings.https
        )
        return _lead(response, target or "/")


def _lead(response, target):
    if response.location:
        response.location = target
    return response


def _logged_out(app, user, **more):
    AuditEvent.log("user.logout", by=user)
    hospital_login.offer_log_out(g.get("login"))
    browser_sessions.end()


def _password_set(app, user, **more):
    browser_sessions.end_others(user)
    KnownDevice.distrust(user)
    AuditEvent.log("user.password", by=user)
    if g.get("onward"):
        session[safe_redirect.TARGET] = g.onward


# ---- for the other screens and the commands -----------------------------------------------------------------------


def invite(user, by=None):
    """Mail `user` a link, good for a week, with which they choose a password; returns the link. Needs an app context."""
    if not user.active:
        raise Refused("Dit account is beëindigd. Maak het eerst weer actief.")
    with db.atomic():
        if not user.password:
            user.fs_uniquifier = new_key()  # earlier invitations open nothing any more
        key = current_app.extensions["security"].reset_serializer.dumps([user.fs_uniquifier, safe_redirect.INVITATION])
        link = f"{settings.portal_url}{RESET}/{key}"
        Mail.queue("invitation", to=user, link=link, days=safe_redirect.INVITATION_WITHIN.days)
        user.invited_at = clock.now()
        user.save()
        AuditEvent.log("user.invite", by=by, account=user)
    return link


def set_password(user, typed):
    """Give `user` this password and end their sessions. Raises Refused, with the reason, for one that is too weak."""
    problems, typed = current_app.extensions["security"].password_util.validate(typed, False, user=user)
    if problems:
        raise Refused(" ".join(str(problem) for problem in problems))
    user.password = hash_password(typed)
    user.end_sessions()


def demo_accounts():
    """The accounts that a demonstration shows on its log-in page; none elsewhere."""
    return demo.accounts() if settings.demo else []
