"""What a person reads when something cannot be done: a sentence about what happened and one about what to do."""

import peewee
from flask import current_app, g, redirect, render_template, request, url_for
from flask.globals import request_ctx
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Forbidden, HTTPException, TooManyRequests

from admin_views.lnr.api.api_answer import problem, to_a_machine
from admin_views.web import mangled_address
from models.accounts.contact_point import ContactPoint
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.encrypted_fields import CannotDecrypt
from models.files.storage import Unreachable
from models.operations.health import log_lines

BACK = "Ga terug naar de vorige pagina, of begin opnieuw."
LATER = "Probeer het over een minuut opnieuw. Wat u eerder opsloeg, is bewaard."

PERINED = "Blijft dit gebeuren, {said}."  # a Contact says it

# status -> (title, what happened, what to do)
TEXTS = {
    400: ("Dit verzoek klopt niet", "Het portaal begrijpt niet wat er gevraagd werd.", BACK),
    401: ("Log opnieuw in", "U bent niet meer ingelogd.", "Log in een nieuw tabblad in en probeer het dan hier opnieuw."),
    403: ("Geen toegang", "U hebt geen rechten voor deze pagina.", "Klopt dat niet? {sentence}"),
    404: (
        "Niet gevonden",
        "Deze pagina bestaat niet, of is niet voor u bestemd.",
        "Controleer het adres of begin opnieuw. Komt het adres uit een mail? Dan is er misschien een stuk afgevallen: "
        "klik liever op de knop in de mail.",
    ),
    405: ("Dit kan hier niet", "Dit adres is niet bedoeld om zo te openen.", BACK),
    410: (
        "Deze link werkt niet meer",
        "Hij hoort bij een eerdere mail van het portaal.",
        "Log in om uw antwoord door te geven. Dat kan altijd, ook zonder de mail.",
    ),
    413: ("Te groot", "Wat u verstuurde is te groot.", "Maak het kleiner of verdeel het, en probeer het opnieuw."),
    429: ("Even geduld", "Er kwamen te veel verzoeken na elkaar.", "Wacht een minuut en probeer het dan opnieuw."),
    500: ("Er ging iets mis", "Dit ligt aan het portaal, niet aan u.", f"Probeer het opnieuw. {PERINED}"),
    503: ("Het portaal is even bezet", "Uw verzoek is niet uitgevoerd.", LATER),
}
STALE = (
    "De pagina stond te lang open",
    "Daarom is uw invoer niet verwerkt.",
    "Ga terug, ververs de pagina en probeer het opnieuw.",
)

UNREADABLE = (
    "Een gegeven is niet leesbaar",
    "Iets op deze pagina is buiten het portaal om gewijzigd of beschadigd. Daarom laat het portaal niets zien.",
    "Opnieuw proberen helpt niet. {sentence}",
)


def install(app):
    """Make `app` answer every error in the portal's own frame and words."""
    app.log_exception = _log
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Unreachable, _unreachable)
    app.register_error_handler(CannotDecrypt, _unreadable)
    for outage in (peewee.OperationalError, peewee.InterfaceError, MemoryError):
        app.register_error_handler(outage, _outage)


def _log(exc_info):
    # Flask would write the address, which may be a link that opens something.
    current_app.logger.error("an error during %s %s", request.method, request.endpoint, exc_info=exc_info)


def wants_json():
    """Whether a script asked, which wants a sentence to show rather than a page."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _http(error):
    # A redirect that routing made is an HTTPException too.
    if error.code is None or error.code < 400:
        return error
    if error.code == 404 and (whole := _mended()):
        return redirect(whole)
    title, text, advice = TEXTS.get(error.code, TEXTS[400 if error.code < 500 else 500])
    if error.code == 403 and error.description != Forbidden.description:
        text = error.description  # our own screens say why
    if error.code == 429 and error.description != TooManyRequests.description:
        text, advice = error.description, PERINED
    answer = _page(error.code, title, text, advice, reference=_reference() if error.code == 500 else None)
    headers = dict(error.get_headers())
    for name in {"Allow", "Retry-After"} & headers.keys():
        answer.headers[name] = headers[name]
    return answer


def _mended():
    """The page that an address from a mail was meant for, when this one is that with something added; else None."""
    if request.method != "GET" or request_ctx.url_adapter is None or to_a_machine() or wants_json():
        return None
    whole = mangled_address.mended(request.path)
    return whole if whole and request_ctx.url_adapter.test(whole, "GET") else None


def _stale(error):
    if request.endpoint == "security.login" and current_user.is_authenticated and not wants_json():
        # Logged in already, in another tab: the log-in page knows where to lead.
        return redirect(url_for("security.login", next=request.args.get("next")))
    return _page(400, *STALE)


def _refused(error):
    return _page(409, "Dit kan nu niet", str(error), BACK)


def _unreachable(error):
    """The place of the files did not answer: the rest of the portal goes on."""
    answer = _page(503, "Dit bestand is er nu even niet", str(error), "Wat u eerder opsloeg, is bewaard.")
    answer.headers["Retry-After"] = "60"
    return answer


def _outage(error):
    """The database did not answer, or there is no memory left: a matter of waiting."""
    current_app.logger.exception("%s during a request", type(error).__name__)
    _forget_visitor()
    answer = _page(503, *TEXTS[503])
    answer.headers["Retry-After"] = "60"
    return answer


def _unreadable(error):
    """Something that was changed outside the portal: nothing is shown in its place, and somebody has to look."""
    visitor = g.get("_login_user")  # not asked of the database: the account may be what does not open
    by = visitor if visitor and visitor.is_authenticated else None
    number = _reference()
    AuditEvent.log("sealed.unreadable", by=by, subject=error, detail=f"kenmerk {number}", result="mislukt")
    return _page(500, *UNREADABLE, reference=number)


def _reference():
    """A number that a person can quote and the log can be searched for."""
    number = log_lines.request_id.get()
    current_app.logger.error("Reference %s: %s %s", number, request.method, request.endpoint)
    _forget_visitor()
    return number


def _forget_visitor():
    # The page must not ask the database who is looking: that may be what just failed.
    g._login_user = current_app.login_manager.anonymous_user()


def _page(code, title, text, advice, reference=None):
    if request_ctx.url_adapter is None:
        # The host is not ours: no address can be made, so no page either.
        return current_app.response_class("Dit portaal heeft een ander adres.\n", code, mimetype="text/plain")
    if to_a_machine():
        return problem(code)
    if "{s" in advice:
        contact = ContactPoint.for_person(current_user)
        advice = advice.replace("{said}", contact.said).replace("{sentence}", contact.sentence)
    if wants_json():
        return current_app.make_response(({"error": f"{text} {advice}"}, code))
    try:
        page = render_template("web/error.html", title=title, text=text, advice=advice, reference=reference, admin_view=None)
    except OSError:  # a process that may open no more files cannot open this page either
        return current_app.response_class(f"{title}. {text} {advice}\n", code, mimetype="text/plain")
    return current_app.make_response((page, code))
