"""`/lnr/v1/`: where record systems deliver. A key instead of a person: no session, no cookie, no form key."""

import logging
from datetime import UTC, datetime

from flask import Blueprint, Response, g, request
from peewee import OperationalError
from werkzeug.exceptions import ClientDisconnected, HTTPException

from admin_views.grid import request_values
from admin_views.lnr.api.api_answer import CHALLENGE, JSON, OF_BATCH, TEXTS, data, framed, problem, told
from admin_views.lnr.site.supplier_site import description
from models.base import Refused
from models.lnr.intake import zip_upload
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.dry_run import read_back, rehearse
from models.lnr.message.xml_tree import SIZE
from models.lnr.registry.message import Message
from models.lnr.specification.openapi import BATCH, BATCH_SIZE, BATCH_UNPACKED, PREFIX
from models.lnr.suppliers import sent_messages, service_status
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.qualification import as_dict
from models.lnr.suppliers.supplier import SupplierStatus
from settings import settings

log = logging.getLogger(__name__)

HEARD_OUT, PIECE = 20_000_000, 64_000  # bytes of a refused body that are read
TYPES = ("application/xml", "text/xml")
CHARSETS = ("", "utf-8", "utf8")
ZIP = ("application/zip", "application/x-zip-compressed")
BATCH_WEIGHT = 20  # messages of the minute that a batch counts for

blueprint = Blueprint("lnr_api", __name__, url_prefix=PREFIX.rstrip("/"))


NO_MOMENT = (
    ("‘sinds’ is geen moment.", "Schrijf het als 2026-03-05T13:30:00Z."),
    ("‘sinds’ is no moment.", "Write it as 2026-03-05T13:30:00Z."),
)
NO_PAGE = (
    ("‘na’ is geen plaats in deze lijst.", "Neem ‘next’ over zoals het in het antwoord staat."),
    ("‘na’ is no place in this list.", "Take `next` as it stands in the answer."),
)
LAST_FINDING = 10**18 - 1
BATCH_REFUSED = (
    f"This is no ZIP with at most {BATCH} messages, {BATCH_UNPACKED // 1_000_000} MB unpacked; no message of it was taken."
)


class Stop(Exception):
    """The request ends here, with this answer."""

    def __init__(self, status, texts=None, **headers):
        super().__init__(status)
        self.status, self.texts, self.headers = status, texts, headers


def install(app):
    """Let `app` take deliveries. After the form keys, which these requests do not carry."""
    app.extensions["csrf"].exempt(blueprint)
    app.register_blueprint(blueprint)


@blueprint.before_request
def _by_whom():
    """Before anything of the body is read: the key, and whether its supplier may send at all."""
    if request.endpoint == "lnr_api.openapi":
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    g.key = ApiKey.opened_by(token.strip()) if scheme.lower() == "bearer" else None
    if g.key is None:
        ApiKey.refuse(token.strip())
        _hear_out()
        wrong = ', error="invalid_token"' if scheme else ""
        return problem(401, **{"WWW-Authenticate": CHALLENGE + wrong})
    if g.key.supplier.status == SupplierStatus.GESCHORST:
        _hear_out()
        return problem(403, **{"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope"'})


@blueprint.post("/berichten")
def take():
    """One message, checked against everything that is there, and kept with its verdict."""
    raw = _body()
    answer = deliver(Delivery(g.key.hospital, g.key.supplier), raw)
    return _answered(answer, **({"Location": f"{PREFIX}berichten/{answer.key}"} if answer.key else {}))


@blueprint.get("/berichten/<path:name>")
def again(name):
    """The report on a message once more, by our key or the sender's own id."""
    _count()
    message = Message.asked_for(g.key, name)
    if message is None:
        return problem(404)
    # The report of a message does not change, unless it was refused for what has changed since.
    answer = told(message.status, message.report)
    answer.add_etag()
    return answer.make_conditional(request) if answer.status_code == 200 else answer


@blueprint.post("/controle")
def look():
    """What delivering the message would answer; nothing is kept."""
    return _answered(rehearse(g.key.hospital, g.key.supplier, _body()))


@blueprint.post("/begrepen")
def understand():
    """What the registry reads in the message that is sent with the request; nothing is kept, and nothing of before is told.

    A key can so never read what the registry holds: who finds one learns nothing about a child.
    """
    answer = read_back(g.key.hospital, g.key.supplier, _body())
    return data(answer.report) if answer.status == 200 else told(answer.status, answer.report)


@blueprint.post("/reeksen")
def take_many():
    """A ZIP of messages, each taken by itself and in the order of the ZIP; a verdict for each."""
    raw = _body(ZIP, BATCH_SIZE, BATCH_WEIGHT, OF_BATCH)
    try:
        return data({"results": [_one_of_many(found) for found in zip_upload.read("", raw, BATCH, BATCH_UNPACKED)]})
    except Refused as refused:
        return problem(400, ((str(refused), ""), (BATCH_REFUSED, "")))


@blueprint.get("/berichten")
def sent():
    """The own messages since a moment, a page at a time."""
    _count()
    rows, following = sent_messages.sent(g.key, _since(), request.args.get("na") or None)
    return data({"messages": rows, "next": following and f"{PREFIX}berichten?na={following}"})


@blueprint.get("/fouten")
def standing_errors():
    """What is still wrong in the stays that this supplier told of, a page at a time."""
    _count()
    after = request.args.get("na", "")
    if after and request_values.whole_number(after, LAST_FINDING) is None:
        raise Stop(400, NO_PAGE)
    rows, following = sent_messages.standing_errors(g.key, int(after or 0))
    return data({"findings": rows, "next": following and f"{PREFIX}fouten?na={following}"})


@blueprint.get("/status")
def status():
    """What this key may send, within which limits, and until when."""
    _count()
    return data(service_status.of(g.key))


@blueprint.get("/kwalificatie")
def how_far():
    """Which scenarios the supplier of this key has done, and what differs in the others."""
    _count()
    return data(as_dict(g.key.supplier))


@blueprint.get("/openapi.json")
def openapi():
    """The description of these addresses, for everybody."""
    return framed(Response(description(), mimetype=JSON, headers={"Access-Control-Allow-Origin": "*"}))


@blueprint.errorhandler(Stop)
def _stopped(stop):
    return problem(stop.status, stop.texts, **stop.headers)


@blueprint.errorhandler(HTTPException)
def _refused(error):
    return problem(error.code)


def _answered(answer, **headers):
    if answer.status == 403:
        headers["WWW-Authenticate"] = f'{CHALLENGE}, error="insufficient_scope"'
    return told(answer.status, answer.report, **headers)


def _one_of_many(found):
    """{name, status, report} of one message of a batch, as delivering it alone would answer; what fails, fails by itself."""
    if found.problem:
        return _without_report(found, 400, found.problem)
    try:
        answer = deliver(Delivery(g.key.hospital, g.key.supplier), found.content)
    except OperationalError:
        return _without_report(found, 503, " ".join(TEXTS[503][0]))
    except Exception:
        log.exception("a message of a batch could not be delivered")
        return _without_report(found, 500, " ".join(TEXTS[500][0]))
    return {"name": found.name, "status": answer.status, "problem": None, "report": answer.report}


def _without_report(found, status, problem):
    return {"name": found.name, "status": status, "problem": problem, "report": None}


def _since():
    """The moment in `sinds` in UTC, without a zone that of the Netherlands; None when it is not asked.

    Raises Stop for what is no moment.
    """
    said = request.args.get("sinds", "").replace(" ", "+")  # a '+' of the zone that was not encoded
    if not said:
        return None
    try:
        moment = datetime.fromisoformat(said)
        there = moment if moment.tzinfo else moment.replace(tzinfo=settings.timezone)
        return there.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise Stop(400, NO_MOMENT) from None


def _count(weight=1):
    """Count the request against the key's minute. Raises Stop."""
    if wait := g.key.take(weight=weight):
        raise Stop(429, **{"Retry-After": str(wait)})


def _body(types=TYPES, most=SIZE, weight=1, texts=TEXTS):
    """The bytes of the message, counted against the key's minute. Raises Stop."""
    _count(weight)
    charset = request.mimetype_params.get("charset", "").lower()
    if request.mimetype not in types or charset not in CHARSETS or request.headers.get("Content-Encoding"):
        raise Stop(415, texts[415])
    raw = _read(most)
    if raw is None:
        raise Stop(413, texts[413])
    return raw


def _read(most):
    """Everything that is sent; None when it is too large. The gate before the application waits for it, not this thread."""
    try:
        raw = request.stream.read(most + 1)
        if len(raw) > most:
            _hear_out()
            return None
    except (ClientDisconnected, OSError):
        raise Stop(408) from None
    if len(raw) < (request.content_length or 0):
        raise Stop(408)
    return raw


def _hear_out():
    """Read the rest and throw it away: many clients send everything before they read the answer, and would see a reset.

    Not for ever: after HEARD_OUT bytes the answer comes all the same.
    """
    left = HEARD_OUT
    try:
        while left > 0 and (piece := request.stream.read(min(left, PIECE))):
            left -= len(piece)
    except (ClientDisconnected, OSError):
        return
