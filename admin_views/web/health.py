"""What a load balancer and a monitor ask: is the process alive (/healthz), and can it do its work (/readyz)?"""

from flask import Flask, request

from models.base import reachable
from models.mail.outgoing_hold import OutgoingHold
from models.operations import clock_guard, schema
from models.operations.backup_run import BackupRun
from settings import VERSION, settings


def install(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", _alive)
    app.add_url_rule("/readyz", "readyz", _ready)


def _alive():
    """Asks nobody: a database that is away is no reason to start the process anew."""
    return {"status": "ok", "version": VERSION}


def _ready():
    """503 takes this process out of service: its database is away, or is not of this version."""
    if not reachable():
        return {"database": "unreachable"}, 503
    if schema.unknown() or schema.pending():
        return {"database": "other version", "version": VERSION}, 503
    # What follows is no reason for that: the pages go on.
    told = {"clock": "doubtful"} if clock_guard.doubt() else {}
    if OutgoingHold.standing():
        told["outgoing"] = "held"
    if "X-Forwarded-For" in request.headers and not settings.proxy_hops:
        told["proxy"] = "not trusted"  # everybody has the address of the proxy, until PROXY_HOPS says otherwise
    return {"database": "ok", "version": VERSION} | told | BackupRun.state()
