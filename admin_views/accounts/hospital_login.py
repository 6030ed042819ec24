"""Log-in through the hospital's own identity provider: out, back, the first time, and out again.

Flask-Security takes over where the password would have been right (`tf_enter`, `login_user`). Its own views for OAuth are not
used: they find an account by one column, and know no linking, no provider's second factor and no log-out there.
"""

import time

from flask import (
    abort,
    after_this_request,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_security import auth_required, current_user, login_user

from admin_views.accounts import account_alerts, browser_sessions, second_factor
from admin_views.accounts.login_throttling import CODES, DEVICE_COOKIE
from admin_views.grid.act_forms import ActForm, TextField
from models import clock
from models.accounts.identity import openid
from models.accounts.identity.identity_provider import providers
from models.accounts.identity.linked_identity import LinkedIdentity, ProviderLogIn
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.operations.health import log_lines
from settings import settings

OUT, ARRIVAL = "provider_out", "provider_arrival"  # in the session: who went out from here, and who came back
MOST_OUT = 3  # tabs in which somebody may be on their way at once
WITHIN = 600  # seconds between going out and coming back
MFA = "mfa"  # to `login_user`: a second step was taken just now, elsewhere

DOWN = "De inlog van {} antwoordt niet. Probeer het later opnieuw, of log in met uw wachtwoord en uw tweede stap."
FAILED = "Het inloggen via {} is niet gelukt. Probeer het opnieuw, of log in met uw wachtwoord en uw tweede stap."
STALE = "Deze inlogpoging is verlopen of al gebruikt. Begin hier opnieuw."
NO_ACCOUNT = (
    "Bij deze inlog van {} hoort geen account dat hier in mag. Hebt u een account? Log dan in met uw wachtwoord en koppel de "
    "inlog bij ‘Mijn account’. Hebt u er geen, vraag Perined dan om een uitnodiging."
)
LINKED = "U kunt nu ook inloggen via {}."
CHANGED = "De manier waarop u inlogt is gewijzigd"


class LogoutNotice(ActForm):
    """What a provider sends of a session that ended there."""

    logout_token = TextField()


def install(app):
    """Add going out, coming back, linking, and the notice of a log-out to `app`. After Flask-Security and form keys."""
    providers()  # a file that is wrong stops the start
    app.before_request(_still_linked)
    mine = auth_required("session")
    for path, endpoint, view, method in (
        ("/inloggen/via/<provider>", "provider_start", _start, "POST"),
        ("/inloggen/via/<provider>/terug", "provider_back", _back, "GET"),
        ("/inloggen/via/<provider>/uitgelogd", "provider_ended", _ended, "POST"),
        ("/inloggen/koppelen", "provider_confirm", _confirm, "POST"),
        ("/account/koppelen/<provider>", "provider_link", mine(_link), "POST"),
        ("/account/ontkoppelen/<provider>", "provider_unlink", mine(_unlink), "POST"),
    ):
        app.add_url_rule(path, endpoint, view, methods=[method])
    app.extensions["csrf"].exempt(_ended)  # sent by a server, which proves itself by its signature


def _named(key):
    return providers().get(key) or abort(404)


def _back_address(provider):
    return settings.portal_url + url_for("provider_back", provider=provider.key)


# ---- out ----------------------------------------------------------------------------------------------------------


def _start(provider):
    provider = _named(provider)
    return redirect("/") if current_user.is_authenticated else _send_out(provider)


def _link(provider):
    return _send_out(_named(provider), person=current_user.id)


def _send_out(provider, person=None):
    """A page that leads on to the provider: no form may lead there itself, our content policy keeps forms at home."""
    try:
        anew = second_factor.NO_TRUST in session
        address, kept = openid.begin(provider, _back_address(provider), anew=anew or person is not None)
    except (openid.ProviderDown, openid.NotBelieved) as problem:
        return _refuse(provider, problem, person)
    under_way = [*session.get(OUT, []), {**kept, "to": provider.key, "at": time.time(), "person": person}]
    session[OUT] = under_way[-MOST_OUT:]
    return render_template("security/onward.html", provider=provider, address=address)


# ---- back ---------------------------------------------------------------------------------------------------------


def _back(provider):
    provider = _named(provider)
    kept = _taken(provider, request.args.get("state"))
    if kept is None:
        return _refuse(provider, openid.NotBelieved("no such state"), sentence=STALE)
    person = kept["person"]
    try:
        if "code" not in request.args:
            raise openid.NotBelieved(f"error={request.args.get('error', '')[:80]!r}")
        proof = openid.finish(provider, _back_address(provider), request.args["code"], kept)
        if person is not None:
            return _link_own(provider, proof, person)
        if current_user.is_authenticated:  # in another tab, meanwhile
            return redirect("/")
        user = LinkedIdentity.owner(provider.issuer, proof.subject)
        first = user is None
        if first and (address := provider.vouched_address(openid.about(provider, proof))):
            user = User.by_email(address)
    except (openid.ProviderDown, openid.NotBelieved) as problem:
        return _refuse(provider, problem, person)
    if user is None or not user.is_active or (first and LinkedIdentity.since(user, provider)):
        AuditEvent.log("user.login_refused", account=user, subject=f"onbekende inlog van {provider.label}", result="geweigerd")
        return _refuse(provider, None, sentence=NO_ACCOUNT)
    arrival = ProviderLogIn.create(
        user=user,
        issuer=provider.issuer,
        subject=proof.subject,
        session=proof.session,
        second_step=provider.second_step_taken(proof.claims),
        id_token=proof.id_token,
        at=clock.now(),
    )
    recent = arrival.second_step and proof.is_recent(second_factor.FRESH.total_seconds())
    session[ARRIVAL] = {"number": arrival.id, "recent": recent, "first": first}
    if first:
        return render_template("security/first_time.html", provider=provider, user=user)
    return _go_on(arrival)


def _taken(provider, state):
    """What was kept when somebody went out with this state, once; None when nobody did a short while ago, from this browser."""
    under_way = session.pop(OUT, [])
    found = [one for one in under_way if one["state"] == state and one["to"] == provider.key]
    session[OUT] = [one for one in under_way if one not in found]
    return found[0] if found and 0 <= time.time() - found[0]["at"] < WITHIN else None


def _confirm():
    """The first time, once the person said that this is their account."""
    arrival = ProviderLogIn.waiting(session.get(ARRIVAL, {}).get("number"))
    if arrival is None or current_user.is_authenticated or not arrival.user.is_active:
        flash(STALE, "error")
        return redirect(url_for("security.login"))
    return _go_on(arrival)


def _go_on(arrival):
    """As after the right password: the second step where it is asked, or in."""
    user, recent, first = arrival.user, session[ARRIVAL]["recent"], session[ARRIVAL]["first"]
    session["tf_since"], anew = time.time(), second_factor.NO_TRUST in session
    trusted = second_factor.trusts_device(user, request.cookies.get(DEVICE_COOKIE))
    # The first time: whoever keeps the mail addresses of a hospital could name any of them.
    user.on_trusted_device = not first and (trusted or (arrival.second_step and (recent or not anew)))
    response = current_app.extensions["security"].two_factor_plugins.tf_enter(user, None, "oauth", next_loc=None)
    if response:
        return response
    login_user(user, authn_via=["oauth", *([MFA] if recent else [])])
    return redirect("/")


def _still_linked():
    """The second step counts only while the first does: a link may be taken back in between."""
    kept = session.get(ARRIVAL)
    if not kept or kept["first"] or request.method != "POST" or request.endpoint not in CODES:
        return None
    arrival = ProviderLogIn.waiting(kept["number"])
    if arrival and LinkedIdentity.owner(arrival.issuer, arrival.subject) == arrival.user:
        return None
    session.clear()
    flash(STALE, "error")
    return redirect(url_for("security.login"))


def came_by(user):
    """Called when the session of `user` began: ties it to the provider they came from, and links them the first time.

    Returns the label of the provider; empty when they did not come from one.
    """
    kept = session.pop(ARRIVAL, {})
    arrival = ProviderLogIn.waiting(kept.get("number"), user)
    provider = arrival and _provider_of(arrival)
    if not provider:
        return ""
    try:
        if kept["first"]:
            _linked(user, provider, arrival.subject)
    except Refused as no:  # somebody else was first
        flash(str(no), "error")
        return ""
    arrival.begin(g.login)
    return provider.label


def _provider_of(arrival):
    return next((one for one in providers().values() if one.issuer == arrival.issuer), None)


# ---- linking ------------------------------------------------------------------------------------------------------


def _link_own(provider, proof, person):
    if not current_user.is_authenticated or current_user.id != person:
        return _refuse(provider, None, sentence=STALE)
    try:
        _linked(current_user._get_current_object(), provider, proof.subject)
        flash(LINKED.format(provider.label), "success")
    except Refused as no:
        flash(str(no), "error")
    return redirect(url_for("account"))


def _linked(user, provider, subject):
    if LinkedIdentity.link(user, provider, subject):
        account_alerts.tell(user, CHANGED, f"U kunt voortaan ook inloggen via {provider.label}.")


def _unlink(provider):
    provider, person = _named(provider), current_user._get_current_object()
    try:
        LinkedIdentity.unlink(person, provider)
        browser_sessions.end_others(person)
        account_alerts.tell(person, CHANGED, f"U kunt niet meer inloggen via {provider.label}.")
        flash(f"Inloggen via {provider.label} kan niet meer. Op andere apparaten bent u uitgelogd.", "success")
    except Refused as no:
        flash(str(no), "error")
    return redirect(url_for("account"))


# ---- out again ----------------------------------------------------------------------------------------------------


def offer_log_out(login):
    """Show who logs out here where to log out at the provider too, with which this session began. Before it ends."""
    arrival = ProviderLogIn.of(login)
    provider = arrival and _provider_of(arrival)
    if not provider or request.endpoint != "security.logout":
        return
    address = openid.log_out_address(provider, arrival.id_token, settings.portal_url + url_for("security.login"))
    arrival.forget_token()
    if address:
        page = {"provider": provider, "address": address}
        after_this_request(lambda response: make_response(render_template("security/logged_out.html", **page)))


def _ended(provider):
    """The provider tells that a session ended there (back-channel log-out)."""
    provider = _named(provider)
    try:
        told = openid.logged_out(provider, LogoutNotice.sent().logout_token.data)
        if ProviderLogIn.end(provider.issuer, *told) is None:
            raise openid.NotBelieved("this notice was heard before")
    except (openid.ProviderDown, openid.NotBelieved) as problem:
        log_lines.requests.warning("logout notice of %s not believed: %s", provider.key, problem)
        return {"error": "invalid_request"}, 400
    return "", 200, {"Cache-Control": "no-store"}


# ---- when it fails ------------------------------------------------------------------------------------------------


def _refuse(provider, problem, person=None, sentence=None):
    """Back to where they came from, with a sentence and the other way in."""
    if problem is not None:
        log_lines.requests.warning("log-in at %s failed: %s %s", provider.key, type(problem).__name__, problem)
    sentence = sentence or (DOWN if isinstance(problem, openid.ProviderDown) else FAILED)
    flash(sentence.format(provider.label), "error")
    return redirect(url_for("account" if person is not None and current_user.is_authenticated else "security.login"))
