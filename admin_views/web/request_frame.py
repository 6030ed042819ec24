"""What surrounds every request: its connection, its headers, what every page knows."""

import re
import secrets
import time
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Response, current_app, g, request
from flask_security import current_user
from flask_wtf.csrf import generate_csrf

from models import access
from models.accounts.contact_point import ContactPoint
from models.audit import audit_event
from models.audit.monthly_review import AuditReview
from models.base import db
from models.committee.rules import committee_settings
from models.mail import mail_schedule
from models.mail.outgoing_hold import OutgoingHold
from models.operations.health import log_lines
from settings import settings

YEAR = 365 * 24 * 3600

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Not stricter: over https Flask-WTF wants to see where a form came from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}

NUMBER = re.compile(r"[A-Za-z0-9_-]{8,64}")  # of a request
CALM = ("healthz", "readyz")  # answer also when the database does not

ROBOTS = "User-agent: *\nDisallow: /\n"

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def install(app):
    """Hang the frame around `app`. Call it before anything else that looks at requests."""
    app.before_request(_number)
    app.before_request(_serve_static)
    app.before_request(_open)
    app.teardown_request(_close)
    app.after_request(_tell)  # the last of all: they are asked from the last to the first
    app.after_request(_headers)
    app.url_defaults(_version)
    app.context_processor(_context)
    # A page may outlive the session that its forms carry the key of: a script asks for that of the session of now.
    app.add_url_rule("/sleutel", "form_key", lambda: {"key": generate_csrf()})
    app.add_url_rule("/robots.txt", "robots", lambda: Response(ROBOTS, mimetype="text/plain"))
    # Where browsers look without a page: they draw an SVG by its type, whatever the name says.
    app.add_url_rule("/favicon.ico", "favicon", lambda: current_app.send_static_file("web/favicon.svg"))


def nonce():
    """The word that lets this answer's own scripts and styles pass its content policy."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def _is_static():
    return bool(request.endpoint) and (request.endpoint == "static" or request.endpoint.endswith(".static"))


def _serve_static():
    # Answered here, before anybody looks up who is asking: a stylesheet costs no query.
    if _is_static():
        return current_app.view_functions[request.endpoint](**request.view_args)


def _number():
    """Give the request its number: that of the proxy, or a new one."""
    g.began = time.perf_counter()
    given = request.headers.get("X-Request-ID", "") if settings.proxy_hops else ""
    log_lines.request_id.set(given if NUMBER.fullmatch(given) else secrets.token_hex(8))


def _tell(response):
    """One line about the request in the log: its route, never its address, which may hold a key or a name."""
    response.headers["X-Request-ID"] = log_lines.request_id.get()
    if request.endpoint not in CALM:
        route = request.url_rule.rule if request.url_rule else None
        ms = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
        facts = {"method": request.method, "route": route, "status": response.status_code, "ms": ms}
        log_lines.requests.info("request", extra={"facts": facts})
    return response


def _open():
    audit_event.origin.set(request.remote_addr or "")
    mail_schedule.known.set([])
    committee_settings.known.set({})
    if request.endpoint not in CALM:
        db.connect(reuse_if_open=True)


def _close(error):
    mail_schedule.known.set(None)
    committee_settings.known.set(None)
    if not db.is_closed():
        db.close()


def _headers(response):
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # A screen that shows a file inside another page sets its own, narrower policy.
    policy = response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY.format(nonce=nonce()))
    response.headers.setdefault("X-Frame-Options", "SAMEORIGIN" if "frame-ancestors 'self'" in policy else "DENY")
    if settings.https:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={2 * YEAR}; includeSubDomains")
    if request.endpoint == "security.logout":
        # Not the cookies: the next log-in may rely on this being a known device.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    if not _is_static():
        response.headers["Cache-Control"] = "no-store"
    elif "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def _version(endpoint, values):
    # The address of a file changes with its content, so that browsers may keep it for good.
    if endpoint == "static" and "filename" in values:
        path = Path(current_app.static_folder) / values["filename"]
        if path.is_file():
            values.setdefault("v", _digest(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=256)
def _digest(path, changed):
    return sha256(path.read_bytes()).hexdigest()[:10]


def _context():
    return {
        "admin_view": current_app.extensions["admin"][0].index_view,
        "csp_nonce": nonce,
        "demo": settings.demo,
        "second_factor_required": settings.second_factor == "required",
        "trail_due": _trail_due,
        "release_due": _release_due,
        "user_caption": caption(current_user),
        "contact": lambda: ContactPoint.for_person(current_user),
        "portal_name": access.portal_name(current_user.role_names if current_user.is_authenticated else ()),
    }


def caption(user):
    """'NethOSS-melder · Ziekenhuis Oost': in what capacity this person is here; empty for a visitor."""
    if not user.is_authenticated:
        return ""
    return " · ".join(filter(None, [", ".join(user.role_labels), user.hospital and user.hospital.name]))


def _trail_due():
    """The month whose trail nobody has read yet, for who has to; else None."""
    return AuditReview.due() if access.may(current_user, "manage") else None


def _release_due():
    """The restore after which nothing leaves yet, for who can release it; else None."""
    return OutgoingHold.standing() if access.may(current_user, "manage") else None
