"""`/lnr/v1/`: where record systems deliver. A key instead of a person: no session, no cookie, no form key."""

from flask import Blueprint, g, request
from werkzeug.exceptions import ClientDisconnected, HTTPException

from admin_views.lnr.api.api_answer import CHALLENGE, PREFIX, problem, told
from models.lnr.intake.deliver import deliver
from models.lnr.intake.delivery import Delivery
from models.lnr.intake.dry_run import rehearse
from models.lnr.message.xml_tree import SIZE
from models.lnr.registry.message import Message
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.qualification import as_dict
from models.lnr.suppliers.supplier import SupplierStatus

HEARD_OUT, PIECE = 20_000_000, 64_000  # bytes of a refused body that are read
TYPES = ("application/xml", "text/xml")
CHARSETS = ("", "utf-8", "utf8")

blueprint = Blueprint("lnr_api", __name__, url_prefix=PREFIX.rstrip("/"))


class Stop(Exception):
    """The request ends here, with this answer."""

    def __init__(self, status, **headers):
        super().__init__(status)
        self.status, self.headers = status, headers


def install(app):
    """Let `app` take deliveries. After the form keys, which these requests do not carry."""
    app.extensions["csrf"].exempt(blueprint)
    app.register_blueprint(blueprint)


@blueprint.before_request
def _by_whom():
    """Before anything of the body is read: the key, and whether its supplier may send at all."""
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
    message = Message.asked_for(g.key, name)
    return told(message.status, message.report) if message else problem(404)


@blueprint.post("/controle")
def look():
    """What delivering the message would answer; nothing is kept."""
    return _answered(rehearse(g.key.hospital, g.key.supplier, _body()))


@blueprint.get("/kwalificatie")
def how_far():
    """Which scenarios the supplier of this key has done, and what differs in the others."""
    return as_dict(g.key.supplier)


@blueprint.errorhandler(Stop)
def _stopped(stop):
    return problem(stop.status, **stop.headers)


@blueprint.errorhandler(HTTPException)
def _refused(error):
    return problem(error.code)


def _answered(answer, **headers):
    if answer.status == 403:
        headers["WWW-Authenticate"] = f'{CHALLENGE}, error="insufficient_scope"'
    return told(answer.status, answer.report, **headers)


def _body():
    """The bytes of the message, counted against the key's minute. Raises Stop."""
    if wait := g.key.take():
        raise Stop(429, **{"Retry-After": str(wait)})
    charset = request.mimetype_params.get("charset", "").lower()
    if request.mimetype not in TYPES or charset not in CHARSETS or request.headers.get("Content-Encoding"):
        raise Stop(415)
    raw = _read()
    if raw is None:
        raise Stop(413)
    return raw


def _read():
    """Everything that is sent; None when it is too large. The gate before the application waits for it, not this thread."""
    try:
        raw = request.stream.read(SIZE + 1)
        if len(raw) > SIZE:
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
