"""What machines ask: is the process alive (/healthz), can it do its work (/readyz), how is the installation (/status)?"""

import hmac

from flask import Flask, Response, abort, request

from models.base import reachable
from models.mail.outgoing_hold import OutgoingHold
from models.operations import clock_guard, schema
from models.operations.backup_run import BackupRun
from models.operations.health import status_formats, system_status
from settings import VERSION, settings


def install(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", _alive)
    app.add_url_rule("/readyz", "readyz", _ready)
    app.add_url_rule("/status", "status", _status)


def _alive():
    """Asks nobody: a database that is away is no reason to start the process anew."""
    return {"status": "ok", "version": VERSION}


def _ready():
    """503 takes this process out of service: its database is away, or lacks steps of this version.

    One that went on to a newer version only got more (test_additive_schema.py): this process serves until it is replaced.
    """
    if not reachable():
        return {"database": "unreachable"}, 503
    if schema.pending():
        return {"database": "older version", "version": VERSION}, 503
    # What follows is no reason for that: the pages go on.
    told = {"database": "newer version"} if schema.unknown() else {}
    if clock_guard.doubt():
        told["clock"] = "doubtful"
    if OutgoingHold.standing():
        told["outgoing"] = "held"
    if "X-Forwarded-For" in request.headers and not settings.proxy_hops:
        told["proxy"] = "not trusted"  # everybody has the address of the proxy, until PROXY_HOPS says otherwise
    return {"database": "ok", "version": VERSION} | told | BackupRun.state()


def _status():
    """What a monitor reads each minute, for who has the key: JSON, or the text of Prometheus when it asks for text."""
    if not settings.status_key:
        abort(404)
    given = request.authorization.token if request.authorization and request.authorization.type == "bearer" else None
    if not hmac.compare_digest((given or "").encode(), settings.status_key.encode()):
        return Response("", 401, {"WWW-Authenticate": 'Bearer realm="status"'})
    found = system_status.readings()
    if "text/plain" in request.headers.get("Accept", ""):
        return Response(status_formats.as_prometheus(found), content_type="text/plain; version=0.0.4; charset=utf-8")
    return status_formats.as_json(found)
