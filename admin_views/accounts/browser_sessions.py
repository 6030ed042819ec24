"""Logged-in browsers: begun at log-in, asked for at every request, and shown to their owner."""

import re

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_security import auth_required
from flask_security import current_user as person

from admin_views.accounts import mail_choices
from models.accounts.identity.linked_identity import LinkedIdentity, ProviderLogIn
from models.accounts.known_device import KnownDevice
from models.accounts.session import LogIn
from models.audit.audit_event import AuditEvent

KEY = "login"
BACKGROUND = "X-Background"  # in what a script of ours asks by itself: nobody need be there, so it is no use of the session

# What a browser says of itself, to words a person recognises; the first that fits.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "Mac", "Linux": "Linux",
}  # fmt: skip


def install(app, counts):
    """Let every request of `app` ask whether its session still lives, and `counts(user)` for the page. After Flask-Security."""
    load = app.login_manager._user_callback
    app.login_manager.user_loader(lambda key: _present(load(key), counts))
    app.add_url_rule("/account", "account", auth_required("session")(_account))
    app.add_url_rule("/account/andere-sessies", "end_others", auth_required("session")(_end_others), methods=["POST"])
    app.add_url_rule("/account/mail", "choose_mail", auth_required("session")(mail_choices.choose), methods=["POST"])


def _present(user, counts):
    login = LogIn.alive(session.get(KEY, ""), user) if user else None
    if login is None:
        return None
    if BACKGROUND not in request.headers:
        login.note_use()
    g.login = login
    return user if counts(user) else None


def begin(user):
    """Begin a session for `user` in this browser; whatever was in it before opens nothing."""
    # A key for forms that somebody else put into this browser before the log-in must not work after it.
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    before = g.get("login")
    session[KEY] = LogIn.start(user, request.remote_addr or "", request.user_agent.string)
    g.login = LogIn.alive(session[KEY], user)
    if before:
        before.end()
        if before.user_id == user.id:
            ProviderLogIn.carry(before, g.login)


def end():
    """End this browser's session, in the database too: a copy of its cookie is dead."""
    if "login" in g:
        g.login.end()
    session.clear()


def end_others(user):
    """End every session of `user`, but that of this browser if it is theirs; returns how many."""
    return LogIn.end_all(user, but=g.get("login"))


def _account():
    devices = [(_device(login.agent), login) for login in LogIn.open_of(person)]
    passkeys, trusted = list(person.webauthn), KnownDevice.trusted_by(person)
    known = {"passkeys": passkeys, "trusted": trusted, "choices": mail_choices.of(person)}
    linked = LinkedIdentity.at_each_provider(person)
    return render_template("security/account.html", devices=devices, here=g.login, providers=linked, **known)


def _end_others():
    if count := end_others(person):
        AuditEvent.log("user.sessions_ended", by=person._get_current_object(), account=person, detail=f"{count} sessies")
    flash("Op alle andere apparaten bent u nu uitgelogd.", "success")
    return redirect(url_for("account"))


def _device(agent):
    named = (next((label for word, label in words.items() if re.search(word, agent)), None) for words in (BROWSERS, SYSTEMS))
    return " op ".join(filter(None, named)) or "Onbekende browser"
