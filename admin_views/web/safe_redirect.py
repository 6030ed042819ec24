"""Where somebody was going: kept through log-in, and through a forgotten password, never out of the portal."""

from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

from flask import abort, g, has_request_context, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.urls import iri_to_uri

from admin_views.web import mangled_address
from admin_views.web.error_pages import wants_json
from models.accounts.user import User

TARGET = "next"
INVITATION = "invitation"
INVITATION_WITHIN = timedelta(days=7)


def install(app):
    """Let `app` remember the page a visitor asked for, and keep the redirects of its log-in pages at home."""
    app.before_request(_keep_target)
    app.after_request(_stay_here)


def own_path(address):
    """`address` when it is a path within this portal, else None: the one check against being sent elsewhere."""
    if not address or not address.startswith("/") or address.startswith("//") or len(address) > 1000:
        return None
    # Browsers drop control characters and spaces, and read a backslash as a slash.
    if not address.isascii() or not address.isprintable() or " " in address or "\\" in address:
        return None
    return address


def log_in_first():
    """Lead a visitor to the log-in page; after it they come back to the page they asked for."""
    if wants_json():
        abort(401)
    asked = asked_page()
    return redirect(url_for("security.login", next=asked if asked != "/" else None))


def asked_page():
    """The path of the page to come back to, or None."""
    if request.method == "GET":
        return own_path(iri_to_uri(request.full_path.rstrip("?")))
    # A session ended while somebody was typing: back to the form, where their browser kept the text.
    page = urlsplit(request.referrer or "")
    return own_path(urlunsplit(("", "", page.path, page.query, ""))) if page.netloc == request.host else None


def _keep_target():
    if request.endpoint in ("security.login", "security.forgot_password") and (path := own_path(request.args.get("next"))):
        session[TARGET] = path


def _stay_here(response):
    # Flask-Security's own check lets addresses through that browsers repair into another host.
    if request.blueprint == "security" and response.location:
        path = own_path(response.location) or "/"
        # Between the two steps of a log-in the target is kept in the session, as it is before them.
        response.location = path.partition("?")[0] if path.startswith("/inloggen/") else path
    return response


class ResetLinks(URLSafeTimedSerializer):
    """The keys in the links for a new password: for whom, whether it is an invitation, and where the person was going.

    A key dies with its first use, because a new password changes the account's session key; when a newer one is asked for;
    and after a day, or a week for an invitation.
    """

    def __init__(self, newest, *older):
        # itsdangerous signs with the last key and accepts all of them.
        super().__init__([*reversed(older), newest], salt="reset")

    def dumps(self, data, salt=None):
        who, kind = data
        invited = kind == INVITATION
        # Without what stands behind the '?': a search may hold a patient number, and this travels by mail.
        onward = urlsplit(session.get(TARGET, "")).path if has_request_context() and not invited else ""
        key = "" if invited else User.of_session(who).renew_reset_key()
        return super().dumps([who, invited, onward, key], salt)

    def loads(self, text, max_age=None, **more):
        text = mangled_address.bare(text)
        who, invited, onward, key = super().loads(text, max_age=INVITATION_WITHIN.total_seconds(), **more)
        if not invited:
            super().loads(text, max_age=max_age, **more)
            user = User.of_session(who)
            if user is None or user.reset_key != key:
                raise BadSignature("A newer link was asked for.")
        g.onward = own_path(onward)
        return [who]
